internal import Foundation

/// Architectures of any window of cost, drawn with a lean: p(a) ~ uniform(a) exp(theta . a) over those that cost so much.
///
/// a is one where an option is chosen by a decision that counts, and uniform(a) what draws of every decision by itself give.
/// Sums of costs are followed decision by decision as in ``CostDistribution``, each with the logarithm of the weight that its
/// ways have together and with the weight of the best of them, so that any theta may be taken and nothing is rejected. Exact
/// where that counts exactly; past that, draws and the best one are of their window all the same, and what lies that close
/// together is told apart no more.
public struct TiltedDistribution: Sendable {
    /// The genomes of one combination of network- and stage-wide choices.
    private struct Part: Sendable {
        let genome: Genome
        /// Decisions that matter, with what each option adds to cost and to theta . a.
        let decisions: [(choice: JointChoice, options: [(cost: Int, tilt: Double)])]
        /// For each decision, how it and those after it add up.
        let tails: [TiltedSums]
        let base: Int
        /// theta . a of the network- and stage-wide choices.
        let tilt: Double
        /// The logarithm of uniform(a), the same for all of them.
        let logProbability: Double
    }

    /// Sums that a search for the best one looks at, at most.
    private static let mostVisits = 1 << 16
    private static let mostAttempts = 1000

    private let parts: [Part]

    /// Counts the genomes of a space, which `CostDistribution.counts(_:by:)` says that it can.
    ///
    /// - Parameters:
    ///   - tilt: theta, finite.
    ///   - most: Costs that are told apart at most; each takes 24 bytes.
    public init(_ space: SearchSpace, by metric: Metric, tilt: OptionWeights, most: Int = 1 << 20) {
        guard CostDistribution.counts(space, by: metric), let place = space.costs.firstIndex(of: metric) else {
            preconditionFailure("the space cannot be counted by \(metric)")
        }
        let share = CostDistribution.share(of: space, most: most)
        parts = AdditiveCosts.parts(of: space).map { Self.part($0, of: space, by: place, tilt: tilt, most: share) }
    }

    private static func part(
        _ costs: AdditiveCosts, of space: SearchSpace, by metric: Int, tilt: OptionWeights, most: Int
    ) -> Part {
        let decisions = costs.decisions.map { decision in
            let tilts = decision.choice.combined({ tilt[$0].map(Double.init) }, +)
            return (choice: decision.choice, options: zip(decision.costs, tilts).map { (cost: $0[metric], tilt: $1) })
        }
        var sums = TiltedSums.nothing
        var tails = [sums]
        for decision in decisions.reversed() {
            sums = sums.adding(decision.options, most: most)
            tails.append(sums)
        }
        var own = 0.0
        for (index, decision) in space.decisions.enumerated() where !decision.scope.isBlock {
            let weights = tilt[index]
            own += Double(weights[weights.startIndex + Int(costs.genome.choices[index])])
        }
        return Part(
            genome: costs.genome, decisions: decisions, tails: tails.reversed(), base: costs.base[metric], tilt: own,
            logProbability: log(costs.weight))
    }

    /// The probability that a draw from all architectures costs so much.
    public func share(costing window: ClosedRange<Int>) -> Double {
        let all = logarithmOfSum(parts.map { logWeight($0, nil) })
        return exp(logarithmOfSum(parts.map { logWeight($0, window) }) - all)
    }

    /// An architecture that costs so much; nil where none does.
    public func draw(costing window: ClosedRange<Int>, using generator: inout some RandomNumberGenerator) -> Genome? {
        let weights = parts.map { logWeight($0, window) }
        // The first attempt succeeds, unless costs that count as one lie on both sides of an edge.
        for _ in 0..<Self.mostAttempts {
            guard let chosen = Self.pick(weights, using: &generator) else { return nil }
            if let genome = draw(window, of: parts[chosen], using: &generator) { return genome }
        }
        return nil
    }

    private func draw(
        _ window: ClosedRange<Int>, of part: Part, using generator: inout some RandomNumberGenerator
    ) -> Genome? {
        var genome = part.genome, spent = part.base
        for (place, decision) in part.decisions.enumerated() {
            let rest = part.tails[place + 1]
            let weights = decision.options.map {
                $0.tilt + rest.logWeight(in: rest.range(window, less: spent + $0.cost))
            }
            guard let option = Self.pick(weights, using: &generator) else { return nil }
            decision.choice.choose(option, in: &genome)
            spent += decision.options[option].cost
        }
        return genome
    }

    /// The architecture of the greatest theta . a that costs so much, the first of equal ones; nil where none does.
    public func best(costing window: ClosedRange<Int>) -> Genome? {
        let bounds = parts.map { part in
            part.tilt + part.tails[0].best(in: part.tails[0].range(window, less: part.base))
        }
        var visits = Self.mostVisits
        for index in bounds.indices.sorted(by: { (-bounds[$0], $0) < (-bounds[$1], $1) })
        where bounds[index] > -.infinity {
            let part = parts[index]
            if let genome = best(window, of: part, from: 0, part.genome, spent: part.base, visits: &visits) {
                return genome
            }
        }
        return nil
    }

    /// Follows the best sums, and others only where costs that count as one have led astray.
    private func best(
        _ window: ClosedRange<Int>, of part: Part, from place: Int, _ genome: Genome, spent: Int, visits: inout Int
    ) -> Genome? {
        guard place < part.decisions.count else { return genome }
        let decision = part.decisions[place], rest = part.tails[place + 1]
        let bounds = decision.options.map { $0.tilt + rest.best(in: rest.range(window, less: spent + $0.cost)) }
        for option in bounds.indices.sorted(by: { (-bounds[$0], $0) < (-bounds[$1], $1) })
        where bounds[option] > -.infinity && visits > 0 {
            visits -= 1
            var next = genome
            decision.choice.choose(option, in: &next)
            if let found = best(
                window, of: part, from: place + 1, next, spent: spent + decision.options[option].cost, visits: &visits)
            {
                return found
            }
        }
        return nil
    }

    /// The logarithm of a part's weight within a window, or of all of it.
    private func logWeight(_ part: Part, _ window: ClosedRange<Int>?) -> Double {
        let sums = part.tails[0]
        let range = window.map { sums.range($0, less: part.base) } ?? 0..<sums.costs.count
        return part.logProbability + part.tilt + sums.logWeight(in: range)
    }

    /// An index with a probability in proportion to the exponential of its logarithm; nil when all are minus infinity.
    private static func pick(_ logarithms: [Double], using generator: inout some RandomNumberGenerator) -> Int? {
        guard let greatest = logarithms.max(), greatest > -.infinity else { return nil }
        return CostDistribution.pick(logarithms.map { exp($0 - greatest) }, using: &generator)
    }
}

/// What some decisions add up to: for each cost the logarithm of the weight of all ways together, and that of the best one.
struct TiltedSums: Sendable, Equatable {
    /// The costs, ascending.
    private(set) var costs: [Int]
    /// The logarithm of the sum over ways of exp(theta . a).
    private(set) var logWeights: [Double]
    /// The greatest theta . a of a way.
    private(set) var best: [Double]

    /// No decision at all.
    static let nothing = TiltedSums(costs: [0], logWeights: [0], best: [0])

    /// The sums with one more decision, coarsened on the way where there are too many.
    func adding(_ options: [(cost: Int, tilt: Double)], most: Int) -> TiltedSums {
        options.reduce(TiltedSums(costs: [], logWeights: [], best: [])) { sum, option in
            sum.merged(with: self, option).coarsened(to: most)
        }
    }

    /// Places of the costs of a window of which so much is spent.
    func range(_ window: ClosedRange<Int>, less spent: Int) -> Range<Int> {
        let first = costs.place(of: window.lowerBound - spent)
        return first..<max(first, costs.place(of: window.upperBound.plus(1) - spent))
    }

    func logWeight(in range: Range<Int>) -> Double { logarithmOfSum(logWeights[range]) }

    func best(in range: Range<Int>) -> Double { best[range].max() ?? -.infinity }

    private func merged(with other: TiltedSums, _ option: (cost: Int, tilt: Double)) -> TiltedSums {
        var merged = TiltedSums(costs: [], logWeights: [], best: [])
        merged.costs.reserveCapacity(costs.count + other.costs.count)
        merged.logWeights.reserveCapacity(costs.count + other.costs.count)
        merged.best.reserveCapacity(costs.count + other.costs.count)
        var left = 0, right = 0
        while left < costs.count || right < other.costs.count {
            let here = left < costs.count ? costs[left] : .max
            let there = right < other.costs.count ? other.costs[right] + option.cost : .max
            let cost = min(here, there)
            let first = here == cost ? (logWeights[left], best[left]) : (-.infinity, -.infinity)
            let second =
                there == cost
                ? (other.logWeights[right] + option.tilt, other.best[right] + option.tilt) : (-.infinity, -.infinity)
            merged.costs.append(cost)
            merged.logWeights.append(
                second.0 == -.infinity
                    ? first.0 : first.0 == -.infinity ? second.0 : logarithmOfSum([first.0, second.0]))
            merged.best.append(max(first.1, second.1))
            if here == cost { left += 1 }
            if there == cost { right += 1 }
        }
        return merged
    }

    private func coarsened(to most: Int) -> TiltedSums {
        guard costs.count > most else { return self }
        var coarse = TiltedSums(costs: [], logWeights: [], best: [])
        for group in CostCounts.groups(of: costs, most: most) {
            let total = logarithmOfSum(logWeights[group]), greatest = logWeights[group].max() ?? 0
            let weights = group.map { exp(logWeights[$0] - greatest) }
            coarse.costs.append(CostCounts.mean(of: Array(costs[group])[...], weighing: weights[...]))
            coarse.logWeights.append(total)
            coarse.best.append(best[group].max() ?? -.infinity)
        }
        return coarse
    }
}

/// The logarithm of the sum of exponentials, whatever their size; minus infinity of none.
private func logarithmOfSum(_ logarithms: some Collection<Double>) -> Double {
    guard let greatest = logarithms.max(), greatest > -.infinity else { return -.infinity }
    return greatest + log(logarithms.reduce(0) { $0 + exp($1 - greatest) })
}
