public import SearchSpaces

/// What of a fitness is known of a genome before anything is measured.
public struct ForeseenFitness: Sendable, Hashable {
    /// The objectives, all to be minimised; nil for those that are measured.
    public let objectives: [Double?]
    /// The violation of the constraints on exact costs, 0 or more.
    public let violation: Double

    /// Creates what is known.
    public init(objectives: [Double?], violation: Double = 0) {
        self.objectives = objectives
        self.violation = violation
    }
}

/// A space that knows a part of every fitness exactly, so that nobody has to predict it.
public protocol ForeseeingSpace: GenomeSpace {
    /// What is known of a genome of the space.
    func foreseen(_ genome: Genome) -> ForeseenFitness
}

/// A metric that is known of architectures before anything is measured, though it is no cost of their space: a latency that is
/// predicted or looked up.
///
/// Its value is a function of the architecture alone, so that nobody predicts it once more.
public struct ForeseenMetric: Sendable {
    /// How far a bound counts as broken by what is not known, and so fails when it is measured.
    static let violationOfUnknown = 1e6

    /// The metric.
    public let metric: Metric
    /// The worst value that is known, which stands for what is not.
    let worst: Double
    /// The value of an architecture; nil where nothing is known.
    public let value: @Sendable (Genome) -> Double?

    /// Takes the values.
    public init(_ metric: Metric, worst: Double, value: @escaping @Sendable (Genome) -> Double?) {
        self.metric = metric
        self.worst = worst
        self.value = value
    }
}

/// What is known of every architecture of a space beforehand: its exact costs, and one metric more.
struct KnownMetrics: Sendable {
    private let space: SearchSpace
    private let foreseen: ForeseenMetric?

    init(_ space: SearchSpace, _ foreseen: ForeseenMetric?) {
        self.space = space
        self.foreseen = foreseen
    }

    func contains(_ metric: Metric) -> Bool { space.costs.contains(metric) || foreseen?.metric == metric }

    /// The values of an architecture, and by how much what is not known of it breaks bounds.
    func values(of genome: Genome) -> (value: (Metric) -> Double?, violation: Double) {
        let cost = space.cost(of: genome)
        guard let foreseen else { return ({ cost[$0].map(Double.init) }, 0) }
        let known = foreseen.value(genome), own = known ?? foreseen.worst
        return (
            { $0 == foreseen.metric ? own : cost[$0].map(Double.init) },
            known == nil ? ForeseenMetric.violationOfUnknown : 0
        )
    }
}

/// A search space under the objectives and constraints of a run: what is about its exact costs is known of every genome, and so is
/// what a ``ForeseenMetric`` tells.
public struct PricedSpace: ForeseeingSpace {
    private let space: SearchSpace
    private let objectives: [Objective]
    private let constraints: [Constraint]
    private let known: KnownMetrics

    /// Creates the space of a run's search.
    public init(
        _ space: SearchSpace, objectives: [Objective], constraints: [Constraint], foreseen: ForeseenMetric? = nil
    ) {
        self.space = space
        self.objectives = objectives
        let known = KnownMetrics(space, foreseen)
        self.constraints = constraints.filter { known.contains($0.metric) }
        self.known = known
    }

    public var decisions: [Decision] { space.decisions }

    public func foreseen(_ genome: Genome) -> ForeseenFitness {
        let (value, violation) = known.values(of: genome)
        return ForeseenFitness(
            objectives: objectives.areWeighted
                ? [objectives.minimized(value)?.first]
                : objectives.map { objective in value(objective.metric).map(objective.minimized) },
            violation: constraints.reduce(violation) { sum, constraint in
                sum + (value(constraint.metric).map { constraint.violation(of: $0) } ?? 0)
            })
    }
}
