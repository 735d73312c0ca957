/// A place in the list of runs, newest first; it stays valid when the run that it was taken from is deleted.
public struct RunCursor: Sendable, Hashable {
    let created: Timestamp
    let id: String

    /// The place of a run.
    public init(_ run: StoredRun) {
        created = run.created
        id = run.id.text
    }

    /// Reads a place that was written as text; nil when it is none.
    public init?(_ text: String) {
        let parts = text.split(separator: "-", maxSplits: 1)
        guard parts.count == 2, let milliseconds = Int64(parts[0]), RunID(String(parts[1])) != nil else { return nil }
        created = Timestamp(milliseconds: milliseconds)
        id = String(parts[1])
    }

    /// The place as text.
    public var text: String { "\(created.milliseconds)-\(id)" }
}
