internal import Daemon
internal import Foundation
internal import Logging
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
                directory: secrets ?? ProcessInfo.processInfo.environment["NASD_WEBHOOK_SECRET_DIRECTORY"]),
            userAgent: "nasd/\(ProductVersion.text)")
        try settings.check(url: webhook.url, secret: webhook.secret)
    }

    /// Begins to deliver.
    func start(_ store: RunStore) {
        // A peer that goes away ends an attempt, not the program.
        signal(SIGPIPE, SIG_IGN)
        let dispatcher = WebhookDispatcher(
            store: store, settings: settings,
            logger: Logger(label: "nasd.webhooks", factory: { _ in SwiftLogNoOpLogHandler() }),
            now: { Timestamp(Date()) })
        store.observe { dispatcher.wake() }
        dispatcher.start()
        self.dispatcher.withLock { $0 = dispatcher }
    }

    /// Delivers what is due and ends, before the store is closed.
    func finish(_ store: RunStore) {
        store.observe(nil)
        dispatcher.withLock { $0 }?.finish(withinMilliseconds: Self.patienceMilliseconds)
    }
}
