public import SearchSpaces

/// How good a candidate is: its objectives, all to be minimised, and how far it is outside its constraints.
///
/// A measurement that is not finite is a state, not a number: such a fitness is failed, carries no values, and
/// every other fitness dominates it.
public struct Fitness: Sendable, Hashable, Codable {
    /// The fitness of a candidate without a usable measurement.
    public static let failed = Fitness()

    /// The objectives, each the smaller the better and finite; empty when failed.
    public let objectives: [Double]
    /// By how much chance alone may tell two values of each objective apart; nil where all are taken as exact.
    public let noise: [Double]?
    /// The sum of the constraint violations, 0 or more; 0 is feasible.
    public let violation: Double
    /// Whether the measurement failed.
    public let isFailed: Bool

    /// Whether the candidate was measured and keeps every constraint.
    public var isFeasible: Bool { !isFailed && violation == 0 }

    private init() {
        objectives = []
        noise = nil
        violation = 0
        isFailed = true
    }

    /// Creates a fitness from minimised objectives and a total violation.
    ///
    /// A value that is not finite makes the fitness failed, and a negative violation counts as 0.
    ///
    /// - Parameter noise: That of each objective, the same for all that are compared; nil for none.
    public init(objectives: [Double], violation: Double = 0, noise: [Double]? = nil) {
        guard violation.isFinite, objectives.allSatisfy(\.isFinite) else {
            self = .failed
            return
        }
        // Adding 0 turns -0 into 0, which text formats may not keep.
        self.objectives = objectives.map { $0 + 0 }
        self.noise = noise.flatMap { $0.contains { $0 > 0 } ? $0 : nil }
        self.violation = max(violation, 0)
        isFailed = false
    }

    /// Creates a fitness from measured metrics: what they count as for the objectives, and the sum of violations.
    ///
    /// A metric that an objective or a constraint needs and that is missing or not finite makes the fitness failed.
    public init(measured: [Metric: Double], objectives: [Objective], constraints: [Constraint] = []) {
        guard let values = objectives.minimized({ measured[$0] }) else {
            self = .failed
            return
        }
        var violation = 0.0
        for constraint in constraints {
            guard let value = measured[constraint.metric], value.isFinite else {
                self = .failed
                return
            }
            violation += constraint.violation(of: value)
        }
        self.init(objectives: values, violation: violation, noise: objectives.noises)
    }

    /// Whether this fitness is better than another under constraint domination.
    ///
    /// In order: measured beats failed; feasible beats infeasible; of two infeasible ones the smaller violation
    /// wins; of two feasible ones `a` dominates `b` when `a[i] + noise[i] <= b[i]` everywhere and `a[i] < b[i]` somewhere:
    /// surely, and not only as measured, no worse. The relation is a strict partial order. O(M) for M objectives.
    ///
    /// Source: Deb, "An efficient constraint handling method for genetic algorithms" (2000); Deb et al. 2002,
    /// section VI; for noise, Limbourg and Salazar Aponte, "An optimization algorithm for imprecise multi-objective problem
    /// functions" (CEC 2005).
    public func dominates(_ other: Fitness) -> Bool {
        if isFailed || other.isFailed { return !isFailed && other.isFailed }
        if violation > 0 || other.violation > 0 { return violation < other.violation }
        guard let noise else { return Self.dominates(objectives, other.objectives) }
        return Self.dominates(objectives, other.objectives)
            && zip(objectives, zip(other.objectives, noise)).allSatisfy { $0 + $1.1 <= $1.0 }
    }

    /// The fitness with its first objective only, as it is measured: what is best of one number is best with noise too.
    public var scalar: Fitness {
        isFailed ? self : Fitness(objectives: Array(objectives.prefix(1)), violation: violation)
    }

    /// Pareto domination of two points of equal length.
    static func dominates(_ first: [Double], _ second: [Double]) -> Bool {
        var isBetter = false
        for (left, right) in zip(first, second) {
            if left > right { return false }
            if left < right { isBetter = true }
        }
        return isBetter
    }
}
