public import Runs
internal import SearchSpaces

/// A receiver of webhooks: one of the daemon, which gets every run's events, and at most one of each run.
public struct WebhookEndpoint: Sendable, Hashable {
    /// Whether messages go out.
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// They do.
        case active
        /// The receiver answered 410; messages wait until a replay.
        case disabled
    }

    /// The id of the daemon's own endpoint.
    public static let daemonID = "daemon"

    /// `daemon`, or the id of the run that brought it.
    public let id: String
    /// The run that brought it; nil for the daemon's.
    public let run: RunID?
    /// The address that is posted to.
    public let url: String
    /// The name of the secret that signs.
    public let secret: String
    /// Event types or patterns such as `run.*`.
    public let events: [String]
    /// Whether messages go out.
    public let state: State
    /// No attempt before this moment.
    public let holdUntil: Timestamp
    /// How long that was when it began; nil where an earlier version did not note it.
    public let holdMilliseconds: Int64?
    /// Messages delivered so far.
    public let delivered: Int
    /// The outcome of the last attempt; nil before the first.
    public let lastOutcome: String?
    /// When the last attempt was.
    public let lastAttempt: Timestamp?

    /// Whether an event of a type is announced to it.
    public func wants(_ type: EventType) -> Bool {
        events.contains {
            $0 == "*" || $0 == type.rawValue || ($0.hasSuffix(".*") && type.rawValue.hasPrefix($0.dropLast()))
        }
    }
}

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

/// A message of the outbox: an event on its way to one endpoint.
public struct WebhookMessage: Sendable, Hashable {
    /// The same over all attempts.
    public let id: String
    /// The endpoint.
    public let endpoint: WebhookEndpoint
    /// The run that the event tells of; nil for events of the daemon.
    public let run: RunID?
    /// The event's number within its run.
    public let sequence: Int
    /// The event's type.
    public let type: EventType
    /// The exact bytes that are signed and sent.
    public let body: String
    /// Attempts made so far.
    public let attempts: Int
    /// When the event happened.
    public let created: Timestamp
    /// When the next attempt is due.
    public let nextAttempt: Timestamp
    /// How long the next attempt waits from the end of the last one; nil where an earlier version did not note it.
    public let waitMilliseconds: Int64?
}

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

/// A message of the outbox as lists show it.
public struct QueuedMessage: Sendable, Hashable {
    /// Its place in the outbox.
    public let position: Int
    /// The same over all attempts.
    public let id: String
    /// The run that the event tells of; nil for events of the daemon.
    public let run: String?
    /// The event's number within its run.
    public let sequence: Int
    /// The event's type.
    public let type: String
    /// When the event happened.
    public let created: Timestamp
    /// Attempts made so far.
    public let attempts: Int
    /// When the next attempt is due; nil once it was given up.
    public let nextAttempt: Timestamp?
    /// The outcome of the last attempt; nil before the first.
    public let lastOutcome: String?
}
