internal import Foundation
internal import Runs
internal import Search
internal import SearchSpaces
internal import Store
internal import Training

/// Measures a generation, each candidate for as long as it may still matter.
///
/// First come the examples that the population answers worst, a few more at a time; then the chunks that a measurement is made
/// of, a sixth of them at a time, those with most of its other wrong answers first. Who has missed w of N examples answers at best
/// (N - w) / N of them rightly; who with that is neither on the front nor decides what lives on (`SearchStrategy.deciding`)
/// waits. What it waits for may turn out worse than it could have been, and then it goes on. Who has seen all chunks has the figures
/// of a measurement without a race, to the bit. At the end nobody who waits matters.
///
/// With a statistical bound, w misses among examples that hold the share q of the population's misses are taken for
/// w (1 - q) / q more among the others, less z standard deviations of such a count.
///
/// The order of the examples follows from the population alone, which is measured anew where this process has not seen it. So all
/// that is recorded is the same at any number of workers and after any stop.
final class Race {
    /// Examples of the first look; each further one doubles what was seen.
    private static let firstLook = 32
    /// Looks before chunks come, where there are examples enough.
    private static let mostLooks = 2
    /// Parts of the chunks.
    private static let parts = 6
    /// Members of the population that tell which examples are hard.
    private static let mostJudges = 64

    private let settings: RacingSettings
    private let evaluator: any RacingEvaluator
    private let metric: Metric
    /// By how much those that may be asked again answer each example wrongly: the population and the last generation.
    private var known: [Genome: [Float]] = [:]

    /// Nil where the evaluator cannot stop.
    init?(_ settings: RacingSettings, by evaluator: any CandidateEvaluator) {
        guard let evaluator = evaluator as? any RacingEvaluator, let metric = evaluator.counted else { return nil }
        self.settings = settings
        self.evaluator = evaluator
        self.metric = metric
    }

    /// Measures the pending batch of a search, in ask order; nil when asked to stop.
    ///
    /// - Parameter front: The front of what was measured under the same weights.
    func measure(
        _ candidates: [Candidate], in search: Search, front: [Fitness], _ rule: FitnessRule
    ) throws -> [CandidateOutcome]? {
        try measure(candidates.map(\.genome), in: search, front: front) { rule.fitness(candidates[$0], $1) }
    }

    /// Measures the pending batch of a search, in ask order; nil when asked to stop.
    func measure(
        _ genomes: [Genome], in search: Search, front: [Fitness],
        fitness: (_ index: Int, CandidateOutcome) -> Fitness
    ) throws -> [CandidateOutcome]? {
        let population = search.state.population.map(\.genome)
        // Where all live on, nobody needs a look.
        let isRaced = population.count + genomes.count > search.state.parameters.population
        guard let order = try order(by: isRaced ? population : []) else { return nil }
        var lanes = [Lane](repeating: Lane(examples: evaluator.searchExamples), count: genomes.count)
        while true {
            let told = lanes.map { $0.outcome ?? bound(of: $0, order) }
            let members = told.enumerated().map {
                SearchMember(genome: genomes[$0.offset], fitness: fitness($0.offset, $0.element))
            }
            let open = self.open(lanes, members, in: search, front: front)
            if open.isEmpty {
                keep(population, lanes, genomes)
                return told
            }
            let looking = open.filter { lanes[$0].looked < order.places.count }
            for group in Self.groups(looking, by: { lanes[$0].looked }) {
                let start = lanes[group[0]].looked, end = min(max(2 * start, Self.firstLook), order.places.count)
                let places = Array(order.places[start..<end])
                guard let rows = try evaluator.shortfalls(group.map { genomes[$0] }, among: places) else { return nil }
                for (index, row) in zip(group, rows) {
                    lanes[index].looked = end
                    lanes[index].note(row, at: places)
                }
            }
            guard looking.isEmpty else { continue }
            for group in Self.groups(open, by: { lanes[$0].part }) {
                let chunks = order.parts[lanes[group[0]].part]
                guard let scores = try evaluator.chunkScores(group.map { genomes[$0] }, chunks: chunks) else {
                    return nil
                }
                let places = chunks.flatMap { order.places(of: $0) }
                for (index, score) in zip(group, scores) {
                    lanes[index].note(score.shortfalls, at: places)
                    for (chunk, tally) in zip(chunks, score.tallies) { lanes[index].tallies[chunk] = tally }
                    lanes[index].part += 1
                    guard lanes[index].part == order.parts.count else { continue }
                    lanes[index].outcome = evaluator.outcome(of: lanes[index].tallies)
                }
            }
        }
    }

    /// Some lanes by how far they are, those that are behind first.
    private static func groups(_ lanes: [Int], by place: (Int) -> Int) -> [[Int]] {
        Dictionary(grouping: lanes, by: place).sorted { $0.key < $1.key }.map(\.value)
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

    private func bound(of lane: Lane, _ order: ExampleOrder) -> CandidateOutcome {
        let count = Double(lane.missed.count), misses = Double(lane.misses)
        var missed = misses
        let share = settings.bound == .statistical ? order.share(of: lane) : 0
        if share > 0 {
            let further = misses * (1 - share) / share
            let least = further - NormalQuantile.value(settings.confidence) * (further + 1).squareRoot()
            missed += max(0, min(least, count - Double(lane.seen)))
        }
        return .stopped([metric: (count - missed) / count], samples: lane.seen)
    }

    /// Forgets all but the population and those that were measured whole.
    private func keep(_ population: [Genome], _ lanes: [Lane], _ genomes: [Genome]) {
        let members = Set(population)
        known = known.filter { members.contains($0.key) }
        for (genome, lane) in zip(genomes, lanes) where lane.outcome != nil { known[genome] = lane.shortfalls }
    }

    /// The order that a population gives examples; that of the examples themselves without one. Nil when asked to stop.
    private func order(by population: [Genome]) throws -> ExampleOrder? {
        let count = evaluator.searchExamples
        let chunks = (count + Evaluator.chunk - 1) / Evaluator.chunk
        let most = min(population.count, Self.mostJudges)
        let judges = (0..<most).map { population[$0 * population.count / most] }
        let unknown = judges.filter { known[$0] == nil }
        if !unknown.isEmpty {
            guard let scores = try evaluator.chunkScores(unknown, chunks: Array(0..<chunks)) else { return nil }
            for (genome, score) in zip(unknown, scores) { known[genome] = score.shortfalls }
        }
        let looks = min(count / 4 / Self.firstLook * Self.firstLook, Self.firstLook << (Self.mostLooks - 1))
        return ExampleOrder(
            judges.compactMap { known[$0] }, examples: count, looks: judges.isEmpty ? 0 : looks,
            parts: judges.isEmpty ? 1 : Self.parts)
    }
}

/// How far a candidate is in a race.
private struct Lane {
    /// Examples of the first ones in order that it has seen.
    var looked = 0
    /// Parts of the chunks that it has seen.
    var part = 0
    /// What it comes to on each chunk.
    var tallies: [Tally]
    /// By how much it answers each example wrongly.
    private(set) var shortfalls: [Float]
    /// The examples that it has seen, and those of them that it misses for certain.
    private(set) var known: [Bool]
    private(set) var missed: [Bool]
    private(set) var seen = 0
    private(set) var misses = 0
    /// What it comes to on all of them.
    var outcome: CandidateOutcome?

    init(examples: Int) {
        tallies = Array(repeating: Tally(), count: (examples + Evaluator.chunk - 1) / Evaluator.chunk)
        shortfalls = Array(repeating: -.infinity, count: examples)
        known = Array(repeating: false, count: examples)
        missed = known
    }

    mutating func note(_ row: [Float], at places: [Int]) {
        for (place, shortfall) in zip(places, row) {
            // What an example came to among others rounds otherwise than among those of its chunk, which count.
            shortfalls[place] = shortfall
            if !known[place] {
                known[place] = true
                seen += 1
            }
            if !missed[place], shortfall > Shortfall.certain {
                missed[place] = true
                misses += 1
            }
        }
    }
}

/// In which order a generation sees the examples.
private struct ExampleOrder {
    /// Places of those that are looked at first, the hardest before all others.
    let places: [Int]
    /// The chunks that a measurement is made of, in parts, each ascending, so that the last chunk, which may be smaller, stays last.
    let parts: [[Int]]
    /// How many judges miss each example.
    private let counts: [Int]
    private let total: Int

    /// - Parameter judges: By how much each judge answers each example wrongly.
    init(_ judges: [[Float]], examples: Int, looks: Int, parts: Int) {
        var counts = [Int](repeating: 0, count: examples), doubts = [Double](repeating: 0, count: examples)
        for judge in judges {
            for (place, shortfall) in judge.enumerated() {
                if shortfall > Shortfall.certain { counts[place] += 1 }
                doubts[place] += shortfall.isFinite ? Double(shortfall) : 0
            }
        }
        self.counts = counts
        total = counts.reduce(0, +)
        let hardest = (0..<examples).sorted { (-counts[$0], -doubts[$0], $0) < (-counts[$1], -doubts[$1], $1) }
        places = Array(hardest.prefix(looks))
        let chunks = (examples + Evaluator.chunk - 1) / Evaluator.chunk
        var misses = [Double](repeating: 0, count: chunks)
        for (rank, place) in hardest.enumerated().dropFirst(looks) {
            misses[place / Evaluator.chunk] += Double(counts[place]) + 1 / Double(rank + 1)
        }
        let order = (0..<chunks).sorted { (-misses[$0], $0) < (-misses[$1], $1) }
        let count = max(1, min(parts, chunks))
        self.parts = (0..<count).map { order[$0 * chunks / count..<($0 + 1) * chunks / count].sorted() }
    }

    /// The examples of a chunk.
    func places(of chunk: Int) -> Range<Int> {
        chunk * Evaluator.chunk..<min((chunk + 1) * Evaluator.chunk, counts.count)
    }

    /// The share of all that judges miss that is among the examples that a candidate has seen.
    func share(of lane: Lane) -> Double {
        total == 0 ? 0 : Double(counts.indices.reduce(0) { $0 + (lane.known[$1] ? counts[$1] : 0) }) / Double(total)
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
