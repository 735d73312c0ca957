extension SearchSpace {
    /// The mean of a cost over draws of every decision by ``Decision/probabilities(lean:)``, uniform ones by default, the same on
    /// every machine: exact where the combinations of network- and stage-wide choices are few enough to go through, otherwise
    /// over some thousand draws of a fixed seed.
    public func meanCost(by metric: Metric, lean: Double = 1) -> Double {
        guard let index = costs.firstIndex(of: metric) else { return 0 }
        guard CostDistribution.counts(self, by: metric),
            AdditiveCosts.evaluationCount(of: self) <= Self.mostEvaluationsForMean
        else {
            var generator = FixedDraws()
            let costs = evenGenomes(Self.drawsForMean, lean: lean, using: &generator).map {
                Double(cost(of: $0, by: metric))
            }
            return costs.reduce(0, +) / Double(costs.count)
        }
        let probabilities = decisions.map { $0.probabilities(lean: lean) }
        return AdditiveCosts.parts(of: self).reduce(0) { sum, part in
            let weight = decisions.indices.reduce(1.0) {
                !decisions[$1].scope.isBlock ? $0 * probabilities[$1][Int(part.genome.choices[$1])] : $0
            }
            let added = part.decisions.map { decision in
                let shares = decision.choice.combined({ probabilities[$0] }, *)
                return zip(decision.costs, shares).map { Double($0[index]) * $1 }.reduce(0, +)
            }
            return sum + weight * (Double(part.base[index]) + added.reduce(0, +))
        }
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
