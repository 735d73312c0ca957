public import Runs
internal import SearchSpaces

/// A run as lists show it: everything but its documents.
public struct RunRow: Sendable, Hashable {
    /// Its identity.
    public let id: RunID
    /// Its name; several runs may share one.
    public let name: String
    /// Where it is.
    public let state: RunState
    /// What a user wants of it.
    public let desired: RunIntent
    /// When it was handed in.
    public let created: Timestamp
    /// When its row last changed.
    public let updated: Timestamp
    /// The last training step told.
    public let step: Int
    /// Why it failed, when it did.
    public let failure: String?
    /// Larger is sooner in the queue.
    public let priority: Int
    /// What lists show of its settings; nil where its document cannot be read any more.
    public let summary: RunSummary?
}
