/// A checkpoint file that was written completely.
public struct CheckpointRecord: Sendable, Hashable {
    /// The training step.
    public var step: Int
    /// The file's name in the run's checkpoint folder.
    public var file: String
    /// The digest of its content.
    public var digest: String

    /// Creates a record.
    public init(step: Int, file: String, digest: String) {
        self.step = step
        self.file = file
        self.digest = digest
    }
}
