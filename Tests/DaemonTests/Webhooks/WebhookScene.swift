import Foundation
import TestSupport

@testable import Daemon
@testable import Store

/// A store in a temporary folder, a secret, a clock that is set by hand, and a dispatcher without threads.
final class WebhookScene {
    static let secretText = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    static let secretBytes = Data(base64Encoded: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")!

    let path = NSTemporaryDirectory() + "nasd-webhooks-" + UUID().uuidString
    let clock = ManualClock()
    let log = LogLines()
    let store: RunStore
    var settings: DeliverySettings
    private var generator = SeededGenerator(.random(in: 0 ... .max))

    init() throws {
        store = try RunStore(DataDirectory(owning: path + "/data"))
        let secrets = path + "/secrets"
        try FileManager.default.createDirectory(atPath: secrets, withIntermediateDirectories: true)
        settings = DeliverySettings(
            policy: try AddressPolicy(allow: ["127.0.0.1"]), secrets: WebhookSecrets(directory: secrets),
            userAgent: "nasd/test")
        settings.attemptMilliseconds = 5_000
        try setSecret(Self.secretText + "\n")
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func setSecret(_ text: String, named name: String = "key", mode: mode_t = 0o600) throws {
        let file = path + "/secrets/" + name
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        chmod(file, mode)
    }

    /// Sets the daemon's endpoint, which gets all events.
    func setEndpoint(_ url: String, secret: String = "key") throws {
        try store.setDaemonEndpoint(WebhookEndpointDraft(url: url, secret: secret, events: ["*"]))
    }

    func makeRun(webhook: String? = nil) throws -> RunID {
        try store.createRun(
            RunDraft(name: "r", seed: 1, runYAML: "run", spaceYAML: "space"),
            webhook: webhook.map { WebhookEndpointDraft(url: $0, secret: "key", events: ["*"]) },
            time: clock.now, using: &generator
        ).id
    }

    func dispatcher() -> WebhookDispatcher {
        WebhookDispatcher(store: store, settings: settings, logger: log.logger) { [clock] in clock.now }
    }

    func endpoint(_ id: String = WebhookEndpoint.daemonID) throws -> WebhookStatus? {
        try store.webhooks().first { $0.endpoint.id == id }
    }

    /// Whether a request bears the scene's signature and the time of the attempt.
    static func isSigned(_ request: LoopbackRequest, with key: Data = secretBytes) -> Bool {
        request.isSigned(with: key)
    }
}
