/// The costs of all genomes of one combination of network-wide choices, decision by decision: once those are fixed, costs add
/// up.
struct AdditiveCosts: Sendable {
    /// The genome with every other choice 0.
    let genome: Genome
    /// What it costs.
    let base: ArchitectureCost
    /// Decisions that matter, with what each option adds.
    let decisions: [(index: Int, costs: [ArchitectureCost])]
    /// Probability of one of the genomes under uniform draws.
    let weight: Double

    /// Every combination of a space.
    ///
    /// Complexity: O(combinations times decisions times options) costs of a genome.
    static func parts(of space: SearchSpace) -> [AdditiveCosts] {
        combinations(of: space).map { AdditiveCosts($0, of: space) }
    }

    private init(_ genome: Genome, of space: SearchSpace) {
        let base = space.cost(of: genome)
        let active = space.isActive(genome)
        var weight = 1.0
        var decisions: [(index: Int, costs: [ArchitectureCost])] = []
        for (index, decision) in space.decisions.enumerated() {
            if decision.scope == .network {
                weight /= Double(decision.options.count)
            } else if active[index] {
                weight /= Double(decision.options.count)
                decisions.append(
                    (
                        index,
                        decision.options.indices.map { option in
                            var changed = genome
                            changed.choices[index] = UInt8(option)
                            let cost = space.cost(of: changed)
                            return ArchitectureCost(
                                params: cost.params - base.params, multiplyAdds: cost.multiplyAdds - base.multiplyAdds)
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
