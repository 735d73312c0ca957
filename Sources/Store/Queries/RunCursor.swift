/// A place in the list of runs, newest first; it stays valid when the run that it was taken from is deleted.
public struct RunCursor: Sendable, Hashable {
    let created: Timestamp
    let id: String

    /// The place of a run.
    public init(_ run: RunRow) {
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

/// A place in the list of what goes on: live and paused runs, the oldest first, and then the last that ended.
public enum StatusCursor: Sendable, Hashable {
    /// After a live or paused run.
    case live(RunCursor)
    /// After so many of those that ended last.
    case ended(Int)

    private static let endedPrefix = "ended-"

    /// The place of a live or paused run.
    init(_ run: RunRow) { self = .live(RunCursor(run)) }

    /// Reads a place that was written as text; nil when it is none.
    public init?(_ text: String) {
        if text.hasPrefix(Self.endedPrefix) {
            guard let count = Int(text.dropFirst(Self.endedPrefix.count)), (0...1_000_000).contains(count) else {
                return nil
            }
            self = .ended(count)
        } else {
            guard let cursor = RunCursor(text) else { return nil }
            self = .live(cursor)
        }
    }

    /// The place as text.
    public var text: String {
        switch self {
        case .live(let cursor): cursor.text
        case .ended(let count): Self.endedPrefix + "\(count)"
        }
    }
}
