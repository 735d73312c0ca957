import Runs
import SearchSpaces
import Tensors

/// An elitist evolution of a single number: the first objective under constraint domination.
///
/// Further objectives are recorded in the fitness and steer nothing. Each generation makes as many children as the
/// population has members (tournament, uniform crossover, reset mutation), and the best of parents and children
/// survive. Ties go to the earlier asked one. With a preset, parents are the best of all so far, drawn uniformly, and children
/// either mutants or crosses, in its numbers.
///
/// Source: (mu + lambda) selection, Beyer and Schwefel, "Evolution strategies" (2002); for architectures, Guo et al.,
/// "Single path one-shot neural architecture search" (2020), section 3.4.
struct Evolution: SearchStrategy {
    private let variation: Variation
    private let preset: (settings: EvolutionPreset, variation: SplitVariation)?

    init(_ settings: EvolutionSettings, in space: any GenomeSpace) {
        variation = Variation(space: space, settings: settings.variation)
        preset = settings.preset.map { preset in
            (
                preset,
                SplitVariation(
                    space: space, rate: preset.mutationRate, networkRate: preset.networkMutationRate,
                    crossoverRate: 0.5, matesByDepth: preset.matesByDepth)
            )
        }
    }

    func batchSize(after state: SearchState) -> Int {
        let population = state.parameters.population
        guard let preset else { return population }
        return state.asked < population
            ? population - state.asked : Int((Double(population) * preset.settings.children).rounded())
    }

    func candidates(
        after state: SearchState, memory: inout NoMemory, using generator: inout CounterGenerator
    ) -> CandidateSource {
        if let preset { return preset.variation.children(of: state.population.map(\.genome)) }
        let fitness = state.population.map(\.fitness.scalar)
        return variation.children(of: state.population) { fitness[$0].dominates(fitness[$1]) }
    }

    func survivors(of candidates: [SearchMember], count: Int, memory: inout NoMemory) -> [Int] {
        Survival.byFirstObjective(candidates.map(\.fitness), count: survivorCount(count))
    }

    /// One that is not among the best stays behind them as it gets worse.
    func deciding(among candidates: [SearchMember], count: Int, after state: SearchState, memory: NoMemory) -> Set<Int>?
    {
        Set(Survival.byFirstObjective(candidates.map(\.fitness), count: survivorCount(count)))
    }

    private func survivorCount(_ population: Int) -> Int {
        let parents = preset.map { max(2, Int((Double(population) * $0.settings.parents).rounded())) }
        return min(parents ?? population, population)
    }
}
