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

/// A search space under the objectives and constraints of a run: what is about its exact costs is known of every genome.
public struct PricedSpace: ForeseeingSpace {
    private let space: SearchSpace
    private let objectives: [Objective]
    private let constraints: [Constraint]

    /// Creates the space of a run's search.
    public init(_ space: SearchSpace, objectives: [Objective], constraints: [Constraint]) {
        self.space = space
        self.objectives = objectives
        self.constraints = constraints.filter { space.costs.contains($0.metric) }
    }

    public var decisions: [Decision] { space.decisions }

    public func foreseen(_ genome: Genome) -> ForeseenFitness {
        let cost = space.cost(of: genome)
        return ForeseenFitness(
            objectives: objectives.areWeighted
                ? [objectives.minimized { cost[$0].map(Double.init) }?.first]
                : objectives.map { objective in cost[objective.metric].map { objective.minimized(Double($0)) } },
            violation: constraints.reduce(0) { sum, constraint in
                sum + (cost[constraint.metric].map { constraint.violation(of: Double($0)) } ?? 0)
            })
    }
}
