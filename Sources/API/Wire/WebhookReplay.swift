/// The answer to `POST /v1/webhooks/{id}/replay`.
public struct WebhookReplay: Codable, Sendable, Hashable {
    /// Messages that are sent again.
    public var replayed: Int

    /// Creates an answer.
    public init(replayed: Int) { self.replayed = replayed }
}
