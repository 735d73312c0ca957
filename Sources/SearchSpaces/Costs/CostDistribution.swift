/// How the costs of all genomes of a space are spread over bins, and draws of genomes given their bin or any window of cost.
///
/// Costs of blocks add up once the choices of the whole network and of stages are fixed. So for each combination of those the
/// numbers of genomes of every cost follow decision by decision, and with them shares and draws need no rejection however rare
/// a bin is. Exact while no decision has more than its share of ``mostCosts`` different costs; past that, costs that are
/// closest count as one, and shares and draws are off by what lies that close together. Draws are of their bin or window in
/// any case.
public struct CostDistribution: Sendable {
    /// The genomes of one combination of network- and stage-wide choices.
    private struct Part: Sendable {
        let genome: Genome
        /// Decisions that matter, with what each option adds to the cost.
        let decisions: [(choice: JointChoice, costs: [Int])]
        /// For each decision, the ways in which it and those after it add up; sorted by cost, counts accumulated.
        let tails: [Tail]
        let base: Int
        /// Probability of one of the genomes under uniform draws.
        let weight: Double
    }

    private struct Tail: Sendable {
        let costs: [Int]
        /// For each place, the ways that cost less, and the others: a difference of the smaller ones keeps its digits.
        let before: [Double]
        let after: [Double]

        init(_ sums: CostCounts) {
            costs = sums.costs
            before = sums.counts.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) }
            after = sums.counts.reversed().reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) }.reversed()
        }

        /// How many ways cost from `low` up to and without `high`.
        func ways(from low: Int, upTo high: Int) -> Double {
            let first = costs.place(of: low), end = costs.place(of: high)
            guard first < end else { return 0 }
            return before[first] < after[end] ? before[end] - before[first] : after[first] - after[end]
        }

        /// What all of these ways cost together.
        func sum(from low: Int, upTo high: Int) -> Double {
            let first = costs.place(of: low), end = costs.place(of: high)
            return first < end
                ? (first..<end).reduce(0) { $0 + Double(costs[$1]) * ways(from: costs[$1], upTo: costs[$1] + 1) } : 0
        }
    }

    /// Costs that are told apart at most, over all decisions and combinations: 96 MB of them, with the ways to each.
    public static let mostCosts = 1 << 22
    /// Combinations of network- and stage-wide choices that are told apart at most.
    static let mostCombinations = 1 << 16
    /// Costs of genomes that are computed at most: seconds, and 16 MB of them.
    static let mostEvaluations = 1 << 21
    private static let mostAttempts = 1000

    /// The bins.
    public let bins: CostBins
    private let parts: [Part]
    private let edges: [Int]

    /// Whether the genomes of a space can be counted by a cost: it declares the cost, which adds up, and has no more
    /// combinations of network- and stage-wide choices than can be told apart, with no more options in all of them than
    /// anybody waits for.
    public static func counts(_ space: SearchSpace, by metric: Metric) -> Bool {
        metric.accumulation == .sum && space.costs.contains(metric) && space.family.hasAdditiveCosts
            && AdditiveCosts.combinationCount(of: space) <= mostCombinations
            && AdditiveCosts.evaluationCount(of: space) <= mostEvaluations
    }

    /// Counts the genomes of a space, which ``counts(_:by:)`` says that it can.
    ///
    /// Complexity: O(combinations of network- and stage-wide choices, times options of all decisions, times different
    /// costs).
    ///
    /// - Parameter most: Costs that are told apart at most.
    public init(_ space: SearchSpace, bins: CostBins, most: Int = mostCosts) {
        guard Self.counts(space, by: bins.metric), let metric = space.costs.firstIndex(of: bins.metric) else {
            preconditionFailure("the space cannot be counted by \(bins.metric)")
        }
        self.bins = bins
        edges = (0...bins.count).map(bins.edge)
        let share = Self.share(of: space, most: most)
        parts = AdditiveCosts.parts(of: space).map { Self.part($0, by: metric, most: share) }
    }

    /// Counts the genomes of a space for windows of a cost, all of them in one bin.
    public init(_ space: SearchSpace, by metric: Metric, most: Int = mostCosts) {
        self.init(space, bins: CostBins(space, count: 1, metric: metric), most: most)
    }

    /// Costs that are told apart.
    var costCount: Int { parts.reduce(0) { $0 + $1.tails.reduce(0) { $0 + $1.costs.count } } }

    /// The share of uniform draws, every decision by itself, that falls into each bin.
    public var uniformShares: [Double] {
        (0..<bins.count).map { bin in parts.map { $0.weight * ways($0, bin) }.reduce(0, +) }
    }

    /// The share of all different architectures that falls into each bin.
    public var genomeShares: [Double] {
        let counts = (0..<bins.count).map { bin in parts.map { ways($0, bin) }.reduce(0, +) }
        let total = counts.reduce(0, +)
        return counts.map { $0 / total }
    }

    /// The mean cost of uniform draws within each bin; nil for a bin without genomes.
    public var uniformMeans: [Double?] {
        zip(uniformShares, 0..<bins.count).map { share, bin in
            guard share > 0 else { return nil }
            let sums = parts.map { part in
                let low = edges[bin] - part.base, high = edges[bin + 1] - part.base
                let ways = part.tails[0].ways(from: low, upTo: high)
                return part.weight * (Double(part.base) * ways + part.tails[0].sum(from: low, upTo: high))
            }
            return sums.reduce(0, +) / share
        }
    }

    /// How many different architectures cost so much.
    public func genomeCount(costing window: ClosedRange<Int>) -> Double {
        parts.map { ways($0, from: window.lowerBound, upTo: window.upperBound.plus(1)) }.reduce(0, +)
    }

    /// The architectures that cost so much, at most so many: all of them where ``genomeCount(costing:)`` is no more.
    ///
    /// - Parameter most: At least 0.
    public func genomes(costing window: ClosedRange<Int>, most: Int) -> [Genome] {
        var genomes: [Genome] = []
        for part in parts where genomes.count < most {
            list(
                part, from: window.lowerBound - part.base, upTo: window.upperBound.plus(1) - part.base, place: 0,
                part.genome, most: most, into: &genomes)
        }
        return genomes
    }

    private func list(
        _ part: Part, from low: Int, upTo high: Int, place: Int, _ genome: Genome, most: Int,
        into genomes: inout [Genome]
    ) {
        guard genomes.count < most, part.tails[place].ways(from: low, upTo: high) > 0 else { return }
        guard place < part.decisions.count else { return genomes.append(genome) }
        for (option, cost) in part.decisions[place].costs.enumerated() {
            var next = genome
            part.decisions[place].choice.choose(option, in: &next)
            list(part, from: low - cost, upTo: high - cost, place: place + 1, next, most: most, into: &genomes)
        }
    }

    /// A genome as uniform draws would bring it, given that its cost is in a bin; nil for a bin without genomes, or with so few that
    /// they cannot be told from a neighbour's.
    public func draw(_ bin: Int, using generator: inout some RandomNumberGenerator) -> Genome? {
        draw(from: edges[bin], upTo: edges[bin + 1], using: &generator)
    }

    /// A genome as uniform draws would bring it, given that it costs so much; nil where none does, or as of a bin.
    public func draw(costing window: ClosedRange<Int>, using generator: inout some RandomNumberGenerator) -> Genome? {
        draw(from: window.lowerBound, upTo: window.upperBound.plus(1), using: &generator)
    }

    private func draw(from low: Int, upTo high: Int, using generator: inout some RandomNumberGenerator) -> Genome? {
        let weights = parts.map { $0.weight * ways($0, from: low, upTo: high) }
        // The first attempt succeeds, unless costs that count as one lie on both sides of an edge.
        for _ in 0..<Self.mostAttempts {
            guard let chosen = Self.pick(weights, using: &generator) else { return nil }
            if let genome = draw(from: low, upTo: high, of: parts[chosen], using: &generator) { return genome }
        }
        return nil
    }

    private func draw(
        from low: Int, upTo high: Int, of part: Part, using generator: inout some RandomNumberGenerator
    ) -> Genome? {
        var genome = part.genome
        var low = low - part.base, high = high - part.base
        for (place, decision) in part.decisions.enumerated() {
            let rest = part.tails[place + 1]
            let ways = decision.costs.map { rest.ways(from: low - $0, upTo: high - $0) }
            guard let option = Self.pick(ways, using: &generator) else { return nil }
            decision.choice.choose(option, in: &genome)
            low -= decision.costs[option]
            high -= decision.costs[option]
        }
        return genome
    }

    private func ways(_ part: Part, _ bin: Int) -> Double { ways(part, from: edges[bin], upTo: edges[bin + 1]) }

    private func ways(_ part: Part, from low: Int, upTo high: Int) -> Double {
        part.tails[0].ways(from: low - part.base, upTo: high - part.base)
    }

    /// Costs that each decision of each combination may tell apart.
    static func share(of space: SearchSpace, most: Int) -> Int {
        max(2, most / (AdditiveCosts.combinationCount(of: space) * (space.decisions.count + 1)))
    }

    private static func part(_ costs: AdditiveCosts, by metric: Int, most: Int) -> Part {
        let decisions = costs.decisions.map { (choice: $0.choice, costs: $0.costs.map { $0[metric] }) }
        var sums = CostCounts.nothing
        var tails = [Tail(sums)]
        for decision in decisions.reversed() {
            sums = sums.adding(decision.costs, most: most)
            tails.append(Tail(sums))
        }
        return Part(
            genome: costs.genome, decisions: decisions, tails: tails.reversed(), base: costs.base[metric],
            weight: costs.weight)
    }

    /// An index with a probability in proportion to its weight; nil when all weights are 0.
    static func pick(_ weights: [Double], using generator: inout some RandomNumberGenerator) -> Int? {
        let total = weights.reduce(0, +)
        guard total > 0 else { return nil }
        var rest = Double.random(in: 0..<total, using: &generator)
        for (index, weight) in weights.enumerated() where weight > 0 {
            rest -= weight
            if rest < 0 { return index }
        }
        return weights.lastIndex { $0 > 0 }
    }
}

extension [Int] {
    /// Of ascending numbers, the place of the first that is at least a number.
    func place(of number: Int) -> Int {
        var low = 0, high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
