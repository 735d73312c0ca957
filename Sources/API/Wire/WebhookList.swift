public import Foundation

/// `GET /v1/webhooks`: where events are announced, and how that goes. Secrets are never shown, only their names.
public struct WebhookList: Codable, Sendable, Hashable {
    /// One receiver.
    public struct Endpoint: Codable, Sendable, Hashable {
        /// `daemon`, or the id of the run that brought it.
        public var id: String
        /// Its address, without user, password and query.
        public var url: String
        /// The name of its secret.
        public var secret: String
        /// Event types or patterns.
        public var events: [String]
        /// `active`, or `disabled` after it answered 410.
        public var state: String
        /// Messages waiting.
        public var pending: Int
        /// Messages given up, which `replay` sends again.
        public var dead: Int
        /// Messages delivered.
        public var delivered: Int
        /// When the next attempt is due; nil when nothing waits.
        public var nextAttempt: Date?
        /// The outcome of the last attempt, such as `200` or `timed out`; nil before the first.
        public var lastOutcome: String?
        /// When that was.
        public var lastAttempt: Date?

        /// Creates an endpoint.
        public init(
            id: String, url: String, secret: String, events: [String], state: String, pending: Int, dead: Int,
            delivered: Int, nextAttempt: Date?, lastOutcome: String?, lastAttempt: Date?
        ) {
            self.id = id
            self.url = url
            self.secret = secret
            self.events = events
            self.state = state
            self.pending = pending
            self.dead = dead
            self.delivered = delivered
            self.nextAttempt = nextAttempt
            self.lastOutcome = lastOutcome
            self.lastAttempt = lastAttempt
        }
    }

    /// `nasd/v1`.
    public var apiVersion = WireFormat.apiVersion
    /// `WebhookList`.
    public var kind = "WebhookList"
    /// The receivers.
    public var webhooks: [Endpoint]

    /// Creates a list.
    public init(webhooks: [Endpoint]) { self.webhooks = webhooks }
}

/// The answer to `POST /v1/webhooks/{id}/replay`.
public struct WebhookReplay: Codable, Sendable, Hashable {
    /// Messages that are sent again.
    public var replayed: Int

    /// Creates an answer.
    public init(replayed: Int) { self.replayed = replayed }
}
