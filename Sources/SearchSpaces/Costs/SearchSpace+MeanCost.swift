extension SearchSpace {
    /// The mean of a cost over uniform draws of every decision, the same on every machine: exact where the combinations of
    /// network-wide choices are few enough to go through, otherwise over some thousand draws of a fixed seed.
    public func meanCost(by metric: Metric) -> Double {
        guard let index = costs.firstIndex(of: metric) else { return 0 }
        guard CostDistribution.counts(self, by: metric),
            AdditiveCosts.evaluationCount(of: self) <= Self.mostEvaluationsForMean
        else {
            var generator = FixedDraws()
            let costs = (0..<Self.drawsForMean).map { _ in
                Double(cost(of: randomGenome(using: &generator), by: metric))
            }
            return costs.reduce(0, +) / Double(costs.count)
        }
        var sum = 0.0, count = 0.0
        for part in AdditiveCosts.parts(of: self) {
            let added = part.decisions.map { decision in
                decision.costs.map { Double($0[index]) }.reduce(0, +) / Double(decision.costs.count)
            }
            sum += Double(part.base[index]) + added.reduce(0, +)
            count += 1
        }
        return sum / count
    }

    private static let mostEvaluationsForMean = 1 << 18
    private static let drawsForMean = 4096
}

/// The same numbers each time: SplitMix64 from 0.
///
/// Source: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators" (OOPSLA 2014).
package struct FixedDraws: RandomNumberGenerator {
    private var state: UInt64 = 0

    package init() {}

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
