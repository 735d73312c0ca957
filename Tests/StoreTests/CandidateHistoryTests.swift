import Foundation
import GRDB
import Runs
import SearchSpaces
import Testing

@testable import Store

/// Why candidates were asked, and what evaluations took and brought.
@Suite struct CandidateHistoryTests {
    let scene = Scene()

    private static let reason = CandidateReason(
        candidate: 2, generation: 3, parents: [1], aim: "hypervolume", isRepaired: true,
        predictions: [.init(metric: "loss", mean: 0.25, spread: 0.5), .init(metric: "accuracy", mean: 0.9, spread: 0)])

    @Test func whatIsKeptIsToldAgain() throws {
        let store = try scene.open(), run = try scene.makeRun(store)
        let candidates = [scene.candidate(1), scene.candidate(2), scene.candidate(3, round: 1)]
        let first = CandidateReason(candidate: 1, generation: 0)
        for _ in 0..<2 { try store.appendCandidates(run, candidates, reasons: [first, Self.reason]) }
        #expect(try store.reason(run, candidate: 1) == first && store.reason(run, candidate: 2) == Self.reason)
        #expect(try store.reason(run, candidate: 3) == nil)
        #expect(Self.reason.predictions.map(\.metric) == ["accuracy", "loss"])
        #expect(try store.candidateNumber(run, round: 1, key: "k3") == 3)
        #expect(try store.candidateNumber(run, round: 0, key: "k3") == nil)

        let told = [
            CandidateEvaluation(candidate: 1, hypervolume: 0.25, seconds: 1.5, together: 2),
            CandidateEvaluation(candidate: 2, hypervolume: nil, seconds: 1.5, together: 2),
            CandidateEvaluation(candidate: 3, hypervolume: 0.5),
        ]
        try store.recordMeasurements(run, [scene.accuracy(1, 0.5)], evaluations: told)
        // A repetition keeps what it took the first time.
        let again = told.map { CandidateEvaluation(candidate: $0.candidate, hypervolume: $0.hypervolume) }
        try store.recordMeasurements(run, [scene.accuracy(1, 0.5)], evaluations: again)
        #expect(try store.evaluations(run) == told && store.evaluations(run, after: 1, limit: 1) == [told[1]])
        let curve = try store.curve(run)
        #expect(curve.map(\.candidate) == [1, 2, 3] && curve.map(\.hypervolume) == [0.25, nil, 0.5])
        #expect(curve.map(\.round) == [0, 0, 1] && curve.map(\.weightsStep) == [0, 0, 100])
        #expect(try store.curve(run, after: 2, limit: 5) == [curve[2]])
        #expect(
            String(decoding: try CurveCSV.bytes(run, from: store), as: UTF8.self)
                == "candidate,round,weightsStep,hypervolume\r\n1,0,0,0.25\r\n2,0,0,\r\n3,1,100,0.5\r\n")

        let rounded = CandidateEvaluation(candidate: 1, hypervolume: 0.250_000_1)
        try store.recordMeasurements(run, [], evaluations: [rounded])
        #expect(try store.evaluations(run) == told)
        let others = CandidateReason(candidate: 2, generation: 3, parents: [1, 1])
        #expect(storeError { try store.appendCandidates(run, [], reasons: [others]) } != nil)
    }

    /// Nothing of it changes, what a disk has turned is noticed, and all of it goes with the run.
    @Test func rowsStayAsTheyWere() throws {
        let store = try scene.open(), run = try scene.makeRun(store)
        try store.appendCandidates(run, [scene.candidate(1), scene.candidate(2)], reasons: [Self.reason])
        try store.recordMeasurements(
            run, [], evaluations: [CandidateEvaluation(candidate: 1, hypervolume: 0.25, seconds: 1, together: 1)])
        for sql in [
            "UPDATE reasons SET parents = ''", "UPDATE predictions SET mean = 1", "UPDATE evaluations SET seconds = 2",
        ] {
            #expect(throws: DatabaseError.self) { try store.writer.write { try $0.execute(sql: sql) } }
        }
        for (table, change) in [
            ("reasons", "generation = 4"), ("predictions", "spread = 0.6"), ("evaluations", "seconds = 2"),
        ] {
            try store.writer.write { db in
                try db.execute(sql: "DROP TRIGGER \(table)_keep; UPDATE \(table) SET \(change)")
            }
            let error =
                table == "evaluations"
                ? storeError { _ = try store.curve(run) } : storeError { _ = try store.reason(run, candidate: 2) }
            #expect(error?.description.contains("not as it was written") == true, "\(table)")
        }
        try store.writer.write { db in
            try db.execute(sql: "DELETE FROM runs")
            for table in ["reasons", "predictions", "evaluations"] {
                #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table)") == 0)
            }
        }
    }

    /// What chance alone makes of a noisy objective does not decide who is on the front.
    @Test func noiseKeepsCandidatesOnTheFront() throws {
        let store = try scene.open(), run = try scene.makeRun(store)
        try store.appendCandidates(run, (1...3).map { scene.candidate($0, params: 10 * $0) })
        try store.recordMeasurements(run, [scene.accuracy(1, 0.9), scene.accuracy(2, 0.8995), scene.accuracy(3, 0.85)])
        func front(_ noise: Double) throws -> [Int] {
            try store.front(
                run, weightsStep: 0,
                objectives: [
                    Objective(metric: .accuracy, goal: .maximize, noise: noise),
                    Objective(metric: .params, goal: .minimize),
                ]
            ).map(\.candidate.number)
        }
        #expect(try front(0) == [1] && front(0.001) == [1, 2] && front(0.1) == [1, 2, 3])
    }
}
