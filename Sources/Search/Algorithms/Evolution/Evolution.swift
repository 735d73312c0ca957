import Runs
import SearchSpaces
import Tensors

/// An elitist evolution of a single number: the first objective under constraint domination.
///
/// Further objectives are recorded in the fitness and steer nothing. Each generation makes as many children as the
/// population has members (tournament, uniform crossover, reset mutation), and the best of parents and children
/// survive. Ties go to the earlier asked one.
///
/// Source: (mu + lambda) selection, Beyer and Schwefel, "Evolution strategies" (2002); for architectures, Guo et al.,
/// "Single path one-shot neural architecture search" (2020), section 3.4.
struct Evolution: SearchStrategy {
    private let variation: Variation

    init(_ settings: EvolutionSettings, in space: any GenomeSpace) {
        variation = Variation(space: space, settings: settings.variation)
    }

    func candidates(
        after state: SearchState, memory: inout NoMemory, using generator: inout CounterGenerator
    ) -> CandidateSource {
        let fitness = state.population.map(\.fitness.scalar)
        return variation.children(of: state.population) { fitness[$0].dominates(fitness[$1]) }
    }

    func survivors(of candidates: [SearchMember], count: Int, memory: inout NoMemory) -> [Int] {
        Survival.byFirstObjective(candidates.map(\.fitness), count: count)
    }
}
