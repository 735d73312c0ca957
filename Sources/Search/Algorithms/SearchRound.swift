import SearchSpaces
import Tensors

/// What all algorithms share: the budget, the pending batch, and that no genome is asked twice.
struct SearchRound: Sendable {
    /// How often a rule may propose a known genome before the next, plainer rule takes over.
    private static let retries = 100

    let space: any GenomeSpace
    private(set) var state: SearchState
    private var known: Set<Genome>
    /// The number of leading archive entries whose neighbours are all known; only saves time.
    private var explored = 0

    init(kind: SearchAlgorithmKind, space: any GenomeSpace, parameters: SearchParameters, start: SearchStart) {
        self.space = space
        state = SearchState(kind: kind, parameters: parameters)
        known = []
        for genome in start.measured { _ = register(space.canonical(genome)) }
        for (genomes, origin) in [(start.survivors, Proposal.Origin.elite), (start.seeds, .seed)] {
            for genome in genomes.map(space.canonical) where register(genome) {
                state.waiting.append(Proposal(genome: genome, origin: origin))
            }
        }
    }

    init(kind: SearchAlgorithmKind, space: any GenomeSpace, state: SearchState) throws(SearchError) {
        guard state.kind == kind else { throw .wrongAlgorithm(expected: kind, got: state.kind) }
        let members = state.population.map(\.genome) + (state.waiting + state.pending).map(\.genome)
        for genome in state.archive + members {
            guard genome.choices.count == space.decisions.count,
                zip(genome.choices, space.decisions).allSatisfy({ Int($0) < $1.options.count })
            else { throw .foreignGenome(genome.choices) }
        }
        self.space = space
        self.state = state
        known = Set(state.archive)
        if let stray = members.first(where: { !known.contains($0) }) { throw .foreignGenome(stray.choices) }
    }

    /// Fills and returns the pending batch; `propose` makes one candidate, nil where it cannot.
    mutating func ask(propose: (inout CounterGenerator) -> Proposal?) -> [Proposal] {
        let parameters = state.parameters
        guard state.pending.isEmpty, !state.isExhausted, state.asked < parameters.evaluations else {
            return state.pending
        }
        var generator = CounterGenerator(
            seed: parameters.seed, stream: .search, step: parameters.step(generation: state.generation))
        let size = min(parameters.population, parameters.evaluations - state.asked)
        var batch = Array(state.waiting.prefix(size))
        state.waiting.removeFirst(batch.count)
        while batch.count < size {
            guard let proposal = unseen(using: &generator, propose: propose) else {
                state.isExhausted = true
                break
            }
            batch.append(proposal)
        }
        state.pending = batch
        state.asked += batch.count
        return batch
    }

    /// Checks and takes the results of the pending batch; `survive` picks the next population by index.
    mutating func tell(
        _ results: [(genome: Genome, fitness: Fitness)], survive: ([Fitness], Int) -> [Int]
    ) throws(SearchError) {
        let expected = state.pending.map(\.genome)
        let got = results.map(\.genome)
        guard expected == got else {
            let common = zip(expected, got).prefix { $0 == $1 }.count
            throw .unexpectedResults(expected: expected.count, got: got.count, firstDifference: common)
        }
        let objectives = state.parameters.objectives
        for (_, fitness) in results where !fitness.isFailed && fitness.objectives.count != objectives {
            throw .wrongObjectiveCount(expected: objectives, got: fitness.objectives.count)
        }
        guard !results.isEmpty else { return }
        let merged = state.population + results.map { SearchMember(genome: $0.genome, fitness: $0.fitness) }
        state.population = survive(merged.map(\.fitness), state.parameters.population).map { merged[$0] }
        state.pending = []
        state.generation += 1
    }

    /// A genome nobody has asked: from `propose`, else drawn, else the first unseen neighbour of a known one.
    private mutating func unseen(
        using generator: inout CounterGenerator, propose: (inout CounterGenerator) -> Proposal?
    ) -> Proposal? {
        for _ in 0..<Self.retries {
            guard let proposal = propose(&generator) else { break }
            if register(proposal.genome) { return proposal }
        }
        for _ in 0..<Self.retries {
            let genome = space.randomGenome(using: &generator)
            if register(genome) { return Proposal(genome: genome, origin: .random) }
        }
        return unseenNeighbour().map { Proposal(genome: $0, origin: .random) }
    }

    /// The first unseen genome at one changed decision from a known one, in archive, decision and option order.
    ///
    /// When there is none, the known genomes are closed under single changes, which is the whole space as long as
    /// every architecture can be reached by changing one decision at a time. O(archive x decisions x options) over
    /// the whole round.
    private mutating func unseenNeighbour() -> Genome? {
        while explored < state.archive.count {
            let base = state.archive[explored]
            for (index, decision) in space.decisions.enumerated() {
                for option in decision.options.indices where option != Int(base.choices[index]) {
                    var changed = base
                    changed.choices[index] = UInt8(option)
                    let genome = space.canonical(changed)
                    if register(genome) { return genome }
                }
            }
            explored += 1
        }
        return nil
    }

    private mutating func register(_ genome: Genome) -> Bool {
        guard known.insert(genome).inserted else { return false }
        state.archive.append(genome)
        return true
    }
}
