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

/// `GET /v1/webhooks/{id}/messages`: what waits for a receiver or was given up, the oldest first; what was delivered is gone.
public struct WebhookMessageList: Codable, Sendable, Hashable {
    /// An event on its way.
    public struct Message: Codable, Sendable, Hashable {
        /// The `webhook-id` of every attempt.
        public var id: String
        /// The type of the event.
        public var type: String
        /// The run that it tells of; nil for the daemon itself.
        public var run: String?
        /// The number of the event.
        public var seq: Int
        /// When it happened.
        public var created: Date
        /// Attempts so far.
        public var attempts: Int
        /// `pending`, or `dead` once it was given up.
        public var state: String
        /// When the next attempt is due; nil where there will be none before a replay.
        public var nextAttempt: Date?
        /// The outcome of the last attempt, such as `500`; nil before the first.
        public var lastOutcome: String?

        /// Creates a message.
        public init(
            id: String, type: String, run: String?, seq: Int, created: Date, attempts: Int, state: String,
            nextAttempt: Date?, lastOutcome: String?
        ) {
            self.id = id
            self.type = type
            self.run = run
            self.seq = seq
            self.created = created
            self.attempts = attempts
            self.state = state
            self.nextAttempt = nextAttempt
            self.lastOutcome = lastOutcome
        }
    }

    /// `nasd/v1`.
    public var apiVersion = WireFormat.apiVersion
    /// `WebhookMessageList`.
    public var kind = "WebhookMessageList"
    /// The messages.
    public var messages: [Message]
    /// The cursor of the next page; nil on the last.
    public var next: String?

    /// Creates a list.
    public init(messages: [Message], next: String? = nil) {
        self.messages = messages
        self.next = next
    }
}

/// The answer to `POST /v1/webhooks/{id}/replay`.
public struct WebhookReplay: Codable, Sendable, Hashable {
    /// Messages that are sent again.
    public var replayed: Int

    /// Creates an answer.
    public init(replayed: Int) { self.replayed = replayed }
}
