/// What makes a repeated submission recognisable: the caller's key and a digest of what was handed in.
public struct Submission: Sendable, Hashable {
    /// The caller's key.
    public var key: String
    /// A digest of the document and its options.
    public var digest: String

    /// Creates a submission.
    public init(key: String, digest: String) {
        self.key = key
        self.digest = digest
    }
}
