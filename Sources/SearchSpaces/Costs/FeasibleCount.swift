/// How many architectures of a space keep bounds on their costs, all of them together.
public enum FeasibleCount: Sendable, Hashable {
    /// So many, exactly as far as a `Double` is exact; 0 is proven.
    case counted(Double)
    /// The costs add up in too many ways to be counted.
    case uncounted

    /// Sums of costs that are looked at, over all combinations and decisions: some tenths of a second.
    public static let mostSums = 1 << 21
    /// Costs of genomes that are computed for them: some tenths of a second.
    static let mostCosts = 1 << 19

    /// Counts the architectures that keep constraints; those on qualities, which no genome tells, count only where they
    /// exclude one another.
    ///
    /// Once network- and stage-wide choices are fixed, costs add up decision by decision. Of the sums so far only those are
    /// followed whose outcome is still open: what can no longer keep a bound is dropped, and what keeps all of them whatever
    /// follows is counted at once.
    public init(_ space: SearchSpace, keeping constraints: [Constraint], mostSums: Int = mostSums) {
        var ranges: [Metric: ClosedRange<Double>] = [:]
        for constraint in constraints {
            let known = ranges[constraint.metric] ?? -Double.infinity...Double.infinity
            let low = max(known.lowerBound, constraint.atLeast ?? -.infinity)
            let high = min(known.upperBound, constraint.atMost ?? .infinity)
            guard low <= high else {
                self = .counted(0)
                return
            }
            ranges[constraint.metric] = low...high
        }
        let bounds = space.costs.enumerated().compactMap { index, metric in
            ranges[metric].map { Bound(place: index, accumulation: metric.accumulation, range: $0) }
        }
        // Nothing is to be added up, and there may be any number of combinations.
        guard !bounds.isEmpty else {
            self = .counted(space.canonicalGenomeCount)
            return
        }
        guard space.family.hasAdditiveCosts else {
            self = .uncounted
            return
        }
        var budget = mostSums, costs = Self.mostCosts, total = 0.0
        for part in AdditiveCosts.parts(of: space) {
            costs -= part.evaluations
            guard costs >= 0, let count = Self.count(part, bounds, &budget) else {
                self = .uncounted
                return
            }
            total += count
        }
        self = .counted(total)
    }

    /// A bound on one of the family's costs.
    private struct Bound {
        let place: Int
        let accumulation: Metric.Accumulation
        let range: ClosedRange<Double>

        /// What no decision at all brings.
        var nothing: Int { accumulation == .sum ? 0 : .min }

        func together(_ first: Int, _ second: Int) -> Int {
            accumulation == .sum ? first + second : max(first, second)
        }
    }

    /// The genomes of one combination that keep every bound; nil when there are too many sums.
    private static func count(
        _ part: AdditiveCosts, _ bounds: [Bound], _ budget: inout Int
    ) -> Double? {
        let decisions = part.decisions.map { decision in
            decision.costs.map { cost in bounds.map { cost[$0.place] } }
        }
        // What the decisions from each place on add at least and at most, and in how many ways.
        var least = [bounds.map(\.nothing)], most = least, ways = [1.0]
        for options in decisions.reversed() {
            let (low, high, count) = (least[least.count - 1], most[most.count - 1], ways[ways.count - 1])
            least.append(
                bounds.indices.map { at in
                    bounds[at].together(low[at], options.map { $0[at] }.min() ?? bounds[at].nothing)
                })
            most.append(
                bounds.indices.map { at in
                    bounds[at].together(high[at], options.map { $0[at] }.max() ?? bounds[at].nothing)
                })
            ways.append(count * Double(options.count))
        }
        least.reverse()
        most.reverse()
        ways.reverse()
        var total = 0.0
        var open: [[Int]: Double] = [:]
        func take(_ sums: [Int], _ count: Double, at place: Int, into next: inout [[Int]: Double]) {
            var isSettled = true
            for (bound, sum) in zip(bounds.indices, sums) {
                let low = Double(bounds[bound].together(sum, least[place][bound]))
                let high = Double(bounds[bound].together(sum, most[place][bound]))
                let range = bounds[bound].range
                if low > range.upperBound || high < range.lowerBound { return }
                if low < range.lowerBound || high > range.upperBound { isSettled = false }
            }
            if isSettled { total += count * ways[place] } else { next[sums, default: 0] += count }
        }
        take(bounds.map { part.base[$0.place] }, 1, at: 0, into: &open)
        for (place, options) in decisions.enumerated() {
            budget -= open.count * options.count
            guard budget >= 0 else { return nil }
            var next: [[Int]: Double] = [:]
            for (sums, count) in open {
                for option in options {
                    let together = bounds.indices.map { bounds[$0].together(sums[$0], option[$0]) }
                    take(together, count, at: place + 1, into: &next)
                }
            }
            open = next
        }
        return total
    }
}
