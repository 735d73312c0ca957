internal import Coordinator
internal import Foundation
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle
internal import Store
internal import UnixSignals

/// The daemon: opens its data, serves the API, and computes runs until it is told to stop.
public enum NasdDaemon {
    /// Runs until SIGTERM or SIGINT, and then until every run has a checkpoint.
    ///
    /// Services are told to stop in the reverse of their order: event streams and runs first, then the API, and the store
    /// last of all.
    /// - Throws: `StoreError.locked` when another process owns the directory, ``DaemonError`` or ``ConfigurationError``.
    public static func run(_ configuration: DaemonConfiguration) async throws {
        let log = logger(configuration)
        let token = try configuration.listen.flatMap { _ in
            try configuration.tokenFile.map { try AccessToken(file: $0) }
        }
        try SocketFile.checkFree(configuration.socket)
        _ = try SocketFile.groupNumber(configuration.socketGroup)
        let core = try DaemonCore(configuration, log: log)
        for notice in core.store.notices { log.warning("\(notice)") }
        core.store.observe { [changes = core.changes, webhooks = core.webhooks] in
            changes.send(.change)
            webhooks.wake()
        }
        try core.store.setDaemonEndpoint(configuration.webhook)
        try core.store.appendDaemonEvent(EventDraft(.daemonStarted), time: core.now)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var services: [any Service] = [
            WebhookService(core: core), SchedulerService(core: core), DiskService(core: core), TickService(core: core),
            HTTPService(core: core, group: group, address: nil, token: nil),
        ]
        if let address = configuration.listen {
            services.append(HTTPService(core: core, group: group, address: address, token: token))
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

    private static func logger(_ configuration: DaemonConfiguration) -> Logger {
        Logger(label: "nasd") { _ in
            LineLogHandler(logLevel: configuration.logLevel, format: configuration.logFormat)
        }
    }
}
