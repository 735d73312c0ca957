import Runs
import SearchSpaces
import Tensors

/// NSGA-II: a population that approaches the whole Pareto front.
///
/// Parents win tournaments by constraint domination, then by larger crowding distance in their own front of the
/// population, then by the earlier ask. Children come from uniform crossover and reset mutation. Survivors are
/// chosen by front, then crowding, then the earlier ask.
///
/// Source: Deb, Pratap, Agarwal and Meyarivan, "A fast and elitist multiobjective genetic algorithm: NSGA-II" (2002).
/// The tournament compares by domination instead of rank, as pymoo does.
struct NSGA2: SearchStrategy {
    private let variation: Variation

    init(_ settings: NSGA2Settings, in space: any GenomeSpace) {
        variation = Variation(space: space, settings: settings.variation)
    }

    func candidates(
        after state: SearchState, memory: inout NoMemory, using generator: inout CounterGenerator
    ) -> CandidateSource {
        let order = CrowdedOrder(state.population.map(\.fitness))
        return variation.children(of: state.population, isBetter: order.beats)
    }

    func survivors(of candidates: [SearchMember], count: Int, memory: inout NoMemory) -> [Int] {
        Survival.byFrontAndCrowding(candidates.map(\.fitness), count: count)
    }

    func deciding(among candidates: [SearchMember], count: Int, after state: SearchState, memory: NoMemory) -> Set<Int>?
    {
        Survival.deciding(candidates.map(\.fitness), count: count)
    }
}
