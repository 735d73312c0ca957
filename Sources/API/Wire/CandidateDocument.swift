/// `GET /v1/runs/{id}/best`.
public struct CandidateDocument: Codable, Sendable, Hashable {
    /// `nasd/v1`.
    public var apiVersion = WireFormat.apiVersion
    /// `Candidate`.
    public var kind = "Candidate"
    /// The run's id.
    public var run: String
    /// The candidate.
    public var candidate: CandidateItem

    /// Creates a document.
    public init(run: String, candidate: CandidateItem) {
        self.run = run
        self.candidate = candidate
    }
}
