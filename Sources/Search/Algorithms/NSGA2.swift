public import SearchSpaces

/// NSGA-II: a population that approaches the whole Pareto front.
///
/// Parents win tournaments by constraint domination, then by larger crowding distance in their own front of the
/// population, then by the earlier ask. Children come from uniform crossover and reset mutation. Survivors are
/// chosen by front, then crowding, then the earlier ask.
///
/// Source: Deb, Pratap, Agarwal and Meyarivan, "A fast and elitist multiobjective genetic algorithm: NSGA-II" (2002).
/// The tournament compares by domination instead of rank, as pymoo does.
public struct NSGA2: SearchAlgorithm {
    private var round: SearchRound
    private let variation: Variation

    /// Everything the next question depends on.
    public var state: SearchState { round.state }

    /// Starts a round.
    public init(space: some GenomeSpace, parameters: SearchParameters, start: SearchStart = SearchStart()) {
        round = SearchRound(kind: .nsga2, space: space, parameters: parameters, start: start)
        variation = Variation(space: space, parameters: parameters)
    }

    /// Continues the round of a saved state.
    public init(space: some GenomeSpace, state: SearchState) throws(SearchError) {
        round = try SearchRound(kind: .nsga2, space: space, state: state)
        variation = Variation(space: space, parameters: state.parameters)
    }

    /// The next batch; see ``SearchAlgorithm/ask()``.
    public mutating func ask() -> [Proposal] {
        let population = state.population
        let fitness = population.map(\.fitness)
        var crowding = [Double](repeating: 0, count: fitness.count)
        for front in NonDominatedSorting.fronts(of: fitness) {
            let distances = CrowdingDistance.distances(of: front.map { fitness[$0].objectives })
            for (index, distance) in zip(front, distances) { crowding[index] = distance }
        }
        let tournament = Tournament(size: state.parameters.tournament)
        let variation = variation
        let room = crowding
        return round.ask { generator in
            guard !population.isEmpty else { return nil }
            let parents = (0..<2).map { _ in
                tournament.winner(of: population.count, using: &generator) { first, second in
                    if fitness[first].dominates(fitness[second]) { return true }
                    return !fitness[second].dominates(fitness[first]) && room[first] > room[second]
                }
            }
            return variation.child(
                of: population[parents[0]].genome, and: population[parents[1]].genome, using: &generator)
        }
    }

    /// Takes the results; the best fronts survive, the last one thinned by crowding.
    public mutating func tell(_ results: [(genome: Genome, fitness: Fitness)]) throws(SearchError) {
        try round.tell(results, survive: Survival.byFrontAndCrowding)
    }
}
