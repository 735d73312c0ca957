internal import Foundation
internal import SearchSpaces
internal import Tensors

/// Finds the subnet of a trained supernet for a budget, with work that has a bound.
///
/// Candidates cost within 2 % of the budget: all architectures that do, where they are few; else uniform draws, from whose
/// losses a ridge regression learns what each option is worth, then draws that lean by that and the one that leans most. They
/// are measured on the first validation examples, and the best few on all.
struct BudgetSearch {
    /// Candidates at most, what the sampler holds for best aside.
    static let candidates = 64
    /// Candidates at least, where more on so many examples would take too long.
    private static let leastCandidates = 8
    /// Those of them that are drawn before anything is known.
    private static let drawnFirst = 40
    /// Candidates that are measured on all validation examples at most.
    private static let finalists = 5
    /// Validation examples that candidates are measured on, at least and at most.
    private static let samples = 128...1000
    /// Multiply-adds that candidates are measured with, and as many again for finalists: about a minute of two cores.
    private static let mostWork = 4e12
    /// The noise of a measured loss in units of what an option adds to it, squared.
    private static let ridge = 1.0
    /// By how many standard deviations of what draws are expected to lose the leaning ones are moved.
    private static let lean = 2.0
    /// Draws for each candidate that is still wanted: some are drawn again.
    private static let tries = 10
    /// How often a walk passes all decisions at most, and walks of which one is taken.
    private static let sweeps = 4, walks = 4
    /// Costs that are told apart: 12 MB of them.
    private static let mostCosts = 1 << 19

    let space: SearchSpace
    let metric: Metric
    /// What candidates cost; wider than the budget's window only where that is empty.
    let window: ClosedRange<Int>
    /// Draws by cost; nil where the costs of the space cannot be counted.
    private let table: CostDistribution?
    private var generator: CounterGenerator
    /// Candidates that are measured.
    private var wanted: Int = BudgetSearch.candidates
    /// The dearest below the window that a walk ended at.
    private var nearest: Genome?

    /// Prepares the search for a budget that some architecture keeps.
    ///
    /// - Parameter seed: The run's seed.
    init(_ space: SearchSpace, within budget: CostBudget, seed: UInt64) {
        self.space = space
        metric = budget.metric
        let costs = space.costRange(by: metric) ?? 0...0, least = costs.lowerBound
        // Whoever gives more than there is gets the dearest.
        let most = max(1, least, min(budget.limit, costs.upperBound))
        generator = CounterGenerator(seed: seed, stream: .search, step: UInt64(most))
        let asked = CostBudget(metric, atMost: most)?.window ?? most...most
        guard CostDistribution.counts(space, by: metric) else {
            table = nil
            window = asked
            return
        }
        let table = CostDistribution(space, by: metric, most: Self.mostCosts)
        self.table = table
        var low = asked.lowerBound, numbers = generator
        while low > least, table.draw(costing: low...most, using: &numbers) == nil {
            low = max(least, low - max(1, most / 50))
        }
        window = low...most
    }

    /// The subnet of the least loss on all validation examples.
    ///
    /// - Parameters:
    ///   - pick: What the sampler holds for best, which is a candidate where it costs as much as others.
    ///   - examples: Validation examples that there are.
    ///   - measure: The losses of genomes on so many of them, the less the better; nil when it was told to stop.
    /// - Returns: The subnet; nil when it was told to stop.
    mutating func answer(
        pick: Genome?, examples: Int, measure: (_ genomes: [Genome], _ samples: Int) throws -> [Double]?
    ) rethrows -> Genome? {
        let least = Double(Self.samples.lowerBound) * dearestMultiplyAdds
        wanted = min(Self.candidates, max(Self.leastCandidates, Int(saturating: Self.mostWork / least)))
        let work = Double(wanted) * dearestMultiplyAdds
        let samples = min(
            examples, max(Self.samples.lowerBound, Int(saturating: min(Self.mostWork / work, 1e9))),
            Self.samples.upperBound)
        var known = candidates(pick: pick)
        guard known.count > 1 else { return known.first }
        guard var losses = try measure(known, samples).map(Self.finite) else { return nil }
        if learns && !hasFew {
            let more = leaning(known, losses)
            guard let further = try more.isEmpty ? [] : measure(more, samples).map(Self.finite) else { return nil }
            known += more
            losses += further
        }
        var best = known.indices.sorted { (losses[$0], $0) < (losses[$1], $1) }.map { known[$0] }
        // On all examples only where that takes no longer.
        let affordable = Int(saturating: Self.mostWork / (Double(examples) * dearestMultiplyAdds))
        let finalists = min(Self.finalists, affordable)
        guard samples < examples, finalists > 1 else { return best.first }
        best = Array(best.prefix(finalists))
        guard let final = try measure(best, examples).map(Self.finite) else { return nil }
        return best.indices.min { (final[$0], $0) < (final[$1], $1) }.map { best[$0] }
    }

    /// Multiply-adds of an example at most.
    private var dearestMultiplyAdds: Double {
        let most = space.cost(of: space.largest).multiplyAdds
        return Double(max(1, metric == .multiplyAdds ? min(most, window.upperBound) : most))
    }

    /// Losses that are no numbers are worse than any.
    private static func finite(_ losses: [Double]) -> [Double] { losses.map { $0.isFinite ? $0 : .infinity } }

    // MARK: Candidates

    /// Whether all architectures of the window are candidates.
    private var hasFew: Bool { table.map { $0.genomeCount(costing: window) <= Double(wanted) } ?? false }

    /// Whether options are so few that what each is worth can be learned at once.
    private var learns: Bool {
        space.decisions.reduce(0) { $0 + $1.options.count } <= OptionPredictor.mostOptions
    }

    /// What is measured first.
    private mutating func candidates(pick: Genome?) -> [Genome] {
        var known: [Genome] = []
        if let pick, window.contains(space.cost(of: pick, by: metric)) { known.append(space.canonical(pick)) }
        let count = learns ? min(Self.drawnFirst, (5 * wanted + 7) / 8) : wanted
        if hasFew, let table {
            for genome in table.genomes(costing: window, most: wanted) where !known.contains(genome) {
                known.append(genome)
            }
        } else if let table {
            add(count, to: &known) { table.draw(costing: $0.window, using: &$0.generator) }
        } else {
            add(count, to: &known) { $0.walk() }
        }
        // Where costs are too many to be counted, a window may hold none that was found: then the dearest below it.
        return known.isEmpty ? [nearest ?? space.smallest] : known
    }

    /// What is measured once losses of some are known: the one of the least expected loss, and draws that lean towards less.
    private mutating func leaning(_ known: [Genome], _ losses: [Double]) -> [Genome] {
        var predictor = OptionPredictor(space, ridge: Self.ridge)
        let measured = known.indices.filter { losses[$0].isFinite }
        predictor.learn(measured.map { known[$0] }, losses: measured.map { losses[$0] })
        var weights = predictor.weights
        let scores = known.map { space.score($0, by: weights) }
        let mean = scores.reduce(0, +) / Double(scores.count)
        let deviation = (scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(scores.count)).squareRoot()
        let scale = deviation > 0 ? Float(-Self.lean / deviation) : 0
        for index in weights.values.indices { weights.values[index] *= scale }
        var all = known
        let missing = max(0, wanted - known.count)
        guard table != nil else {
            add(missing, to: &all) { search in
                // Of some the one that leans most.
                (0..<Self.walks).compactMap { _ in search.walk() }.max {
                    search.space.score($0, by: weights) < search.space.score($1, by: weights)
                }
            }
            return Array(all.dropFirst(known.count))
        }
        let tilted = TiltedDistribution(space, by: metric, tilt: weights, most: Self.mostCosts)
        if let best = tilted.best(costing: window), !all.contains(best) { all.append(best) }
        add(missing + known.count - all.count, to: &all) { tilted.draw(costing: $0.window, using: &$0.generator) }
        return Array(all.dropFirst(known.count))
    }

    private mutating func add(_ count: Int, to known: inout [Genome], _ draw: (inout BudgetSearch) -> Genome?) {
        let wanted = known.count + count
        for _ in 0..<count * Self.tries where known.count < wanted {
            guard let genome = draw(&self).map(space.canonical), !known.contains(genome) else { continue }
            known.append(genome)
        }
    }

    /// An architecture of the window, from a random one by changes of one decision each, to the option that leads closest; nil
    /// where that leads to none.
    private mutating func walk() -> Genome? {
        var genome = space.randomGenome(using: &generator)
        var least = distance(genome)
        for _ in 0..<Self.sweeps {
            for decision in space.decisions.indices.shuffled(using: &generator)
            where least > 0 && space.isActive(decision, in: genome) {
                for option in space.decisions[decision].options.indices.shuffled(using: &generator) where least > 0 {
                    var changed = genome
                    changed.choices[decision] = UInt8(option)
                    let distance = distance(changed)
                    if distance < least { (genome, least) = (changed, distance) }
                }
            }
        }
        guard least > 0 else { return space.canonical(genome) }
        let cost = space.cost(of: genome, by: metric), known = nearest.map { space.cost(of: $0, by: metric) } ?? 0
        if cost < window.lowerBound, cost > known { nearest = space.canonical(genome) }
        return nil
    }

    /// How far an architecture's cost is from the window.
    private func distance(_ genome: Genome) -> Int {
        let cost = space.cost(of: genome, by: metric)
        return max(0, window.lowerBound - cost, cost - window.upperBound)
    }
}
