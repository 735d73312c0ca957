public import SearchSpaces

/// Uniform draws over option indices, in canonical form and without repetition: the baseline of every search.
///
/// Source: Li and Talwalkar, "Random search and reproducibility for neural architecture search" (2019).
public struct RandomSearch: SearchAlgorithm {
    private var round: SearchRound

    /// Everything the next question depends on.
    public var state: SearchState { round.state }

    /// Starts a round.
    public init(space: some GenomeSpace, parameters: SearchParameters, start: SearchStart = SearchStart()) {
        round = SearchRound(kind: .random, space: space, parameters: parameters, start: start)
    }

    /// Continues the round of a saved state.
    public init(space: some GenomeSpace, state: SearchState) throws(SearchError) {
        round = try SearchRound(kind: .random, space: space, state: state)
    }

    /// The next batch; see ``SearchAlgorithm/ask()``.
    public mutating func ask() -> [Proposal] {
        round.ask { _ in nil }
    }

    /// Takes the results; the population keeps the best by front and crowding, and steers nothing.
    public mutating func tell(_ results: [(genome: Genome, fitness: Fitness)]) throws(SearchError) {
        try round.tell(results, survive: Survival.byFrontAndCrowding)
    }
}
