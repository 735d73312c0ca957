/// An endpoint with the counts of its messages.
public struct WebhookStatus: Sendable, Hashable {
    /// The endpoint.
    public let endpoint: WebhookEndpoint
    /// Messages waiting.
    public let pending: Int
    /// Messages given up.
    public let dead: Int
    /// When the next attempt is due; nil when nothing waits or the endpoint is disabled.
    public let nextAttempt: Timestamp?
}
