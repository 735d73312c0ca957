import Foundation
import Runs
import SearchSpaces
import Store
import Testing

@testable import Coordinator

/// What a run keeps of why its candidates were asked, what they took and what they brought.
@Suite struct ExplanationTests {
    /// What is the same however often a run was stopped.
    private struct Kept: Equatable {
        let reasons: [CandidateReason?]
        let curve: [CurvePoint]

        init(_ store: some RunQueries, _ run: RunID, _ count: Int) throws {
            reasons = try (1...count).map { try store.reason(run, candidate: $0) }
            curve = try store.curve(run)
        }
    }

    private func values(_ result: CandidateResult) throws -> [Double] {
        [-(try #require(result.value(of: .accuracy))), Double(result.candidate.cost.multiplyAdds)]
    }

    @Test(arguments: ["nsga2", "aging", "local", "linas"]) func everyCandidateHasAReason(kind: String) throws {
        let scene = try Scene().changed(("search.algorithm", kind))
        #expect(try scene.execute() == .completed)
        let (store, run) = try scene.reader()
        let results = try store.candidates(run.id)
        #expect(results.count == 30)
        let kept = try Kept(store, run.id, 30)
        for (result, reason) in zip(results, kept.reasons) {
            let reason = try #require(reason), candidate = result.candidate
            let parents = reason.parents.map { results[$0 - 1].candidate }
            switch candidate.origin {
            case "elite":
                #expect(parents.map(\.key) == [candidate.key] && parents.allSatisfy { $0.round == candidate.round - 1 })
            case "crossover", "mutation":
                #expect(!parents.isEmpty && parents.allSatisfy { $0.round == candidate.round })
                #expect(reason.parents.allSatisfy { $0 < candidate.number } && reason.predictions.isEmpty)
            case "predicted":
                // Exact costs are never predicted.
                #expect(reason.aim != nil && reason.predictions.map(\.metric) == ["accuracy"])
                #expect(reason.predictions.allSatisfy { $0.mean > -1 && $0.mean < 2 && $0.spread >= 0 })
            default: #expect(parents.isEmpty && reason.predictions.isEmpty && reason.aim == nil)
            }
        }
        #expect((kind == "linas") == results.contains { $0.candidate.origin == "predicted" })
        let rounds = try store.rounds(run.id)
        #expect(kept.curve.map(\.candidate) == Array(1...30))
        for round in rounds {
            let volumes = kept.curve.filter { $0.round == round.round }.compactMap(\.hypervolume)
            #expect(volumes.count == round.evaluations && volumes == volumes.sorted())
            #expect(volumes.last == round.hypervolume)
        }
        let taken = try store.evaluations(run.id)
        #expect(taken.allSatisfy { ($0.seconds ?? 0) > 0 && ($0.together ?? 0) >= 1 })
    }

    /// Stopped again and again, a run keeps the same reasons and the same curve.
    @Test func stopsChangeNothing() throws {
        let whole = try Scene(), cut = try Scene()
        #expect(try whole.execute() == .completed)
        var seen = 0
        while true {
            cut.control = RunControl()
            let control = cut.control
            let outcome = try cut.execute(workers: 1) { progress in
                if case .searched = progress {
                    seen += 1
                    if seen % 2 == 1 { control.ask(.stop) }
                }
            }
            if outcome == .completed { break }
        }
        let (first, run) = try whole.reader(), (second, other) = try cut.reader()
        #expect(seen >= 5)
        #expect(try Kept(first, run.id, 30) == Kept(second, other.id, 30))
    }

    /// Held against every other candidate, one by one.
    @Test func dominationIsThatOfAllPairs() throws {
        let scene = try Scene()
        #expect(try scene.execute() == .completed)
        let (store, run) = try scene.reader(), fronts = FrontIndex(store)
        let results = try store.candidates(run.id)
        var gains: [Int: Double] = [:]
        for result in results {
            let candidate = result.candidate
            let told = try CandidateExplanation(of: candidate.number, in: run, store, fronts: fronts)
            #expect(told.candidate.result == result && told.evaluation?.candidate == candidate.number)
            let own = try values(result)
            let others = try results.filter { $0.candidate.weightsStep == candidate.weightsStep }.map {
                (number: $0.candidate.number, values: try values($0))
            }
            func dominates(_ a: [Double], _ b: [Double]) -> Bool {
                zip(a, b).allSatisfy { $0 <= $1 } && a != b
            }
            let better = others.filter { dominates($0.values, own) }
            #expect(told.dominators == better.count)
            #expect(told.dominated == others.count { dominates(own, $0.values) })
            #expect(told.candidate.onFront == better.isEmpty)
            let nearest = told.nearest.map(\.result.candidate.number)
            #expect(Set(nearest).isSubset(of: better.map(\.number)) && nearest.count == min(5, better.count))
            #expect(told.parents.map(\.result.candidate.number) == told.reason?.parents)
            gains[candidate.round, default: 0] += told.gain ?? 0
        }
        for round in try store.rounds(run.id) {
            #expect(abs((gains[round.round] ?? 0) - (round.hypervolume ?? 1)) < 1e-12)
        }
        #expect(throws: CoordinatorError.noSuchCandidate(run: run.id.text, number: 31)) {
            try CandidateExplanation(of: 31, in: run, store, fronts: fronts)
        }
    }
}
