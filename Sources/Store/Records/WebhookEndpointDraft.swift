/// Where events shall be announced.
public struct WebhookEndpointDraft: Sendable, Hashable {
    /// The address that is posted to.
    public var url: String
    /// The name of the secret that signs.
    public var secret: String
    /// Event types or patterns such as `run.*`.
    public var events: [String]

    /// Creates a draft.
    public init(url: String, secret: String, events: [String]) {
        self.url = url
        self.secret = secret
        self.events = events
    }
}
