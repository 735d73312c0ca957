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
