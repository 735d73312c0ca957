public import Runs
internal import SearchSpaces

/// Where events shall be announced.
public struct WebhookEndpointDraft: Sendable, Hashable {
    /// The address that is posted to.
    public var url: String
    /// The name of the secret that signs.
    public var secret: String
    /// Event types or patterns such as `run.*`.
    public var events: [String]

    /// What a run file says.
    public init(_ settings: WebhookSettings) {
        self.init(url: settings.url, secret: settings.secret, events: settings.events)
    }

    /// Creates a draft.
    public init(url: String, secret: String, events: [String]) {
        self.url = url
        self.secret = secret
        self.events = events
    }
}
