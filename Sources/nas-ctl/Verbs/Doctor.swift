internal import API
internal import ArgumentParser
internal import Foundation

/// `nas-ctl doctor`: what is wrong with the daemon and its machine.
struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell what is wrong with the daemon and its machine, and what decides its speed.",
        discussion: """
            --test-webhooks sends every receiver of events a test message, waits for the answer, and tells it.

            Example: nas-ctl doctor --filter level=warning
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var list: ListOptions
    @Flag(help: "Send every receiver of events a test message, and tell how that went.")
    var testWebhooks = false

    func run() throws {
        try global.run { session in
            let document = try session.client.doctor()
            var checks = document.checks
            if testWebhooks {
                let found = try session.client.webhooks().webhooks
                if found.isEmpty {
                    checks.append(.init(name: "webhook test", level: "info", text: "there is no receiver of events"))
                }
                for endpoint in found { checks.append(try WebhookTrial(endpoint, session.client).check) }
            }
            try DoctorDocument.Check.listing.write(checks, to: session, options: list) {
                DoctorDocument(version: document.version, checks: $0)
            }
        }
    }
}

/// One test message to a receiver, and what became of it.
private struct WebhookTrial {
    let check: DoctorDocument.Check

    /// An attempt takes 20 s at most.
    private static let patience = Duration.seconds(25)

    init(_ endpoint: WebhookList.Endpoint, _ client: APIClient) throws {
        func told(_ isGood: Bool, _ text: String) -> DoctorDocument.Check {
            .init(name: "webhook test \(endpoint.id)", level: isGood ? "ok" : "warning", text: text)
        }
        guard endpoint.state == "active" else {
            check = told(false, "\(endpoint.url) is \(endpoint.state): it answered 410; hand it in anew")
            return
        }
        try client.testWebhook(endpoint.id)
        let end = ContinuousClock.now + Self.patience
        var now = endpoint
        // An attempt may come in the second of the one before it.
        func isTried() -> Bool { now.lastAttempt != endpoint.lastAttempt || now.delivered > endpoint.delivered }
        repeat {
            Thread.sleep(forTimeInterval: 0.1)
            now = try client.webhooks().webhooks.first { $0.id == endpoint.id } ?? now
        } while !isTried() && ContinuousClock.now < end
        guard isTried() else {
            check = told(
                false,
                "\(endpoint.url): no attempt was made within \(Self.patience.components.seconds) s; \(now.pending) messages wait"
            )
            return
        }
        let isDelivered = now.delivered > endpoint.delivered
        check = told(
            isDelivered,
            "\(endpoint.url) answered \(now.lastOutcome ?? "nothing")"
                + (isDelivered ? "" : "; look at the receiver, its secret and webhook.allow"))
    }
}
