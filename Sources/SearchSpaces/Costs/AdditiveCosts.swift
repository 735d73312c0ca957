/// Decisions that bring costs together: one, or several of a block.
struct JointChoice: Sendable {
    /// Their places in a genome.
    let decisions: [Int]
    /// Every combination of their options, the last decision changing first.
    let options: [[UInt8]]

    init(_ decisions: [Int], of space: SearchSpace) {
        self.decisions = decisions
        options = decisions.reduce([[]]) { combinations, index in
            combinations.flatMap { chosen in
                space.decisions[index].options.indices.map { chosen + [UInt8($0)] }
            }
        }
    }

    /// Sets the decisions to one of the combinations.
    func choose(_ option: Int, in genome: inout Genome) {
        for (decision, choice) in zip(decisions, options[option]) { genome.choices[decision] = choice }
    }

    /// What belongs to each combination, put together from what belongs to the options of each decision.
    func combined<Value>(
        _ values: (_ decision: Int) -> some Collection<Value>, _ together: (Value, Value) -> Value
    ) -> [Value] {
        let lists = decisions.map { Array(values($0)) }
        return options.compactMap { chosen in
            let own = zip(lists, chosen).map { $0[Int($1)] }
            return own.first.map { own.dropFirst().reduce($0, together) }
        }
    }

    /// The decisions of blocks, each once: alone, or with those that bring costs together with it.
    static func ofBlocks(_ space: SearchSpace) -> [JointChoice] {
        let groups = space.family.jointDecisions
        let joint = Dictionary(groups.flatMap { group in group.map { ($0, group) } }) { first, _ in first }
        return space.decisions.indices.compactMap { index in
            guard space.decisions[index].scope.isBlock else { return nil }
            let group = joint[index] ?? [index]
            return group.first == index ? JointChoice(group, of: space) : nil
        }
    }
}

/// The costs of all genomes of one combination of the choices of the network and of stages, decision by decision: once those
/// are fixed, costs accumulate.
struct AdditiveCosts: Sendable {
    /// The genome with every other choice 0.
    let genome: Genome
    /// What it costs: a number for each cost of the family.
    let base: [Int]
    /// Decisions that matter, with what each combination of their options brings: what it adds to a sum, and the peak that it
    /// comes to.
    let decisions: [(choice: JointChoice, costs: [[Int]])]
    /// Probability of one of the genomes under uniform draws.
    let weight: Double

    /// Every combination of a space, each computed when it is asked for: there may be more than anybody can list.
    ///
    /// Complexity: O(decisions times options) costs of a genome for each.
    static func parts(of space: SearchSpace) -> some Sequence<AdditiveCosts> {
        let sums = space.costs.map { $0.accumulation == .sum }, choices = JointChoice.ofBlocks(space)
        return WideChoices(space).lazy.map { AdditiveCosts($0, choices, of: space, sums: sums) }
    }

    /// How many combinations a space has; the greatest number where they are more.
    static func combinationCount(of space: SearchSpace) -> Int {
        space.decisions.filter { !$0.scope.isBlock }.reduce(1) { $0.times($1.options.count) }
    }

    /// How many costs of genomes the parts of a space take at most; the greatest number where they are more.
    static func evaluationCount(of space: SearchSpace) -> Int {
        let options = JointChoice.ofBlocks(space).reduce(0) { $0.plus($1.options.count) }
        return combinationCount(of: space).times(options.plus(1))
    }

    /// Costs of a genome that were computed.
    var evaluations: Int { 1 + decisions.reduce(0) { $0 + $1.costs.count } }

    private init(_ genome: Genome, _ choices: [JointChoice], of space: SearchSpace, sums: [Bool]) {
        let base = space.family.costs(of: genome)
        var weight = 1.0
        for (index, decision) in space.decisions.enumerated()
        where !decision.scope.isBlock || space.isActive(index, in: genome) {
            weight /= Double(decision.options.count)
        }
        self.genome = genome
        self.base = base
        decisions = choices.filter { $0.decisions.allSatisfy { space.isActive($0, in: genome) } }.map { choice in
            let costs = choice.options.indices.map { option in
                var changed = genome
                choice.choose(option, in: &changed)
                let costs = space.family.costs(of: changed)
                return costs.indices.map { sums[$0] ? costs[$0] - base[$0] : costs[$0] }
            }
            return (choice, costs)
        }
        self.weight = weight
    }
}

/// The genomes of all combinations of the choices of the network and of stages, every other choice 0; the last decision changes
/// first.
private struct WideChoices: Sequence, IteratorProtocol {
    private let places: [(index: Int, options: Int)]
    private var following: Genome?

    init(_ space: SearchSpace) {
        places = space.decisions.enumerated().filter { !$1.scope.isBlock }.map { ($0, $1.options.count) }
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
