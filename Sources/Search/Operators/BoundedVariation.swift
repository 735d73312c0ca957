internal import Foundation
public import SearchSpaces

/// Simulated binary crossover of ordinal choices, whose children lie around their parents as those of bits do; categorical choices
/// come from either parent.
///
/// The place of an option among its decision's is a number between 0 and the last one; children are rounded, half to even.
///
/// Source: Deb and Agrawal, "Simulated binary crossover for continuous search space" (1995), in bounds as of Deb et al. 2002.
public struct SimulatedBinaryCrossover: Sendable {
    private let last: [Int?]
    /// The index of the distribution, 0 or more: the larger, the closer children are to their parents.
    public let eta: Double

    /// Creates the operator for the decisions of a space.
    public init(decisions: [Decision], eta: Double) {
        last = decisions.map { $0.isOrdinal && $0.options.count > 1 ? $0.options.count - 1 : nil }
        self.eta = eta
    }

    /// The child, not yet canonical; each ordinal choice is crossed with probability 1/2. O(n) for n decisions.
    public func child(
        of first: Genome, and second: Genome, using generator: inout some RandomNumberGenerator
    ) -> Genome {
        Genome(
            zip(zip(first.choices, second.choices), last).map { parents, last in
                let (own, other) = parents
                guard let last else { return Bool.random(using: &generator) ? own : other }
                guard Bool.random(using: &generator), own != other else { return own }
                let children = Self.children(
                    of: Double(own), and: Double(other), in: 0...Double(last), eta: eta,
                    at: Double.random(in: 0..<1, using: &generator))
                let chosen = Bool.random(using: &generator) ? children.0 : children.1
                return UInt8(chosen.rounded(.toNearestOrEven))
            })
    }

    /// Both children of two different values, the lower first: `((y1 + y2) -+ b d) / 2` for `d = y2 - y1` and a spread b of each
    /// side, whose distribution ends at the bound of its side.
    ///
    /// - Parameter place: A random number from 0 up to 1.
    static func children(
        of first: Double, and second: Double, in bounds: ClosedRange<Double>, eta: Double, at place: Double
    ) -> (Double, Double) {
        let low = min(first, second), high = max(first, second), distance = high - low
        func spread(room: Double) -> Double {
            let alpha = 2 - pow(1 + 2 * room / distance, -(eta + 1))
            let base = place <= 1 / alpha ? place * alpha : 1 / (2 - place * alpha)
            return pow(base, 1 / (eta + 1))
        }
        let lower = (low + high - spread(room: low - bounds.lowerBound) * distance) / 2
        let upper = (low + high + spread(room: bounds.upperBound - high) * distance) / 2
        func kept(_ value: Double) -> Double { min(max(value, bounds.lowerBound), bounds.upperBound) }
        return (kept(lower), kept(upper))
    }
}

/// Polynomial mutation of ordinal choices, which prefers near options; categorical choices are drawn among the others.
///
/// Each choice is mutated with the probability of ``ResetMutation``. The mutated place is rounded, half to even, and may be the same.
///
/// Source: Deb and Goyal, "A combined genetic adaptive search (GeneAS) for engineering design" (1996), in bounds as of Deb et al. 2002.
public struct PolynomialMutation: Sendable {
    private let decisions: [(count: Int, isOrdinal: Bool)]
    private let reset: ResetMutation
    /// The index of the distribution, 0 or more: the larger, the closer mutants are.
    public let eta: Double

    /// Creates the operator for the decisions of a space; `rate` is the least probability of a choice.
    public init(decisions: [Decision], rate: Double = 0, eta: Double) {
        self.decisions = decisions.map { ($0.options.count, $0.isOrdinal) }
        reset = ResetMutation(decisions: decisions, rate: rate)
        self.eta = eta
    }

    /// The mutated genome, not yet canonical. O(n) for n decisions.
    public func mutated(_ genome: Genome, using generator: inout some RandomNumberGenerator) -> Genome {
        var choices = genome.choices
        for (index, decision) in decisions.enumerated() where decision.count > 1 && index < choices.count {
            guard Double.random(in: 0..<1, using: &generator) < reset.probability else { continue }
            guard decision.isOrdinal else {
                choices[index] = ResetMutation.other(than: choices[index], of: decision.count, using: &generator)
                continue
            }
            let value = Self.value(
                of: Double(choices[index]), in: 0...Double(decision.count - 1), eta: eta,
                at: Double.random(in: 0..<1, using: &generator))
            choices[index] = UInt8(value.rounded(.toNearestOrEven))
        }
        return Genome(choices)
    }

    /// The mutant of a value.
    ///
    /// - Parameter place: A random number from 0 up to 1.
    static func value(of value: Double, in bounds: ClosedRange<Double>, eta: Double, at place: Double) -> Double {
        let range = bounds.upperBound - bounds.lowerBound
        let shift: Double
        if place <= 0.5 {
            let room = 1 - (value - bounds.lowerBound) / range
            shift = pow(2 * place + (1 - 2 * place) * pow(room, eta + 1), 1 / (eta + 1)) - 1
        } else {
            let room = 1 - (bounds.upperBound - value) / range
            shift = 1 - pow(2 * (1 - place) + 2 * (place - 0.5) * pow(room, eta + 1), 1 / (eta + 1))
        }
        return min(max(value + shift * range, bounds.lowerBound), bounds.upperBound)
    }
}
