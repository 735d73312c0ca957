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

    /// Every combination of a space, each computed when it is asked for: there may be more than anybody can list.
    ///
    /// Complexity: O(decisions times options) costs of a genome for each.
    static func parts(of space: SearchSpace) -> some Sequence<AdditiveCosts> {
        let sums = space.costs.map { $0.accumulation == .sum }
        return NetworkChoices(space).lazy.map { AdditiveCosts($0, of: space, sums: sums) }
    }

    /// How many combinations a space has; the greatest number where they are more.
    static func combinationCount(of space: SearchSpace) -> Int {
        space.decisions.filter { $0.scope == .network }.reduce(1) { $0.times($1.options.count) }
    }

    /// How many costs of genomes the parts of a space take at most; the greatest number where they are more.
    static func evaluationCount(of space: SearchSpace) -> Int {
        let options = space.decisions.filter { $0.scope != .network }.reduce(0) { $0.plus($1.options.count) }
        return combinationCount(of: space).times(options.plus(1))
    }

    /// Costs of a genome that were computed.
    var evaluations: Int { 1 + decisions.reduce(0) { $0 + $1.costs.count } }

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
}

/// The genomes of all combinations of network-wide choices, every other choice 0; the last decision changes first.
private struct NetworkChoices: Sequence, IteratorProtocol {
    private let places: [(index: Int, options: Int)]
    private var following: Genome?

    init(_ space: SearchSpace) {
        places = space.decisions.enumerated().filter { $1.scope == .network }.map { ($0, $1.options.count) }
        following = space.smallest
    }

    mutating func next() -> Genome? {
        guard let genome = following else { return nil }
        var changed = genome
        for place in places.reversed() {
            guard Int(changed.choices[place.index]) + 1 == place.options else {
                changed.choices[place.index] += 1
                following = changed
                return genome
            }
            changed.choices[place.index] = 0
        }
        following = nil
        return genome
    }
}
