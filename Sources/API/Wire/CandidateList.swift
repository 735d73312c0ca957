/// `GET /v1/runs/{id}/candidates` and `…/front`.
public struct CandidateList: Codable, Sendable, Hashable {
    /// `nasd/v1`.
    public var apiVersion = WireFormat.apiVersion
    /// `CandidateList`.
    public var kind = "CandidateList"
    /// The run's id.
    public var run: String
    /// The candidates.
    public var candidates: [CandidateItem]
    /// The cursor of the next page; nil on the last.
    public var next: String?

    /// Creates a list.
    public init(run: String, candidates: [CandidateItem], next: String? = nil) {
        self.run = run
        self.candidates = candidates
        self.next = next
    }
}
