/// `GET /v1/runs/{id}/points`: candidates of a round as points of a picture, an even part of them and the whole front.
public struct CandidatePoints: Codable, Sendable, Hashable {
    /// One value of every candidate.
    public struct Column: Codable, Sendable, Hashable {
        /// Its name, such as `multiplyAdds`.
        public var name: String
        /// The values in the order of ``CandidatePoints/candidates``; nil where there is none.
        public var values: [Double?]

        /// Creates a column.
        public init(name: String, values: [Double?] = []) {
            self.name = name
            self.values = values
        }
    }

    /// `nasd/v1`.
    public var apiVersion = WireFormat.apiVersion
    /// `CandidatePoints`.
    public var kind = "CandidatePoints"
    /// The run's id.
    public var run: String
    /// The round; nil before there is one.
    public var round: Int?
    /// The training step of its weights; nil with the round.
    public var weightsStep: Int?
    /// How many candidates these weights have in all.
    public var count: Int
    /// The numbers of those that are shown, in ask order.
    public var candidates: [Int]
    /// The numbers of those of them that no other dominates.
    public var front: [Int]
    /// The numbers of those of them that break a constraint.
    public var infeasible: [Int]
    /// What they are drawn by, in the order that was asked for.
    public var columns: [Column]

    /// Creates a document.
    public init(
        run: String, round: Int? = nil, weightsStep: Int? = nil, count: Int = 0, candidates: [Int] = [],
        front: [Int] = [], infeasible: [Int] = [], columns: [Column] = []
    ) {
        self.run = run
        self.round = round
        self.weightsStep = weightsStep
        self.count = count
        self.candidates = candidates
        self.front = front
        self.infeasible = infeasible
        self.columns = columns
    }
}
