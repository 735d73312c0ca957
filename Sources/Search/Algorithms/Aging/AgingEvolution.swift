import Runs
import SearchSpaces
import Tensors

/// Regularised evolution: mutants of the best of a sample enter a population that its oldest members leave.
///
/// The parent is the best of a sample of the population, drawn without replacement: by constraint domination, then by larger
/// crowding distance in its own front, then the earlier one; a child differs from it in one decision. So one objective is
/// compared as a number, and several by fronts. A few children are made at a time, and as many of the oldest leave.
///
/// Source: Real, Aggarwal, Huang and Le, "Regularized evolution for image classifier architecture search" (AAAI 2019), where one
/// child is made at a time.
struct AgingEvolution: SearchStrategy {
    private let settings: AgingSettings
    private let neighbourhood: Neighbourhood

    init(_ settings: AgingSettings, in space: any GenomeSpace) {
        self.settings = settings
        neighbourhood = Neighbourhood(of: space)
    }

    func batchSize(after state: SearchState) -> Int {
        let population = state.parameters.population
        return state.asked < population ? population - state.asked : min(settings.children, population)
    }

    func candidates(
        after state: SearchState, memory: inout NoMemory, using generator: inout CounterGenerator
    ) -> CandidateSource {
        let population = state.population
        let order = CrowdedOrder(population.map(\.fitness))
        return { [settings, neighbourhood] generator in
            let sample = population.indices.shuffled(using: &generator).prefix(settings.sample)
            guard let parent = sample.min(by: { order.places($0, before: $1) }) else { return nil }
            let genome = population[parent].genome
            return neighbourhood.random(of: genome, using: &generator)
                .map { Proposal(genome: $0, origin: .mutation, reason: ProposalReason(parents: [genome])) }
        }
    }

    /// The youngest live on.
    func survivors(of candidates: [SearchMember], count: Int, memory: inout NoMemory) -> [Int] {
        Array(candidates.indices.suffix(count))
    }
}
