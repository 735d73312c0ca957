internal import Daemon
internal import Foundation
internal import Logging
internal import Runs
internal import SearchSpaces
internal import Store
internal import Synchronization

/// Announces the events of a run in the foreground to the webhook of its run file.
final class RunAnnouncer: Sendable {
    private let settings: DeliverySettings
    private let dispatcher = Mutex<WebhookDispatcher?>(nil)

    /// How long the end of a run waits for its last messages; what is left then goes out when the run is started again.
    private static let patienceMilliseconds = 10_000

    /// Checks the webhook; nil where there is none.
    ///
    /// - Parameter secrets: The folder of secret files; nil for `NASD_WEBHOOK_SECRET_DIRECTORY`.
    /// - Throws: `WebhookError`.
    init?(_ webhook: WebhookSettings?, secrets: String?) throws(WebhookError) {
        guard let webhook else { return nil }
        settings = DeliverySettings(
            policy: AddressPolicy.publicOnly.permittingLoopback,
            secrets: WebhookSecrets(
                directory: secrets ?? Self.secretDirectory),
            userAgent: "nasd/\(ProductVersion.text)")
        try settings.check(url: webhook.url, secret: webhook.secret)
    }

    /// The folder that the environment names; an empty text names none.
    private static var secretDirectory: String? {
        ProcessInfo.processInfo.environment["NASD_WEBHOOK_SECRET_DIRECTORY"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Begins to deliver.
    ///
    /// - Throws: `ThreadError` when the system starts no thread.
    func start(_ store: RunStore) throws {
        let dispatcher = WebhookDispatcher(
            store: store, settings: settings,
            logger: Logger(label: "nasd.webhooks", factory: { _ in SwiftLogNoOpLogHandler() }),
            now: { Timestamp(Date()) })
        store.observe { dispatcher.wake() }
        try dispatcher.start()
        self.dispatcher.withLock { $0 = dispatcher }
    }

    /// Delivers what is due and ends, before the store is closed.
    func finish(_ store: RunStore) {
        store.observe(nil)
        dispatcher.withLock { $0 }?.finish(withinMilliseconds: Self.patienceMilliseconds)
    }
}
