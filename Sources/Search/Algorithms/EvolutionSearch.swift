public import SearchSpaces

/// An elitist evolution of a single number: the first objective under constraint domination.
///
/// Further objectives are recorded in the fitness and steer nothing. Each generation makes as many children as the
/// population has members (tournament, uniform crossover, reset mutation), and the best of parents and children
/// survive. Ties go to the earlier asked one.
///
/// Source: (mu + lambda) selection, Beyer and Schwefel, "Evolution strategies" (2002); for architectures, Guo et al.,
/// "Single path one-shot neural architecture search" (2020), section 3.4.
public struct EvolutionSearch: SearchAlgorithm {
    private var round: SearchRound
    private let variation: Variation

    /// Everything the next question depends on.
    public var state: SearchState { round.state }

    /// Starts a round.
    public init(space: some GenomeSpace, parameters: SearchParameters, start: SearchStart = SearchStart()) {
        round = SearchRound(kind: .evolution, space: space, parameters: parameters, start: start)
        variation = Variation(space: space, parameters: parameters)
    }

    /// Continues the round of a saved state.
    public init(space: some GenomeSpace, state: SearchState) throws(SearchError) {
        round = try SearchRound(kind: .evolution, space: space, state: state)
        variation = Variation(space: space, parameters: state.parameters)
    }

    /// The next batch; see ``SearchAlgorithm/ask()``.
    public mutating func ask() -> [Proposal] {
        let population = state.population
        let fitness = population.map(\.fitness.scalar)
        let tournament = Tournament(size: state.parameters.tournament)
        let variation = variation
        return round.ask { generator in
            guard !population.isEmpty else { return nil }
            let parents = (0..<2).map { _ in
                tournament.winner(of: population.count, using: &generator) { fitness[$0].dominates(fitness[$1]) }
            }
            return variation.child(
                of: population[parents[0]].genome, and: population[parents[1]].genome, using: &generator)
        }
    }

    /// Takes the results; the best of parents and children survive.
    public mutating func tell(_ results: [(genome: Genome, fitness: Fitness)]) throws(SearchError) {
        try round.tell(results, survive: Survival.byFirstObjective)
    }
}
