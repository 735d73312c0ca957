import Foundation
import Runs
import Search
import SearchSpaces
import Store
import TestSupport
import Testing
import Training

@testable import Coordinator

/// Racing changes how long candidates are measured, and nothing else.
@Suite struct RaceTests {
    /// What a run of some scene found: who was asked, the front with its figures, and the finalists.
    private func found(
        _ scene: Scene
    ) throws -> (asked: [String], front: [CandidateResult], finalists: [CandidateResult], all: [CandidateResult]) {
        let (store, run) = try scene.reader()
        let settings = scene.inputs.specification
        let all = try store.candidates(run.id, limit: 1000)
        return (
            all.map { "\($0.candidate.number) \($0.candidate.key) \($0.candidate.origin) \($0.candidate.round)" },
            try store.front(
                run.id, weightsStep: 30, objectives: settings.objectives, constraints: settings.constraints),
            all.filter { $0.value(of: .accuracy, at: .validation) != nil }, all
        )
    }

    /// A trained supernet, whose data directory lasts as long as the suite's instance.
    private let source: Scene
    /// A constraint that half of the architectures break, so that some are stopped by their costs alone.
    private let constraint: String

    init() throws {
        let space = try SearchSpace.parse(yaml: TinySpace.yaml(depth: "[1, 2, 3]"), file: "tiny.yaml")
        let settings = try Scene(data: "validation: 200").inputs.specification
        source = Scene(try RunInputs(specification: settings, space: space))
        #expect(try source.execute() == .completed)
        var random = SeededGenerator(1)
        let params = (0..<101).map { _ in space.cost(of: space.randomGenome(using: &random))[.params] ?? 0 }.sorted()
        constraint = "[{metric: params, atMost: \(params[50])}]"
    }

    private func searched(_ overrides: (key: String, value: String)...) throws -> Scene {
        let specification = try RunSpecification.parse(
            yaml: source.inputs.specification.searchFile(of: source.path, name: "again"), file: "again",
            overrides: [
                ("search.evaluations", "72"), ("search.samples", "200"), ("search.constraints", constraint),
            ] + overrides)
        return Scene(try RunInputs(specification: specification, space: source.inputs.space))
    }

    @Test(arguments: ["nsga2", "evolution", "agemoea", "bins", "local", "random", "{kind: evolution, preset: spos}"])
    func frontAndQuestionsStay(algorithm: String) throws {
        let plain = try searched(("search.algorithm", algorithm))
        let raced = try searched(("search.algorithm", algorithm), ("search.racing.bound", "exact"))
        #expect(try plain.execute() == .completed)
        #expect(try raced.execute() == .completed)
        let one = try found(plain), two = try found(raced)
        #expect(one.asked == two.asked && one.asked.count == 72)
        #expect(one.front.map(\.candidate) == two.front.map(\.candidate))
        for (left, right) in zip(one.front + one.finalists, two.front + two.finalists) {
            for metric in [Metric.accuracy, .loss] {
                #expect(left.value(of: metric) == right.value(of: metric) && right.samples == 200)
                #expect(left.value(of: metric, at: .test) == right.value(of: metric, at: .test))
            }
        }
        #expect(one.finalists.map(\.candidate) == two.finalists.map(\.candidate) && one.finalists.count == 3)
        let stopped = two.all.filter { $0.stateText == "stopped" }
        #expect(!stopped.isEmpty && !one.all.contains { $0.stateText == "stopped" })
        // No bound is below what the candidate comes to, and none of them is told as a value.
        for result in stopped {
            let exact = try #require(one.all[result.candidate.number - 1].value(of: .accuracy))
            let bound = try #require(result.bound(of: .accuracy))
            #expect(bound >= exact)
            let samples = try #require(result.samples)
            #expect(result.value(of: .accuracy) == nil && samples < 200)
        }
    }

    @Test(arguments: ["exact", "statistical"]) func theSameBytes(bound: String) throws {
        func scene() throws -> Scene { try searched(("search.racing.bound", bound)) }
        let one = try scene(), three = try scene(), cut = try scene()
        #expect(try one.execute(workers: 1) == .completed)
        #expect(try three.execute(workers: 3) == .completed)
        #expect(try one.csv() == three.csv())
        let starts = try cut.executeInPieces(stoppedAt: { 2 + $0 % 4 })
        #expect(starts > 2)
        #expect(try cut.csv() == one.csv())
        #expect(String(decoding: try one.csv(), as: UTF8.self).contains(",stopped,"))
    }

    /// In a world of known answers a race asks, finds and keeps what measuring everything does, and sees far less.
    @Test(arguments: ["nsga2", "evolution", "agemoea", "bins", "local", "random"], Wish.allCases)
    func raceInAKnownWorld(
        kind: String, wish: Wish
    ) throws {
        let world = KnownWorld(space: source.inputs.space), space = world.space
        var objectives = [
            Objective(metric: .accuracy, goal: .maximize, noise: wish == .noisy ? 0.01 : 0),
            Objective(metric: .multiplyAdds, goal: .minimize),
        ]
        if wish == .many { objectives.append(Objective(metric: .activationBytes, goal: .minimize)) }
        let smallest = Double(space.cost(of: space.smallest).params),
            most = Double(space.cost(of: space.largest).params)
        let constraints =
            wish == .narrow
            ? [
                Constraint(
                    metric: .params, atLeast: smallest + 0.8 * (most - smallest),
                    atMost: smallest + 0.88 * (most - smallest))
            ] : []
        let repair = CostRepair(space, keeping: constraints)
        #expect((repair != nil) == (wish == .narrow))
        let algorithm = try #require(SearchAlgorithm(kind: kind))
        func fitness(_ genome: Genome, _ outcome: CandidateOutcome) -> Fitness {
            let cost = space.cost(of: genome)
            return Fitness(
                measured: outcome.values.merging(zip(cost.metrics, cost.values.map(Double.init))) { $1 },
                objectives: objectives, constraints: constraints)
        }
        func run(_ race: Race?) throws -> (asked: [Genome], front: [SearchMember], population: [Genome], seen: Int) {
            var search = try Search(
                algorithm, in: PricedSpace(space, objectives: objectives, constraints: constraints),
                parameters: SearchParameters(
                    population: 12, evaluations: 120, objectives: objectives.count, seed: 5), repair: repair)
            var members: [SearchMember] = [], front: [Fitness] = [], seen = 0
            while true {
                let batch = search.ask().map(\.genome)
                if batch.isEmpty { break }
                let measured =
                    try race.map {
                        try $0.measure(batch, in: search, front: front) { fitness(batch[$0], $1) }
                    } ?? world.measure(batch, at: .search)
                let outcomes = try #require(measured)
                let results = zip(batch, outcomes).map { SearchMember(genome: $0, fitness: fitness($0, $1)) }
                try search.tell(results)
                members += results
                front = Front.adding(results.map(\.fitness), to: front)
                for case .measured(_, let samples) in outcomes { seen += samples }
                for case .stopped(_, let samples) in outcomes { seen += samples }
            }
            return (
                members.map(\.genome), Front.indices(of: members.map(\.fitness)).map { members[$0] },
                search.state.population.map(\.genome), seen
            )
        }
        let plain = try run(nil), raced = try run(Race(RacingSettings(), by: world))
        #expect(plain.asked == raced.asked && plain.front == raced.front && plain.population == raced.population)
        #expect(plain.seen == plain.asked.count * world.searchExamples && raced.seen < plain.seen)
        if wish == .plain { #expect(raced.seen < plain.seen * 3 / 4) }
        // A statistical bound sees no more, and what it tells of the front is exact.
        let bold = try run(Race(RacingSettings(bound: .statistical, confidence: 0.9), by: world))
        #expect(bold.seen < (wish == .plain ? plain.seen * 3 / 4 : plain.seen))
        for member in bold.front {
            let exact = try #require(world.measure([member.genome], at: .search))
            #expect(member.fitness == fitness(member.genome, exact[0]))
        }
    }

    /// What is wanted of candidates: the usual, with noise, within a window that only repair finds, and by more objectives.
    enum Wish: CaseIterable { case plain, noisy, narrow, many }

    @Test func quantiles() {
        #expect(abs(NormalQuantile.value(0.5)) < 0.001)
        #expect(abs(NormalQuantile.value(0.975) - 1.95996) < 0.001)
        #expect(abs(NormalQuantile.value(0.99) - 2.32635) < 0.001)
    }
}

/// Answers that follow from a genome and an example: hard examples are missed by most, and by the larger ones less often.
private struct KnownWorld: RacingEvaluator {
    let space: SearchSpace
    let counted: Metric? = .accuracy
    let searchExamples = 500

    func metrics(at stage: MeasurementStage) -> [Metric] { [.accuracy] }

    private func shortfall(_ genome: Genome, _ example: Int) -> Float {
        let noise = Double((example * 7919 + Int(genome.choices.reduce(17) { $0 &* 31 &+ $1 }) * 104_729) % 1000) / 1000
        let hardness = Double(example * 37 % 500) / 500
        let size = Double(space.cost(of: genome).multiplyAdds) / Double(space.cost(of: space.largest).multiplyAdds)
        let skill = 0.8 + 0.1 * size + 0.05 * Double(genome.choices.last ?? 0)
        return Float(hardness + 0.05 * (noise - 0.5) - skill)
    }

    private func tally(_ genome: Genome, _ examples: Range<Int>) -> Tally {
        Tally(examples: examples.count, loss: 0, sums: [Double(examples.count { shortfall(genome, $0) <= 0.001 })])
    }

    private func examples(of chunk: Int) -> Range<Int> { chunk * 32..<min(chunk * 32 + 32, searchExamples) }

    func measure(_ genomes: [Genome], at stage: MeasurementStage) -> [CandidateOutcome]? {
        genomes.map { genome in outcome(of: (0..<16).map { tally(genome, examples(of: $0)) }) }
    }

    func shortfalls(_ genomes: [Genome], among places: [Int]) -> [[Float]]? {
        genomes.map { genome in places.map { shortfall(genome, $0) } }
    }

    func chunkScores(_ genomes: [Genome], chunks: [Int]) -> [ChunkScores]? {
        genomes.map { genome in
            ChunkScores(
                tallies: chunks.map { tally(genome, examples(of: $0)) },
                shortfalls: chunks.flatMap { examples(of: $0) }.map { shortfall(genome, $0) })
        }
    }

    func outcome(of chunks: [Tally]) -> CandidateOutcome {
        let total = chunks.reduce(into: Tally(), +=)
        return .measured([.accuracy: total.sums[0] / Double(total.examples)], samples: total.examples)
    }
}
