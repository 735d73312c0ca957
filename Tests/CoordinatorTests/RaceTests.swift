import Foundation
import Runs
import SearchSpaces
import Store
import Testing

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

    init() throws {
        source = try Scene(data: "validation: 200")
        #expect(try source.execute() == .completed)
    }

    private func searched(_ overrides: (key: String, value: String)...) throws -> Scene {
        let specification = try RunSpecification.parse(
            yaml: source.inputs.specification.searchFile(of: source.path, name: "again"), file: "again",
            overrides: [("search.evaluations", "72"), ("search.samples", "200")] + overrides)
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
            #expect(try #require(result.bound(of: .accuracy)) >= exact)
            let samples = try #require(result.samples)
            #expect(result.value(of: .accuracy) == nil && samples < 200)
        }
    }

    @Test(arguments: ["exact", "statistical"]) func theSameBytes(bound: String) throws {
        let settings = [("search.racing.bound", bound), ("search.constraints", "[{metric: params, atMost: 60000}]")]
        func scene() throws -> Scene { try searched(settings[0], settings[1]) }
        let one = try scene(), three = try scene(), cut = try scene()
        #expect(try one.execute(workers: 1) == .completed)
        #expect(try three.execute(workers: 3) == .completed)
        #expect(try one.csv() == three.csv())
        var starts = 0
        while true {
            starts += 1
            cut.control = RunControl()
            var seen = 0
            let outcome = try cut.execute(workers: 1 + starts % 3) { _ in
                seen += 1
                if seen == 2 + starts % 4 { cut.control.ask(.stop) }
            }
            if outcome == .completed { break }
            #expect(outcome == .stopped(.stop) && starts < 100)
        }
        #expect(starts > 2)
        #expect(try cut.csv() == one.csv())
        #expect(String(decoding: try one.csv(), as: UTF8.self).contains(",stopped,"))
    }

    @Test func quantiles() {
        #expect(abs(NormalQuantile.value(0.5)) < 0.001)
        #expect(abs(NormalQuantile.value(0.975) - 1.95996) < 0.001)
        #expect(abs(NormalQuantile.value(0.99) - 2.32635) < 0.001)
    }
}
