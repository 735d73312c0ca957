internal import HTTPClient
internal import Store

/// Makes single attempts; one thread uses it.
final class WebhookSender {
    /// What is read of an answer; the rest is left.
    static let answerLimitBytes = 64 << 10

    private let settings: DeliverySettings
    private let client: HTTPClient

    init(_ settings: DeliverySettings) {
        self.settings = settings
        client = HTTPClient(userAgent: settings.userAgent)
    }

    /// Signs a message and posts it; the status of the answer decides, whatever becomes of its body.
    func send(_ message: WebhookMessage, at now: Timestamp, cancellation: HTTPCancellation) -> DeliveryOutcome {
        let seconds = now.milliseconds / 1000
        var answer: HTTPHead?
        do {
            let request = try request(message, timestampSeconds: seconds, cancellation)
            var bytes = 0
            try client.stream(request) {
                answer = $0
                return true
            } body: {
                bytes += $0.count
                return bytes <= Self.answerLimitBytes
            }
        } catch let error as WebhookError {
            return .failed(reason: error.description)
        } catch let error as HTTPClientError {
            if answer == nil { return DeliveryOutcome(error) }
        } catch {
            return .failed(reason: "\(error)")
        }
        guard let answer else { return .failed(reason: "no answer") }
        return .answered(status: answer.status, retryAfterSeconds: answer.retryAfterSeconds(now: seconds))
    }

    private func request(
        _ message: WebhookMessage, timestampSeconds: Int64, _ cancellation: HTTPCancellation
    ) throws -> HTTPRequest {
        let body = Array(message.body.utf8)
        let secrets = try settings.secrets.secrets(named: message.endpoint.secret)
        let address = try HTTPURL(message.endpoint.url)
        let policy = settings.policy
        return HTTPRequest(
            method: "POST", url: message.endpoint.url,
            headers: [
                ("Content-Type", "application/json"), ("webhook-id", message.id),
                ("webhook-timestamp", "\(timestampSeconds)"),
                (
                    "webhook-signature",
                    WebhookSignature.header(
                        id: message.id, timestampSeconds: timestampSeconds, body: body, secrets: secrets)
                ),
            ],
            body: body,
            limits: HTTPLimits(
                connectMilliseconds: settings.attemptMilliseconds, totalMilliseconds: settings.attemptMilliseconds),
            certificateAuthorityFile: settings.certificateAuthorityFile,
            permits: { policy.permits($0, of: address) }, cancellation: cancellation)
    }
}
