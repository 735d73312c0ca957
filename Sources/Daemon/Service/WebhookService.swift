internal import ServiceLifecycle

/// Delivers webhooks until the daemon stops; what is in flight then is tried again after the next start.
struct WebhookService: Service {
    let core: DaemonCore

    func run() async throws {
        try core.webhooks.start()
        try? await gracefulShutdown()
        try await core.blocking { [core] in core.webhooks.stop() }
    }
}
