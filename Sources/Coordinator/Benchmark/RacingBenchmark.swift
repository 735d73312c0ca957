public import Runs
internal import Search
public import SearchSpaces

/// How many candidates of a trained supernet a search measures in a second: one at a time, with shared prefixes, and racing.
///
/// Every way runs whole searches of its own on the weights of a run, nothing of which is changed.
public final class RacingBenchmark {
    /// How candidates are measured.
    public enum Way: String, Sendable, CaseIterable {
        /// Each by itself, to the end.
        case single
        /// A generation at once, which shares what it has in common, to the end.
        case prefixes
        /// A generation at once, stopped by an exact bound.
        case exact
        /// A generation at once, stopped by a statistical bound.
        case statistical
    }

    /// One search.
    public struct Result: Sendable {
        /// Candidates that were asked for, in ask order.
        public let asked: [Genome]
        /// The candidates on the front with their fitness, in ask order.
        let front: [SearchMember]
        /// The share of the unit cube that the front dominates; nil where nobody knows it.
        public let hypervolume: Double?
        /// Candidates that were stopped.
        public let stopped: Int
        /// Examples that they saw, of all that are measured on, in the mean over all candidates.
        public let share: Double
        /// What the search took, questions and all.
        public let seconds: Double
        /// What processors worked for it, all workers together.
        public let processorSeconds: Double

        /// Members of the front.
        public var frontCount: Int { front.count }
        /// Members of the front that another's has with the same figures.
        public func frontShared(with other: Result) -> Int { front.count { other.front.contains($0) } }
    }

    private let network: TrainedSupernet

    /// Measures on the weights of a run that searches, by its objectives, constraints and samples.
    public init(_ network: TrainedSupernet) { self.network = network }

    /// The validation examples that candidates are measured on.
    public var samples: Int { network.measurer.searchExamples }

    /// Searches once.
    public func search(
        _ algorithm: SearchAlgorithm, seed: Int, evaluations: Int, population: Int, _ way: Way
    ) throws -> Result {
        let space = network.space, specification = network.inputs.specification
        let rule = FitnessRule(specification), latencies = network.inputs.latencies
        guard specification.latency == nil || latencies != nil else { throw LatencyError.comparedWithoutDevice }
        var search = try Search(
            algorithm,
            in: PricedSpace(
                space, objectives: rule.objectives, constraints: rule.constraints, foreseen: latencies?.foreseen),
            parameters: SearchParameters(
                population: population, evaluations: evaluations, objectives: rule.objectives.axes,
                seed: UInt64(seed)), from: SearchStart(seeds: [space.smallest, space.largest]),
            repair: CostRepair(space, keeping: rule.constraints, foreseen: latencies?.foreseen))
        let race: Race? =
            switch way {
            case .single, .prefixes: nil
            case .exact: Race(RacingSettings(bound: .exact), by: network.measurer)
            case .statistical: Race(RacingSettings(bound: .statistical), by: network.measurer)
            }
        var front: [Fitness] = [], members: [SearchMember] = [], seen = 0, stopped = 0
        network.measurer.forgetStatistics()
        let start = ContinuousClock.now, worked = Benchmarking.processorSeconds
        while true {
            let genomes = search.ask().map(\.genome)
            if genomes.isEmpty { break }
            func fitness(_ index: Int, _ outcome: CandidateOutcome) -> Fitness {
                let latency = latencies?.milliseconds(of: genomes[index])
                return rule.fitness(
                    space.cost(of: genomes[index]),
                    latency.map { outcome.adding($0, of: .latencyMilliseconds) } ?? outcome)
            }
            let outcomes = try outcomes(of: genomes, way, race, search, front, fitness)
            let results = genomes.indices.map {
                SearchMember(genome: genomes[$0], fitness: fitness($0, outcomes[$0]))
            }
            try search.tell(results)
            front = Front.adding(results.map(\.fitness), to: front)
            members += results
            for outcome in outcomes {
                switch outcome {
                case .measured: seen += samples
                case .stopped(_, let samples):
                    seen += samples
                    stopped += 1
                case .failed: break
                }
            }
        }
        let seconds = start.duration(to: .now).seconds
        let processorSeconds = Benchmarking.processorSeconds - worked
        let best = Front.indices(of: members.map(\.fitness)).map { members[$0] }
        let volumes = FrontVolume(
            objectives: rule.objectives, space: space,
            measured: network.measurer.metrics(at: .search) + [latencies?.metric].compactMap(\.self),
            task: specification.task(in: space))
        return Result(
            asked: members.map(\.genome), front: best, hypervolume: volumes.value(of: best.map(\.fitness)),
            stopped: stopped, share: Double(seen) / Double(max(1, members.count * samples)), seconds: seconds,
            processorSeconds: processorSeconds)
    }

    private func outcomes(
        of genomes: [Genome], _ way: Way, _ race: Race?, _ search: Search, _ front: [Fitness],
        _ fitness: (Int, CandidateOutcome) -> Fitness
    ) throws -> [CandidateOutcome] {
        if let race { return try race.measure(genomes, in: search, front: front, fitness: fitness) ?? [] }
        guard way == .single else { return try network.measurer.measure(genomes, at: .search) ?? [] }
        return try genomes.flatMap { try network.measurer.measure([$0], at: .search) ?? [] }
    }
}
