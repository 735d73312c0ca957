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
