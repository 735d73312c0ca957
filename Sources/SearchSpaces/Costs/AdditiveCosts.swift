/// The costs of all genomes of one combination of network-wide choices, decision by decision: once those are fixed, costs
/// accumulate.
struct AdditiveCosts: Sendable {
    /// The genome with every other choice 0.
    let genome: Genome
    /// What it costs: a number for each cost of the family.
    let base: [Int]
    /// Decisions that matter, with what each option brings: what it adds to a sum, and the peak that it comes to.
    let decisions: [(index: Int, costs: [[Int]])]
    /// Probability of one of the genomes under uniform draws.
    let weight: Double

    /// Every combination of a space.
    ///
    /// Complexity: O(combinations times decisions times options) costs of a genome.
    static func parts(of space: SearchSpace) -> [AdditiveCosts] {
        let sums = space.costs.map { $0.accumulation == .sum }
        return combinations(of: space).map { AdditiveCosts($0, of: space, sums: sums) }
    }

    private init(_ genome: Genome, of space: SearchSpace, sums: [Bool]) {
        let base = space.family.costs(of: genome)
        var weight = 1.0
        var decisions: [(index: Int, costs: [[Int]])] = []
        for (index, decision) in space.decisions.enumerated() {
            if decision.scope == .network {
                weight /= Double(decision.options.count)
            } else if space.isActive(index, in: genome) {
                weight /= Double(decision.options.count)
                decisions.append(
                    (
                        index,
                        decision.options.indices.map { option in
                            var changed = genome
                            changed.choices[index] = UInt8(option)
                            let costs = space.family.costs(of: changed)
                            return costs.indices.map { sums[$0] ? costs[$0] - base[$0] : costs[$0] }
                        }
                    ))
            }
        }
        self.genome = genome
        self.base = base
        self.decisions = decisions
        self.weight = weight
    }

    /// The genomes of all combinations of network-wide choices, every other choice 0.
    private static func combinations(of space: SearchSpace) -> [Genome] {
        var genomes = [space.smallest]
        for (index, decision) in space.decisions.enumerated() where decision.scope == .network {
            genomes = genomes.flatMap { genome in
                decision.options.indices.map { option in
                    var changed = genome
                    changed.choices[index] = UInt8(option)
                    return changed
                }
            }
        }
        return genomes
    }
}
