internal import CSystemCalls
internal import Coordinator
internal import Foundation
internal import Logging
internal import NIOPosix
internal import SearchSpaces
internal import Store
internal import Synchronization
internal import Tensors

/// What the services and the routes of one daemon share.
final class DaemonCore: Sendable {
    let configuration: DaemonConfiguration
    let renewable: RenewableSettings
    let store: RunStore
    let scheduler: RunScheduler
    /// Workers that have connected.
    let connections: WorkerConnections
    let fronts: FrontIndex
    let specifications = SpecificationCache()
    let orders = OrderCache(mostBytes: 32 << 20)
    /// Pages of candidates, by path and query.
    let pages: AnswerCache<[UInt8]>
    /// The rows of the status.
    let statuses: AnswerCache<StatusRows>
    let changes = ChangeHub()
    let conditions = Conditions()
    let counters = RequestCounters()
    let deliveries: DeliverySettings
    let webhooks: WebhookDispatcher
    let kernels: Kernels
    let log: Logger
    /// Who started the daemon and wants to know how it is.
    let manager: ServiceManager?
    let started = ContinuousClock.now
    let queue: QueueIndex
    /// How the process ended that had the data directory before.
    let previousEnd: PreviousEnd
    /// Connections that each address takes: what descriptors there are, less those of runs, exports and deliveries.
    let mostConnections: Int

    // Nothing that blocks runs on the cooperative pool: every kind of work has a lane of its own.
    /// What is answered at once.
    let answers = Lane(threads: 4)
    /// Documents that are read and checked.
    let documents = Lane(threads: 2, isPatient: true)
    /// Questions that look at all candidates of a run, and networks that are cut out.
    let searches = Lane(threads: 2, isPatient: true)
    /// Results that are read as a whole.
    let exports = Lane(threads: 2, isPatient: true)

    private static let mostConnectionsOfAnAddress = 512
    private static let reservedDescriptors = 256

    /// Opens the data directory, which locks it.
    init(
        _ configuration: DaemonConfiguration, renewable: RenewableSettings, log: Logger, manager: ServiceManager? = nil
    ) throws {
        self.configuration = configuration
        self.renewable = renewable
        self.log = log
        self.manager = manager
        deliveries = try DeliverySettings(
            policy: AddressPolicy(allow: configuration.webhookAllow),
            secrets: WebhookSecrets(directory: configuration.webhookSecretDirectory),
            userAgent: "nasd/\(ProductVersion.text)")
        if let webhook = configuration.webhook { try deliveries.check(url: webhook.url, secret: webhook.secret) }
        store = try RunStore(DataDirectory(owning: configuration.dataDirectory))
        do {
            kernels = try Kernels()
        } catch {
            try? store.close()
            throw error
        }
        if configuration.workers > kernels.mostWorkers {
            log.warning(
                "\(kernels.mostWorkers) workers, as many as this OpenBLAS serves, in place of \(configuration.workers)")
        }
        let descriptors = nasd_raise_descriptor_limit()
        mostConnections = min(
            Self.mostConnectionsOfAnAddress, max(16, (descriptors - Self.reservedDescriptors) / 2))
        let notes = FaultNotes(directory: configuration.dataDirectory)
        previousEnd = store.wasLeftOpen ? .unclean(faults: notes.read()) : .clean
        if !notes.watch() { log.warning("faults of the process cannot be noted: the data directory takes no file") }
        queue = QueueIndex(store)
        fronts = FrontIndex(store.bulk)
        // Keys count: they are as long as whoever asks likes.
        pages = AnswerCache(store, largestCost: 1 << 22) { $0.utf8.count + $1.count + 256 }
        statuses = AnswerCache(store, largestCost: 4000) { $0.utf8.count / 100 + $1.runs.count + 1 }
        webhooks = WebhookDispatcher(store: store, settings: deliveries, logger: log, now: { Timestamp(Date()) })
        connections = WorkerConnections(configuration.commands)
        scheduler = RunScheduler(
            store: store,
            settings: .init(
                workers: min(configuration.workers, kernels.mostWorkers), concurrentRuns: configuration.concurrentRuns,
                roots: DataRoots(
                    configuration.dataRoots,
                    cache: DataDirectory.cacheDirectory(of: configuration.dataDirectory)),
                memoryLimit: configuration.memoryLimit.bytes, commands: configuration.commands,
                connections: connections),
            kernels: kernels, log: log, pulse: Self.pulse(manager, conditions))
    }

    /// What tells the service manager that the slots live, where it wants to know.
    private static func pulse(_ manager: ServiceManager?, _ conditions: Conditions) -> Pulse? {
        guard let manager, let period = manager.watchdogPeriod else { return nil }
        return Pulse(period: period) { manager.alive(isReady: conditions.isAnnounced) }
    }

    /// Ends the lanes, once whatever still reads for an answer has ended.
    func stopLanes() async {
        for lane in [answers, documents, searches, exports] { await lane.stop() }
    }

    var now: Timestamp { Timestamp(Date()) }

    /// What a cache has for a key, or else makes it on a thread that may block.
    func kept<Value>(
        _ cache: AnswerCache<Value>, _ key: String, on lane: Lane? = nil,
        _ make: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        if let kept = cache.kept(key) { return kept }
        return try await (lane ?? answers).run { try cache.make(key, make) }
    }

    /// Runs what is answered at once, and yet blocks, on a thread that may.
    func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await answers.run(body)
    }
}

/// The place in the queue of every waiting run, read anew only when the queue may have changed.
final class QueueIndex: Sendable {
    private let store: RunStore
    private let state = Mutex<(count: Int, positions: [RunID: Int])>((-1, [:]))

    init(_ store: RunStore) { self.store = store }

    /// The places, from 1.
    func positions() throws -> [RunID: Int] {
        // Counted before reading: a change in between makes the places old at once, never too new.
        let count = store.queueChangeCount
        if let known = state.withLock({ $0.count == count ? $0.positions : nil }) { return known }
        let positions = try store.queuePositions()
        state.withLock { if $0.count < count { $0 = (count, positions) } }
        return positions
    }
}

/// Threads for what blocks, one lane for each kind of work, so that nobody waits for work of another kind: an export of a
/// million candidates keeps no status waiting, and a large document no export.
final class Lane: Sendable {
    private let threads: NIOThreadPool
    private let isPatient: Bool

    /// Starts a lane.
    ///
    /// - Parameter isPatient: Whether its work takes long and gives way to everything else that wants a processor.
    init(threads count: Int, isPatient: Bool = false) {
        threads = NIOThreadPool(numberOfThreads: count)
        self.isPatient = isPatient
        threads.start()
    }

    /// Runs a body on one of the threads.
    func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        let isPatient = isPatient
        return try await threads.runIfActive {
            if isPatient { nasd_give_way() }
            return try body()
        }
    }

    /// Ends the threads once their work is done.
    func stop() async { try? await threads.shutdownGracefully() }
}
