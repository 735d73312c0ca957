/// One round of a search.
public struct SearchRound: Sendable, Hashable {
    /// Whether a round goes on.
    public enum State: String, Sendable, Hashable, CaseIterable, Codable {
        /// Candidates are still asked for.
        case running
        /// Over; the row never changes again.
        case completed
    }

    /// Its number.
    public var round: Int
    /// The training step of its weights.
    public var weightsStep: Int
    /// Whether it goes on.
    public var state: State
    /// The state of the search algorithm, as JSON.
    public var searchState: String
    /// Evaluations so far.
    public var evaluations: Int
    /// The hypervolume, when known.
    public var hypervolume: Double?

    /// Creates a round.
    public init(
        round: Int, weightsStep: Int, state: State, searchState: String, evaluations: Int, hypervolume: Double? = nil
    ) {
        self.round = round
        self.weightsStep = weightsStep
        self.state = state
        self.searchState = searchState
        self.evaluations = evaluations
        self.hypervolume = hypervolume
    }
}
