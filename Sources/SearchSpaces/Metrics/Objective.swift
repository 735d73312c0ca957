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

    /// Creates an objective.
    public init(metric: Metric, goal: Goal, noise: Double = 0) {
        self.metric = metric
        self.goal = goal
        self.noise = noise
    }

    /// The objective as if measuring were exact.
    public var withoutNoise: Objective { Objective(metric: metric, goal: goal) }
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
