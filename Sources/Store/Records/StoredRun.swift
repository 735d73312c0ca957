/// A run as the store knows it.
public struct StoredRun: Sendable, Hashable {
    /// Its identity.
    public let id: RunID
    /// What was handed in.
    public let draft: RunDraft
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

    /// The name of the draft.
    public var name: String { draft.name }
}
