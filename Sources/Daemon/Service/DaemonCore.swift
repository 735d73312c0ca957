internal import Coordinator
internal import Foundation
internal import Logging
internal import NIOPosix
internal import SearchSpaces
internal import Store
internal import Tensors

/// What the services and the routes of one daemon share.
final class DaemonCore: Sendable {
    let configuration: DaemonConfiguration
    let store: RunStore
    let scheduler: RunScheduler
    let fronts: FrontIndex
    let specifications = SpecificationCache()
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
    let started = ContinuousClock.now
    /// Threads for everything that blocks: the database and files. Nothing that blocks runs on the cooperative pool.
    let threads = NIOThreadPool(numberOfThreads: 4)

    /// Opens the data directory, which locks it.
    init(_ configuration: DaemonConfiguration, log: Logger) throws {
        self.configuration = configuration
        self.log = log
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
        fronts = FrontIndex(store)
        pages = AnswerCache(store, largestCost: 1 << 22) { $0.count }
        statuses = AnswerCache(store, largestCost: 1) { _ in 1 }
        webhooks = WebhookDispatcher(store: store, settings: deliveries, logger: log, now: { Timestamp(Date()) })
        scheduler = RunScheduler(
            store: store,
            settings: .init(
                workers: configuration.workers, concurrentRuns: configuration.concurrentRuns,
                roots: DataRoots(configuration.dataRoots)), kernels: kernels, log: log)
        threads.start()
    }

    var now: Timestamp { Timestamp(Date()) }

    /// What a cache has for a key, or else makes it on a thread that may block.
    func kept<Value>(
        _ cache: AnswerCache<Value>, _ key: String, _ make: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        if let kept = cache.kept(key) { return kept }
        return try await blocking { try cache.make(key, make) }
    }

    /// Runs what blocks on a thread that may.
    func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await threads.runIfActive(body)
    }
}
