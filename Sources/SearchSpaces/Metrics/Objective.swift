/// What the search makes better: a metric and a direction.
public struct Objective: Sendable, Hashable {
    /// The direction of an objective.
    public typealias Goal = Metric.Goal

    /// The metric.
    public let metric: Metric
    /// The direction.
    public let goal: Goal
    /// By how much chance alone may tell two measured values apart, 0 or more: only what is better by that counts as better.
    public let noise: Double
    /// The value from which the objective is reached: what is better counts as this; nil where better is always better.
    public let target: Double?
    /// What a unit of the metric is worth, above 0; nil where objectives are not added up.
    public let weight: Double?

    /// Creates an objective.
    public init(metric: Metric, goal: Goal, noise: Double = 0, target: Double? = nil, weight: Double? = nil) {
        self.metric = metric
        self.goal = goal
        self.noise = noise
        self.target = target
        self.weight = weight
    }

    /// The same objective in another direction.
    public func toward(_ goal: Goal) -> Objective {
        Objective(metric: metric, goal: goal, noise: noise, target: target, weight: weight)
    }

    /// What a value counts as, the smaller the better.
    public func minimized(_ value: Double) -> Double {
        switch goal {
        case .maximize: -(target.map { min(value, $0) } ?? value)
        case .minimize: target.map { max(value, $0) } ?? value
        }
    }

    /// The objective as if measuring were exact.
    public var withoutNoise: Objective { Objective(metric: metric, goal: goal) }
}

/// The objectives of a search, each an axis of its own, or one weighted sum.
extension [Objective] {
    /// Whether they are added up: then all have a weight.
    public var areWeighted: Bool { contains { $0.weight != nil } }

    /// How many numbers a search makes smaller.
    public var axes: Int { areWeighted ? 1 : count }

    /// The direction of the number that `best` goes by: the first objective's, or more of the weighted sum.
    public var leadingGoal: Objective.Goal? { areWeighted ? .maximize : first?.goal }

    /// What values count as, the smaller the better: for each objective, or `-s` for the weighted sum s of what is better the larger.
    ///
    /// Nil where a value is missing.
    public func minimized(_ value: (Metric) -> Double?) -> [Double]? {
        var values: [Double] = []
        for objective in self {
            guard let value = value(objective.metric) else { return nil }
            values.append(objective.minimized(value))
        }
        guard areWeighted else { return values }
        return [zip(self, values).reduce(0) { $0 + ($1.0.weight ?? 0) * $1.1 }]
    }

    /// The noise of each number that a search makes smaller; that of a weighted sum by its independent parts.
    public var noises: [Double] {
        guard areWeighted else { return map(\.noise) }
        return [reduce(0) { $0 + ($1.weight ?? 0) * $1.noise * ($1.weight ?? 0) * $1.noise }.squareRoot()]
    }
}

/// A bound that a feasible candidate keeps.
public struct Constraint: Sendable, Hashable {
    /// The bounded metric.
    public let metric: Metric
    /// Smallest permitted value.
    public let atLeast: Double?
    /// Largest permitted value.
    public let atMost: Double?

    /// Creates a bound; at least one side is given.
    public init(metric: Metric, atLeast: Double? = nil, atMost: Double? = nil) {
        self.metric = metric
        self.atLeast = atLeast
        self.atMost = atMost
    }

    /// How far a value is outside the bound, relative to the bound's size; 0 inside.
    public func violation(of value: Double) -> Double {
        var excess = 0.0
        if let atMost { excess = max(excess, (value - atMost) / max(abs(atMost), 1e-12)) }
        if let atLeast { excess = max(excess, (atLeast - value) / max(abs(atLeast), 1e-12)) }
        return excess
    }
}
