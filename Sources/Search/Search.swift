public import Runs
public import SearchSpaces
import Tensors

/// A search by questions and answers: ``ask()`` for candidates, measure them, ``tell(_:)`` the results, until nothing is asked.
///
/// An algorithm's strategy proposes and selects. Everything else is here: the budget, the pending batch, survivors and
/// seeds before all others, that no genome is asked twice, and what to ask once the strategy only repeats itself. The
/// state describes a search completely: one that is resumed from it continues exactly as it would have.
public struct Search: Sendable {
    /// How often a rule may propose a known genome before the next, plainer rule takes over.
    private static let tries = 100

    /// Everything the next question depends on.
    public private(set) var state: SearchState
    private let strategy: any SearchStrategy
    private let space: any GenomeSpace
    private let repair: CostRepair?
    /// The number of leading known genomes whose neighbours are all known; only saves time.
    private var explored = 0

    /// Starts a round.
    ///
    /// Throws when a measured genome is not of the space or its fitness has the wrong number of objectives.
    ///
    /// - Parameter repair: Moves candidates into windows of their costs; nil where that is not needed.
    public init(
        _ algorithm: SearchAlgorithm, in space: some GenomeSpace, parameters: SearchParameters,
        from start: SearchStart = SearchStart(), repair: CostRepair? = nil
    ) throws(SearchError) {
        try self.init(
            algorithm, in: space, parameters: parameters, from: start, repair: repair, strategies: StrategyRegistry.all)
    }

    init(
        _ algorithm: SearchAlgorithm, in space: some GenomeSpace, parameters: SearchParameters, from start: SearchStart,
        repair: CostRepair? = nil, strategies: [any SearchStrategy.Type]
    ) throws(SearchError) {
        let strategy = try strategies.strategy(of: algorithm, in: space)
        self.strategy = strategy
        self.space = space
        self.repair = repair
        state = SearchState(algorithm: algorithm, parameters: parameters)
        state.isRepairing = repair != nil
        let seeds = type(of: strategy).takesSeeds ? start.seeds : []
        try Self.check(
            start.measured.map(\.genome) + start.survivors + seeds, of: start.measured.map(\.fitness), in: space,
            parameters)
        for member in start.measured {
            let genome = space.canonical(member.genome)
            guard state.known.insert(genome).inserted else { continue }
            state.archive.append(SearchMember(genome: genome, fitness: member.fitness))
        }
        for (genomes, origin) in [(start.survivors, Proposal.Origin.elite), (seeds, .seed)] {
            for genome in genomes.map(space.canonical) where state.known.insert(genome).inserted {
                state.waiting.append(Proposal(genome: genome, origin: origin))
            }
        }
    }

    /// Continues from a saved state with its archive.
    ///
    /// Throws when a genome of the state is not of the space, when the population is not in the archive, and when a
    /// fitness has the wrong number of objectives.
    ///
    /// - Parameter repair: As at the start; a search that began without any goes on without.
    public init(
        resuming state: SearchState, in space: some GenomeSpace, repair: CostRepair? = nil
    ) throws(SearchError) {
        try self.init(resuming: state, in: space, repair: repair, strategies: StrategyRegistry.all)
    }

    init(
        resuming state: SearchState, in space: some GenomeSpace, repair: CostRepair? = nil,
        strategies: [any SearchStrategy.Type]
    ) throws(SearchError) {
        strategy = try strategies.strategy(of: state.algorithm, in: space)
        let told = Set(state.archive.map(\.genome))
        let asked = (state.pending + state.waiting).map(\.genome)
        let members = state.archive + state.population
        try Self.check(members.map(\.genome) + asked, of: members.map(\.fitness), in: space, state.parameters)
        if let stray = state.population.first(where: { !told.contains($0.genome) }) {
            throw .foreignGenome(stray.genome.choices)
        }
        self.space = space
        self.repair = state.isRepairing ? repair : nil
        self.state = state
        self.state.known = told.union(asked)
    }

    private static func check(
        _ genomes: [Genome], of results: [Fitness], in space: some GenomeSpace, _ parameters: SearchParameters
    ) throws(SearchError) {
        let decisions = space.decisions
        for genome in genomes {
            guard genome.choices.count == decisions.count,
                zip(genome.choices, decisions).allSatisfy({ Int($0) < $1.options.count })
            else { throw .foreignGenome(genome.choices) }
        }
        for fitness in results where !fitness.isFailed && fitness.objectives.count != parameters.objectives {
            throw .wrongObjectiveCount(expected: parameters.objectives, got: fitness.objectives.count)
        }
    }

    /// The pending candidates in ask order: canonical genomes, none of them asked before in this round.
    ///
    /// A batch stays the same until its results are told; with ``SearchParameters/pending`` new candidates follow as soon as half of
    /// them are told. Empty when the budget is used up, the space has nothing new, or a rule has ended the search.
    public mutating func ask() -> [Proposal] {
        let parameters = state.parameters
        guard isOpen, state.pending.count <= (parameters.pending ?? 0) / 2 else { return state.pending }
        var generator = CounterGenerator(
            seed: parameters.seed, stream: .search, step: parameters.step(generation: state.generation))
        // The first candidates are those of a first generation, however many may be pending.
        let isFirst = state.asked == 0, room = parameters.pending.map { $0 - state.pending.count }
        let batch = room == nil || isFirst ? max(strategy.batchSize(after: state), room ?? 1) : room ?? 1
        let size = state.pending.count + min(max(batch, 1), parameters.evaluations - state.asked)
        let known = state.pending.count
        state.pending += state.waiting.prefix(size - known)
        state.waiting.removeFirst(state.pending.count - known)
        if state.pending.count < size {
            let source = candidates(of: strategy, using: &generator)
            var repair = repair
            while state.pending.count < size, let proposal = unseen(from: source, &repair, using: &generator) {
                state.pending.append(proposal)
            }
            state.isExhausted = state.pending.count < size
        }
        state.asked += state.pending.count - known
        return state.pending
    }

    /// Whether candidates are still asked for.
    private var isOpen: Bool {
        !state.isExhausted && state.ending == nil && state.asked < state.parameters.evaluations
    }

    /// How many of the pending candidates, the first ones, are told before others are asked.
    public var due: Int {
        guard let most = state.parameters.pending, isOpen else { return state.pending.count }
        return max(state.pending.count - most / 2, 0)
    }

    /// Takes the results of the whole pending batch, in ask order; with ``SearchParameters/pending`` one of the first ones that are
    /// due, or more, of which each counts as a generation.
    ///
    /// Throws, and changes nothing, when the genomes are not those in order or a fitness has the wrong number of objectives.
    public mutating func tell(_ results: [SearchMember]) throws(SearchError) {
        let isSteady = state.parameters.pending != nil
        let expected = state.pending.prefix(isSteady ? min(results.count, due) : state.pending.count).map(\.genome)
        let got = results.map(\.genome)
        guard expected == got else {
            let common = zip(expected, got).prefix { $0 == $1 }.count
            throw .unexpectedResults(expected: expected.count, got: got.count, firstDifference: common)
        }
        let objectives = state.parameters.objectives
        for result in results where !result.fitness.isFailed && result.fitness.objectives.count != objectives {
            throw .wrongObjectiveCount(expected: objectives, got: result.fitness.objectives.count)
        }
        for told in isSteady ? results.map({ [$0] }) : [results] where !told.isEmpty {
            state.archive += told
            select(by: strategy, from: state.population + told)
            state.pending.removeFirst(told.count)
            state.generation += 1
        }
    }

    /// The places in the pending batch whose results must be exact, beside those on the front, for the search to go on as if all
    /// were: see `SearchStrategy.deciding`. Nil where all must.
    ///
    /// - Parameter results: The batch in ask order, where some may have the best fitness that they can still come to.
    public func deciding(_ results: [SearchMember]) -> Set<Int>? { deciding(by: strategy, results) }

    private func deciding<Strategy: SearchStrategy>(by strategy: Strategy, _ results: [SearchMember]) -> Set<Int>? {
        let first = state.population.count
        return strategy.deciding(
            among: state.population + results, count: state.parameters.population, after: state,
            memory: state.memory as? Strategy.Memory ?? Strategy.Memory()
        ).map { Set($0.filter { $0 >= first }.map { $0 - first }) }
    }

    /// Notes how far the search is, after results were told, and ends it where a rule says so.
    ///
    /// - Parameters:
    ///   - best: The best feasible value of the first objective so far, as it is measured; nil where there is none.
    ///   - goal: The goal of that objective.
    ///   - hypervolume: Of the front so far, under one reference for the whole search; nil where nobody knows it.
    ///   - seconds: The time since the last call, or since the search began or went on.
    public mutating func end(
        by rules: StopRules, best: Double?, goal: Objective.Goal, hypervolume: Double?, seconds: Double
    ) {
        var progress = state.progress ?? SearchProgress()
        progress.note(hypervolume, after: state.asked, gain: rules.gain)
        if rules.minutes != nil { progress.seconds += max(seconds, 0) }
        state.progress = progress
        state.ending = state.ending ?? progress.ending(by: rules, after: state.asked, best: best, goal: goal)
    }

    private mutating func candidates<Strategy: SearchStrategy>(
        of strategy: Strategy, using generator: inout CounterGenerator
    ) -> CandidateSource {
        var memory = state.memory as? Strategy.Memory ?? Strategy.Memory()
        let source = strategy.candidates(after: state, memory: &memory, using: &generator)
        state.remember(memory)
        return source
    }

    private mutating func select<Strategy: SearchStrategy>(by strategy: Strategy, from merged: [SearchMember]) {
        var memory = state.memory as? Strategy.Memory ?? Strategy.Memory()
        let survivors = strategy.survivors(of: merged, count: state.parameters.population, memory: &memory)
        state.population = survivors.map { merged[$0] }
        state.remember(memory)
    }

    /// A genome nobody has asked: the strategy's, else drawn, else the first unseen neighbour of a known one.
    ///
    /// - Parameter repair: Nil from where its windows have nothing new.
    private mutating func unseen(
        from source: CandidateSource, _ repair: inout CostRepair?, using generator: inout CounterGenerator
    ) -> Proposal? {
        for _ in 0..<Self.tries {
            guard let candidate = source(&generator) else { break }
            let proposal = repair.flatMap { $0.repaired(candidate, using: &generator) } ?? candidate
            if state.known.insert(proposal.genome).inserted { return proposal }
        }
        for _ in 0..<Self.tries {
            let genome =
                repair.flatMap { $0.draw(using: &generator) } ?? space.randomGenome(using: &generator)
            if state.known.insert(genome).inserted { return Proposal(genome: genome, origin: .random) }
        }
        if repair != nil {
            repair = nil
            return unseen(from: source, &repair, using: &generator)
        }
        return unseenNeighbour().map { Proposal(genome: $0, origin: .random) }
    }

    /// The first unseen genome at one changed decision from a known one, in ask, decision and option order.
    ///
    /// When there is none, the known genomes are closed under single changes, which is the whole space as long as
    /// every architecture can be reached by changing one decision at a time. O(archive x decisions x options) over
    /// the whole round.
    private mutating func unseenNeighbour() -> Genome? {
        while explored < state.archive.count + state.pending.count {
            let base =
                explored < state.archive.count
                ? state.archive[explored].genome : state.pending[explored - state.archive.count].genome
            for (index, decision) in space.decisions.enumerated() {
                for option in decision.options.indices where option != Int(base.choices[index]) {
                    var changed = base
                    changed.choices[index] = UInt8(option)
                    let genome = space.canonical(changed)
                    if state.known.insert(genome).inserted { return genome }
                }
            }
            explored += 1
        }
        return nil
    }
}

/// Why a search refuses what it is given.
public enum SearchError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The results told are not those asked for, in ask order.
    case unexpectedResults(expected: Int, got: Int, firstDifference: Int)
    /// A fitness does not have the number of objectives of the round.
    case wrongObjectiveCount(expected: Int, got: Int)
    /// There is no such algorithm.
    case unknownAlgorithm(String)
    /// A state holds a genome that its space or its archive does not have.
    case foreignGenome([UInt8])

    /// The error in one sentence.
    public var description: String {
        switch self {
        case .unexpectedResults(let expected, let got, let difference):
            "expected \(expected) results in ask order, got \(got); the first difference is at \(difference)"
        case .wrongObjectiveCount(let expected, let got):
            "expected \(expected) objectives, got \(got)"
        case .unknownAlgorithm(let kind):
            "expected a search of one of \(SearchAlgorithm.kinds.joined(separator: ", ")), got '\(kind)'"
        case .foreignGenome(let choices):
            "the search has the genome \(choices), which its space or its archive does not have"
        }
    }
}
