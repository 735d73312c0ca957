internal import Foundation
internal import Runs
internal import Search
internal import SearchSpaces
internal import Store

/// Measures a generation, each candidate for as long as it may still matter.
///
/// First come the examples that the population misses most often, a few more at a time. Who has missed w of N examples answers
/// at best (N - w) / N of them rightly; who with that is neither on the front nor decides what lives on (`SearchStrategy.deciding`)
/// waits. What it waits for may turn out worse than it could have been, and then it goes on. Who is left is measured as without a
/// race, on all examples in their own order, so that its figures are the same to the bit. At the end nobody who waits matters.
///
/// With a statistical bound, w misses among examples that hold the share q of the population's misses are taken for
/// w (1 - q) / q more among the others, less z standard deviations of such a count.
///
/// The order of the examples follows from the population alone, whose misses are measured anew where this process has not seen
/// them. So all that is recorded is the same at any number of workers and after any stop.
final class Race {
    /// Examples of the first look; each further one doubles what was seen.
    static let firstLook = 32
    /// Looks before a candidate is measured whole, where there are examples enough.
    private static let mostLooks = 4
    /// Members of the population that tell which examples are hard.
    private static let mostJudges = 64

    private let settings: RacingSettings
    private let evaluator: any RacingEvaluator
    private let metric: Metric
    /// What genomes miss that may be asked again: those of the population and of the last generation.
    private var misses: [Genome: [Bool]] = [:]

    /// Nil where the evaluator cannot stop.
    init?(_ settings: RacingSettings, by evaluator: any CandidateEvaluator) {
        guard let evaluator = evaluator as? any RacingEvaluator, let metric = evaluator.counted else { return nil }
        self.settings = settings
        self.evaluator = evaluator
        self.metric = metric
    }

    /// Examples in the order in which a generation sees them.
    private struct Order {
        /// Places of the hardest, those first that most judges miss.
        let places: [Int]
        /// Of all that the judges miss, the share that is among the first so many.
        let share: (Int) -> Double
    }

    /// How far a candidate is.
    private struct Lane {
        var seen = 0
        var misses = 0
        var outcome: CandidateOutcome?
    }

    /// Measures the pending batch of a search, in ask order; nil when asked to stop.
    ///
    /// - Parameter front: The front of what was measured under the same weights.
    func measure(
        _ candidates: [Candidate], in search: Search, front: [Fitness], _ rule: FitnessRule
    ) throws -> [CandidateOutcome]? {
        try measure(
            candidates.map(\.genome), in: search, front: front
        ) { rule.fitness(candidates[$0], $1) }
    }

    /// Measures the pending batch of a search, in ask order; nil when asked to stop.
    func measure(
        _ genomes: [Genome], in search: Search, front: [Fitness],
        fitness: (_ index: Int, CandidateOutcome) -> Fitness
    ) throws -> [CandidateOutcome]? {
        var lanes = [Lane](repeating: Lane(), count: genomes.count)
        let population = search.state.population.map(\.genome)
        // Where all live on, nobody needs a first look.
        let isRaced = population.count + genomes.count > search.state.parameters.population
        guard let order = try order(of: isRaced ? population : []) else { return nil }
        var measured: [Genome: [Bool]] = [:]
        while true {
            let told = lanes.map { $0.outcome ?? bound(of: $0, order) }
            let members = told.enumerated().map {
                SearchMember(genome: genomes[$0.offset], fitness: fitness($0.offset, $0.element))
            }
            let open = self.open(lanes, members, in: search, front: front)
            if open.isEmpty {
                let kept = Set(population)
                misses = misses.filter { kept.contains($0.key) }.merging(measured) { $1 }
                return told
            }
            let looking = open.filter { lanes[$0].seen < order.places.count }
            guard looking.isEmpty else {
                for (seen, group) in Dictionary(grouping: looking, by: { lanes[$0].seen }).sorted(by: {
                    $0.key < $1.key
                }) {
                    let end = min(max(2 * seen, Self.firstLook), order.places.count)
                    let places = Array(order.places[seen..<end])
                    guard let counts = try evaluator.misses(group.map { genomes[$0] }, among: places) else {
                        return nil
                    }
                    for (index, count) in zip(group, counts) {
                        lanes[index].seen = end
                        lanes[index].misses += count
                    }
                }
                continue
            }
            guard let whole = try evaluator.measureWithMisses(open.map { genomes[$0] }) else { return nil }
            for (index, result) in zip(open, whole) {
                lanes[index].outcome = result.outcome
                measured[genomes[index]] = result.misses
            }
        }
    }

    /// Those that are not measured whole and still may matter.
    private func open(_ lanes: [Lane], _ members: [SearchMember], in search: Search, front: [Fitness]) -> [Int] {
        let unmeasured = lanes.indices.filter { lanes[$0].outcome == nil }
        guard !unmeasured.isEmpty, let deciding = search.deciding(members) else { return unmeasured }
        let exact = lanes.indices.filter { lanes[$0].outcome != nil }.map { members[$0].fitness }
        let known = Front.adding(exact, to: front)
        return unmeasured.filter { index in
            if deciding.contains(index) { return true }
            let fitness = members[index].fitness
            return fitness.isFeasible && !known.contains { $0.dominates(fitness) }
        }
    }

    private func bound(of lane: Lane, _ order: Order) -> CandidateOutcome {
        let count = Double(evaluator.searchExamples)
        var missed = Double(lane.misses)
        let share = order.share(lane.seen)
        if settings.bound == .statistical, share > 0 {
            let further = missed * (1 - share) / share
            let least = further - NormalQuantile.value(settings.confidence) * (further + 1).squareRoot()
            missed += max(0, min(least, count - Double(lane.seen)))
        }
        return .stopped([metric: (count - missed) / count], samples: lane.seen)
    }

    /// The examples in the order of how many members of a population miss them; none to look at without a population. Nil when
    /// asked to stop.
    private func order(of population: [Genome]) throws -> Order? {
        let count = evaluator.searchExamples
        let looks = min(count / 4 / Self.firstLook * Self.firstLook, Self.firstLook << (Self.mostLooks - 1))
        guard !population.isEmpty, looks > 0 else { return Order(places: []) { _ in 0 } }
        let most = min(population.count, Self.mostJudges)
        let judges = (0..<most).map { population[$0 * population.count / most] }
        let unknown = judges.filter { misses[$0] == nil }
        if !unknown.isEmpty {
            guard let results = try evaluator.measureWithMisses(unknown) else { return nil }
            for (genome, result) in zip(unknown, results) { misses[genome] = result.misses }
        }
        var counts = [Int](repeating: 0, count: count)
        for judge in judges {
            for (place, isMissed) in (misses[judge] ?? []).enumerated() where isMissed { counts[place] += 1 }
        }
        let places = Array(counts.indices.sorted { (-counts[$0], $0) < (-counts[$1], $1) }.prefix(looks))
        let total = Double(counts.reduce(0, +))
        let sums = places.reduce(into: [0]) { $0.append($0[$0.count - 1] + counts[$1]) }
        return Order(places: places) { total > 0 ? Double(sums[$0]) / total : 0 }
    }
}

/// Quantiles of the standard normal distribution.
enum NormalQuantile {
    /// The value that a standard normal variable stays below with a probability from 0.5 up to 1.
    ///
    /// Source: Abramowitz and Stegun, "Handbook of mathematical functions" (1964), 26.2.23; errors are below 0.00045.
    static func value(_ probability: Double) -> Double {
        let t = (-2 * log(max(1 - probability, 1e-300))).squareRoot()
        return t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
    }
}
