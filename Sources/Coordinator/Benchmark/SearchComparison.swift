public import Runs
internal import Search
public import SearchSpaces
internal import Training

/// Compares search algorithms at equal numbers of evaluations: on the trained supernet of a run, or on what needs no training.
///
/// Every architecture is measured once, as in the run; algorithms and seeds share the figures. Nothing of the run is changed.
public final class SearchComparison {
    /// One search.
    public struct Result: Sendable {
        /// The algorithm.
        public let algorithm: SearchAlgorithm
        /// The seed.
        public let seed: Int
        /// How many architectures it has asked for: as many as were allowed, or all that there are.
        public let evaluations: Int
        /// How many of them could not be measured.
        public let failed: Int
        /// The hypervolume of its front, as a share; nil where objectives, or points of the front, are too many to tell it, and
        /// where nothing could be measured.
        public let hypervolume: Double?
        /// The best value of the first objective among its feasible candidates; nil where it has none.
        public let best: Double?
        /// The hypervolume after each evaluation; nil from where nobody tells it.
        public let curve: [Double?]
        /// The best value of the first objective after each evaluation; nil before there is one.
        public let bests: [Double?]
        /// Its front: every objective scaled from its best, 0, to its worst, 1.
        let front: [[Double]]
    }

    /// What is better, and how large a front is.
    private struct Score {
        let objectives: [Objective]
        let constraints: [Constraint]
        let volume: FrontVolume
    }

    private let space: SearchSpace
    private let score: Score
    private let repair: CostRepair?
    /// Latencies that are known of all.
    private let latencies: KnownLatencies?
    /// Measures what is not known yet.
    private let measure: ([Genome]) throws -> [[Metric: Double]]
    private var known: [Genome: [Metric: Double]] = [:]

    /// The first objective, whose best value is told.
    public var mainMetric: Metric? { score.objectives.first?.metric }

    /// Compares on the weights of a run: by accuracy above a reference, and multiply-adds below the largest's.
    ///
    /// - Parameter referenceAccuracy: What an accuracy must exceed to count.
    public init(_ network: TrainedSupernet, referenceAccuracy: Double) {
        let space = network.inputs.space, samples = network.inputs.specification.search?.samples
        let largest = Double(space.cost(of: space.largest).multiplyAdds)
        self.space = space
        let objectives = [
            Objective(metric: .accuracy, goal: .maximize), Objective(metric: .multiplyAdds, goal: .minimize),
        ]
        score = Score(
            objectives: objectives, constraints: [],
            volume: FrontVolume(objectives: objectives, ranges: [referenceAccuracy...1, 0...largest]))
        repair = nil
        latencies = nil
        measure = { try (network.measurer.validate($0, samples: samples) ?? []).map(\.values) }
    }

    /// Compares by the objectives and constraints of a run that needs no training.
    ///
    /// - Throws: `CoordinatorError.noNetworks` for a run that does, `LatencyError.comparedWithoutDevice` for one that times them.
    public init(_ inputs: RunInputs) throws {
        let specification = inputs.specification, space = inputs.space
        let evaluator = try specification.evaluator.usable().evaluator(
            EvaluatorMeans(
                inputs: inputs, metrics: RunMetrics(specification, space: space), weights: nil, control: RunControl()))
        guard specification.latency == nil || inputs.latencies != nil else { throw LatencyError.comparedWithoutDevice }
        let latencies = inputs.latencies
        let volume = FrontVolume(
            objectives: specification.objectives, space: space,
            measured: evaluator.metrics(at: .search) + [latencies?.metric].compactMap(\.self), task: nil)
        self.latencies = latencies
        self.space = space
        score = Score(
            objectives: specification.objectives, constraints: specification.constraints,
            volume: volume)
        repair = CostRepair(space, keeping: specification.constraints, foreseen: latencies?.foreseen)
        measure = { genomes in
            let outcomes = try evaluator.measure(genomes, at: .search) ?? []
            return zip(genomes, outcomes).map { genome, outcome in
                guard let latency = latencies?.milliseconds(of: genome) else { return outcome.values }
                return outcome.adding(latency, of: .latencyMilliseconds).values
            }
        }
    }

    /// Runs one search.
    public func search(
        _ algorithm: SearchAlgorithm, seed: Int, evaluations: Int, population: Int
    ) throws -> Result {
        var search = try Search(
            algorithm,
            in: PricedSpace(
                space, objectives: score.objectives, constraints: score.constraints, foreseen: latencies?.foreseen),
            parameters: SearchParameters(
                population: population, evaluations: evaluations, objectives: score.objectives.axes,
                seed: UInt64(seed)), repair: repair)
        var all: [Fitness] = []
        while true {
            let genomes = search.ask().map(\.genome)
            if genomes.isEmpty { break }
            let fitnesses = try fitnesses(of: genomes)
            all += fitnesses
            try search.tell(zip(genomes, fitnesses).map { SearchMember(genome: $0, fitness: $1) })
        }
        let sign: Double = score.objectives.leadingGoal == .maximize ? -1 : 1
        var bests: [Double?] = []
        for fitness in all {
            let value = fitness.isFeasible ? fitness.objectives.first : nil
            bests.append([bests.last ?? nil, value].compactMap(\.self).min())
        }
        return Result(
            algorithm: algorithm, seed: seed, evaluations: all.count, failed: all.count(where: \.isFailed),
            hypervolume: all.allSatisfy(\.isFailed) ? nil : score.volume.value(ofAll: all),
            best: (bests.last ?? nil).map { 0 + sign * $0 }, curve: score.volume.curve(of: all, after: [], 0),
            bests: bests.map { $0.map { 0 + sign * $0 } },
            front: Front.adding(all, to: []).map(score.volume.point))
    }

    private func fitnesses(of genomes: [Genome]) throws -> [Fitness] {
        let new = genomes.filter { known[$0] == nil }
        for (genome, values) in zip(new, try measure(new)) { known[genome] = values }
        return genomes.map { genome in
            let cost = space.cost(of: genome)
            let costs = zip(cost.metrics, cost.values.map(Double.init))
            return Fitness(
                measured: (known[genome] ?? [:]).merging(costs) { $1 }, objectives: score.objectives,
                constraints: score.constraints)
        }
    }
}
