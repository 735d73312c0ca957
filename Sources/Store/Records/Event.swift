/// Something that happened, as it is stored.
public struct Event: Sendable, Hashable {
    /// Its run; nil for events of the daemon.
    public let run: RunID?
    /// The name of the run; nil for events of the daemon.
    public let name: String?
    /// 1… per run, without gaps.
    public let sequence: Int
    /// When.
    public let time: Timestamp
    /// What.
    public let content: EventDraft
}
