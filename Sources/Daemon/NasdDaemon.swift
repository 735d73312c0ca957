internal import Coordinator
internal import Foundation
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle
internal import Store
internal import Tensors
internal import Training
internal import UnixSignals

/// The daemon: opens its data, serves the API, and computes runs until it is told to stop.
public enum NasdDaemon {
    /// Runs until SIGTERM or SIGINT, and then until every run has a checkpoint.
    ///
    /// Services are told to stop in the reverse of their order: event streams and runs first, then the API, and the store
    /// last of all.
    /// - Parameters:
    ///   - manager: Who started the daemon and wants to know how it is.
    ///   - load: Loads the configuration again, when SIGHUP asks for that.
    /// - Throws: `StoreError.locked` when another process owns the directory, ``DaemonError`` or ``ConfigurationError``.
    public static func run(
        _ configuration: DaemonConfiguration, manager: ServiceManager? = nil,
        reloading load: @escaping @Sendable () async throws -> DaemonConfiguration
    ) async throws {
        let logLevel = SharedLogLevel(configuration.logLevel)
        let log = Logger(label: "nasd") { _ in LineLogHandler(logLevel, format: configuration.logFormat) }
        let renewable = try RenewableSettings(configuration, logLevel: logLevel)
        // Told before anything starts: some of what starts threads cannot say that it got none.
        let workers = min(configuration.workers, try Kernels().mostWorkers)
        try SystemThread.check(workers + configuration.concurrentRuns + 24)
        try SocketFile.checkFree(configuration.socket)
        if case .socket(let path)? = configuration.workerListen {
            try SocketFile.checkFree(path, key: "workerListen")
        }
        _ = try SocketFile.groupNumber(configuration.socketGroup)
        let core = try DaemonCore(configuration, renewable: renewable, log: log, manager: manager)
        for notice in core.store.notices { log.warning("\(notice)") }
        core.store.observe { [changes = core.changes, webhooks = core.webhooks] in
            changes.send(.change)
            webhooks.wake()
        }
        try core.store.setDaemonEndpoint(configuration.webhook)
        try core.store.appendDaemonEvent(EventDraft(.daemonStarted), time: core.now)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var services: [any Service] = manager.map { [ManagerService(core: core, manager: $0)] } ?? []
        services.append(WebhookService(core: core))
        // Ends after the runs, which say goodbye to their workers.
        if let address = configuration.workerListen {
            services.append(WorkerService(core: core, group: group, address: address))
        }
        services += [
            SchedulerService(core: core), DiskService(core: core), TickService(core: core),
            SignalService(core: core, load: load), HTTPService(core: core, group: group, address: nil),
        ]
        if let address = configuration.listen {
            services.append(HTTPService(core: core, group: group, address: address))
        }
        services.append(StopService(core: core))
        var settings = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: log.quiet)
        settings.maximumGracefulShutdownDuration = .seconds(28)
        let outcome: Result<Void, any Error>
        do {
            try await ServiceGroup(configuration: settings).run()
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        core.store.observe(nil)
        // Whatever still reads for an answer ends before the store does: a closed database is no longer to be used.
        try? await group.shutdownGracefully()
        await core.stopLanes()
        // A run that did not come to rest still writes: the store is then left to the next start, which is made for it.
        if core.scheduler.isDrained { try core.store.close() }
        unlink(configuration.socket)
        try outcome.get()
        log.info("stopped")
    }
}
