import Runs
import SearchSpaces
import Tensors

/// Local search: the neighbours, one choice away, of the front or of the best by the first objective.
///
/// The centre is what is best among everything that was measured since the last restart. A generation asks for unseen
/// neighbours, one of each member of the centre in turn, in random order; where they do not fill it, random candidates do.
/// A centre whose neighbours are all known is a local optimum: the search begins anew with random candidates. The
/// population keeps the best by front and crowding, whichever descent found them.
///
/// Source: Paquete, Chiarandini and Stuetzle, "Pareto local optimum sets in the biobjective traveling salesman problem" (2004);
/// for architectures, White, Nolen and Savani, "Exploring the loss landscape in neural architecture search" (UAI 2021).
struct LocalSearch: SearchStrategy {
    struct Memory: StrategyMemory {
        /// How much of the archive has been looked at.
        var looked = 0
        /// The centre, as places in the archive, ascending.
        var centre: [Int] = []
        /// How often it began anew.
        var restarts = 0
    }

    private let around: LocalSettings.Centre
    private let neighbourhood: Neighbourhood

    init(_ settings: LocalSettings, in space: any GenomeSpace) {
        around = settings.around
        neighbourhood = Neighbourhood(of: space)
    }

    func candidates(
        after state: SearchState, memory: inout Memory, using generator: inout CounterGenerator
    ) -> CandidateSource {
        let places = memory.centre + Array(memory.looked..<max(memory.looked, state.archive.count))
        memory.looked = state.archive.count
        memory.centre = centre(of: places, in: state.archive, atMost: state.parameters.population)
        var open = memory.centre.map { place -> [Proposal] in
            let genome = state.archive[place].genome
            return neighbourhood.all(of: genome).filter { !state.isKnown($0) }.shuffled(using: &generator)
                .map { Proposal(genome: $0, origin: .mutation, reason: ProposalReason(parents: [genome])) }
        }
        open.shuffle(using: &generator)
        // Neighbours that are still being measured may become the next centre.
        let isWaiting = state.parameters.pending != nil && !state.pending.isEmpty
        if !memory.centre.isEmpty, open.allSatisfy(\.isEmpty), !isWaiting {
            memory.centre = []
            memory.restarts += 1
        }
        // One of each in turn; those that two of them have count once when they are asked.
        let most = open.map(\.count).max() ?? 0
        var queue = (0..<most).flatMap { turn in open.compactMap { turn < $0.count ? $0[turn] : nil } }[...]
        return { _ in queue.popFirst() }
    }

    /// Those of some places of the archive that are the best, at most so many.
    private func centre(of places: [Int], in archive: [SearchMember], atMost count: Int) -> [Int] {
        let fitness = places.map { around == .best ? archive[$0].fitness.scalar : archive[$0].fitness }
        guard let front = NonDominatedSorting.fronts(of: fitness, holding: 1).first else { return [] }
        return Survival.byFrontAndCrowding(front.map { fitness[$0] }, count: count).map { places[front[$0]] }
    }

    func survivors(of candidates: [SearchMember], count: Int, memory: inout Memory) -> [Int] {
        around == .best
            ? Survival.byFirstObjective(candidates.map(\.fitness), count: count)
            : Survival.byFrontAndCrowding(candidates.map(\.fitness), count: count)
    }

    /// Those that become the next centre, or may live on.
    func deciding(among candidates: [SearchMember], count: Int, after state: SearchState, memory: Memory) -> Set<Int>? {
        let first = candidates.count - state.pending.count
        let since = (memory.centre + Array(memory.looked..<max(memory.looked, state.archive.count))).map {
            state.archive[$0].fitness
        }
        let fitness = candidates.map(\.fitness)
        let compared = (since + fitness[first...]).map { around == .best ? $0.scalar : $0 }
        let leaders = NonDominatedSorting.fronts(of: compared, holding: 1).first ?? []
        let staying =
            around == .best
            ? Set(Survival.byFirstObjective(fitness, count: count)) : Survival.deciding(fitness, count: count)
        return staying.union(leaders.filter { $0 >= since.count }.map { $0 - since.count + first })
    }
}
