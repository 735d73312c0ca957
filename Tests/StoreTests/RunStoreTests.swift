import Foundation
import GRDB
import Runs
import SearchSpaces
import Synchronization
import Testing

@testable import Store

@Suite struct RunStoreTests {
    let scene = Scene()

    @Test(arguments: [
        "UPDATE measurements SET value = 0", "DELETE FROM measurements", "UPDATE candidates SET params = 0",
        "DELETE FROM candidates", "UPDATE events SET data = '{\"a\":1}'",
        "UPDATE training_records SET loss = 0",
        "INSERT OR REPLACE INTO measurements SELECT run, candidate, kind, 0, samples, state, reason FROM measurements",
    ])
    func triggersRefuse(_ sql: String) throws {
        let store = try scene.open()
        let run = try scene.makeRun(store)
        try store.appendCandidates(run, [scene.candidate(1)])
        try store.recordMeasurements(run, [scene.accuracy(1, 0.5)])
        try store.recordTraining(run, [scene.record(1)])
        #expect(throws: DatabaseError.self) { try store.writer.write { try $0.execute(sql: sql) } }
        #expect(try store.trainingRecords(run) == [scene.record(1)])
        #expect(try store.candidates(run).first?.measurements == [scene.accuracy(1, 0.5)])
    }

    /// A function that is wrapped anew at each call would end in a stack overflow after days.
    @Test func theObserverIsCalledAtOneDepth() throws {
        let store = try scene.open()
        let run = try scene.makeRun(store)
        let depths = Depths()
        store.observe {
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1) { local in
                depths.all.withLock { _ = $0.insert(UInt(bitPattern: local.baseAddress)) }
            }
        }
        for step in 1...200 { try store.setStep(run, step, time: scene.at(1)) }
        #expect(store.writeCount == 201)
        let span = depths.all.withLock { ($0.max() ?? 0) - ($0.min() ?? 0) }
        // Two hundred wrappings take more than ten thousand bytes.
        #expect(span < 3000, "\(span) bytes of stack")
    }

    private final class Depths: Sendable {
        let all = Mutex<Set<UInt>>([])
    }

    @Test func deletingARunTakesEverything() throws {
        let store = try scene.open()
        let run = try scene.makeRun(store)
        try store.appendCandidates(run, [scene.candidate(1)])
        try store.recordMeasurements(run, [scene.accuracy(1, 0.5)])
        try store.recordTraining(run, [scene.record(1)])
        guard case .illegalTransition = storeError({ try store.deleteRun(run) }) else {
            Issue.record("a live run was deleted")
            return
        }
        try store.transition(run: run, to: .cancelled, event: EventDraft(.runCancelled), time: scene.at(2))
        try store.deleteRun(run)
        for table in ["runs", "candidates", "measurements", "events", "training_records"] {
            #expect(try store.writer.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") } == 0)
        }
    }

    /// The last round of a completed run goes with all that was measured of it, and nothing else; what refers to the run still does.
    @Test func aCompletedRunIsOpenedForMore() throws {
        let scene = Scene()
        let store = try scene.open()
        let run = try scene.makeRun(store), other = try scene.makeRun(store, name: "other")
        for id in [run, other] {
            try store.appendCandidates(id, (1...4).map { scene.candidate($0, round: ($0 - 1) / 2) })
            try store.recordMeasurements(id, (1...4).map { scene.accuracy($0, Double($0) / 10) })
            for round in 0...1 {
                try store.saveRound(
                    id,
                    SearchRound(
                        round: round, weightsStep: 100 * round, state: .completed, searchState: "{}", evaluations: 2))
            }
        }
        #expect(throws: StoreError.illegalTransition(run: run.text, from: "queued", to: "extended")) {
            try store.extend(run, runYAML: "a: 2", lastRound: 1, data: "{}", time: scene.at(3))
        }
        for state in [RunState.preparing, .completed] {
            try store.transition(run: run, to: state, event: EventDraft(.runProgress), time: scene.at(4))
        }
        #expect(try store.run(run).resultsDigest != nil)
        try store.extend(run, runYAML: "a: 2", lastRound: 1, data: #"{"steps":9}"#, time: scene.at(5))
        let opened = try store.run(run)
        #expect(opened.state == .preparing && opened.resultsDigest == nil && opened.draft.runYAML == "a: 2")
        #expect(try store.candidates(run).map(\.candidate.number) == [1, 2])
        #expect(try store.rounds(run).map(\.round) == [0] && store.extensions(run) == 1)
        #expect(
            try store.candidates(other).count == 4 && store.rounds(other).count == 2 && store.extensions(other) == 0)
        let events = try store.events(run)
        #expect(events.map(\.sequence) == Array(1...events.count) && events.last?.content.type == .runResumed)
        // Rows go on where the round began, and outside of an extension nobody takes one away.
        try store.appendCandidates(run, [scene.candidate(3, key: "new", round: 1)])
        #expect(try store.candidates(run).map(\.candidate.key) == ["k1", "k2", "new"])
        let stray = try store.writer.read { db in try Row.fetchAll(db, sql: "PRAGMA foreign_key_check") }
        #expect(stray.isEmpty)
        #expect(throws: (any Error).self) {
            try store.writer.write {
                try $0.execute(sql: "DELETE FROM candidates WHERE run = ?", arguments: [run.text])
            }
        }
        try store.close()
    }

    /// What is no name of a metric stands behind a colon, and has the name of its column.
    @Test func kindsOfFurtherTraining() {
        let kind = MeasurementKind(.accuracy, .tuned)
        #expect(kind.rawValue == "tuned:accuracy" && kind.name == "tunedAccuracy" && kind.stage == .tuned)
        #expect(!kind.isOfSearch && kind.latencyKind == nil)
        let users = MeasurementKind(rawValue: "tunedAccuracy")
        #expect(users.stage == .search && users.isOfSearch && users.name == "tunedAccuracy")
        #expect(MeasurementKind.latency("measured").name == "latency:measured")
        func result(_ values: [(MeasurementStage, Double)]) -> CandidateResult {
            CandidateResult(
                candidate: Scene().candidate(1),
                measurements: values.map {
                    CandidateMeasurement(candidate: 1, kind: MeasurementKind(.accuracy, $0), value: $1, samples: 9)
                }, measured: nil)
        }
        let more = Objective(metric: .accuracy, goal: .maximize), less = Objective(metric: .accuracy, goal: .minimize)
        let some = result([(.validation, 0.5), (.tuned, 0.75), (.retrained, 0.25), (.test, 1)])
        #expect(some.best(by: more)?.stage == .tuned && some.best(by: less)?.stage == .retrained)
        // Of equal ones the inherited, and none of what was not measured.
        #expect(result([(.validation, 0.5), (.tuned, 0.5)]).best(by: more)?.stage == .validation)
        #expect(result([(.test, 1)]).best(by: more) == nil)
    }

    @Test func statesFollowTheMachine() throws {
        let store = try scene.open()
        let run = try scene.makeRun(store)
        let error = storeError {
            try store.transition(run: run, to: .completed, event: EventDraft(.runCompleted), time: scene.at(2))
        }
        #expect(error == .illegalTransition(run: run.text, from: "queued", to: "completed"))
        #expect(try store.events(run).count == 1)
        let way: [RunState] = [
            .preparing, .training, .searching, .training, .paused, .training, .searching, .validating,
        ]
        for (index, state) in way.enumerated() {
            try store.transition(
                run: run, to: state, event: EventDraft(.runProgress), time: scene.at(Int64(index)), step: index)
        }
        try store.transition(
            run: run, to: .failed, event: EventDraft(.runFailed), time: scene.at(99), failure: "disk")
        #expect(try store.run(run).failure == "disk")
        #expect(try store.run(run).draft.seed == .max)
        #expect(try store.events(run).map(\.sequence) == Array(1...way.count + 2))
        #expect(try store.events(run, after: 3, limit: 2).map(\.sequence) == [4, 5])
    }

    @Test func replayIsHarmlessAndADifferenceIsTold() throws {
        let store = try scene.open()
        let run = try scene.makeRun(store)
        for _ in 0..<2 {
            try store.appendCandidates(run, [scene.candidate(1), scene.candidate(2)])
            try store.recordMeasurements(run, [scene.accuracy(1, 0.1), scene.accuracy(2, .nan)])
            try store.recordTraining(run, [], statistics: [SamplerStatistic(step: 1, name: "n", bin: 0, value: 2)])
            try store.recordCheckpoint(run, CheckpointRecord(step: 5, file: "5", digest: "d"))
            try store.appendEvent(run, EventDraft(.searchRound, key: "r1"), time: scene.at(3))
        }
        #expect(try store.events(run).count == 2)
        let measured = storeError { try store.recordMeasurements(run, [scene.accuracy(1, 0.2)]) }
        #expect(
            measured
                == .conflictingReplay(
                    table: "measurements", row: "\(run)/1/accuracy", column: "value", stored: "0.1", given: "0.2"))
        let asked = storeError { try store.appendCandidates(run, [scene.candidate(2, params: 11)]) }
        #expect(
            asked
                == .conflictingReplay(
                    table: "candidates", row: "\(run)/2", column: "params", stored: "10", given: "11"))
        #expect(storeError { try store.appendCandidates(run, [scene.candidate(3, key: "k1")]) } != nil)
        #expect(storeError { try store.appendCandidates(run, [scene.candidate(4)]) } != nil)
        #expect(try store.status(of: run).candidates == 2)
    }

    @Test func batchIsAllOrNothing() throws {
        let store = try scene.open()
        let run = try scene.makeRun(store)
        try store.appendCandidates(run, [scene.candidate(1)])
        #expect(storeError { try store.recordMeasurements(run, [scene.accuracy(1, 1), scene.accuracy(9, 1)]) } != nil)
        #expect(try store.candidates(run).first?.measurements.isEmpty == true)
    }

    @Test func roundsMoveOnAndThenStay() throws {
        let store = try scene.open()
        let run = try scene.makeRun(store)
        var round = SearchRound(round: 1, weightsStep: 10, state: .running, searchState: "{}", evaluations: 5)
        #expect(try store.saveRound(run, round))
        let early = round
        round.evaluations = 9
        round.hypervolume = 0.25
        round.state = .completed
        #expect(try store.saveRound(run, round))
        #expect(try !store.saveRound(run, round))
        #expect(try !store.saveRound(run, early))
        #expect(try store.loadRound(run, round: 1) == round)
        round.hypervolume = 0.5
        #expect(storeError { try store.saveRound(run, round) } != nil)
    }

    @Test func runsAreFoundByIdPrefixAndName() throws {
        let store = try scene.open()
        let one = try scene.makeRun(store, name: "one")
        let two = try scene.makeRun(store, name: "two")
        let again = try scene.makeRun(store, name: "two")
        #expect(try store.findRun(one.text).id == one)
        #expect(try store.findRun("one").id == one)
        #expect(try store.findRun(String(one.text.prefix(8))).id == one)
        #expect(
            storeError { _ = try store.findRun("two") } == .ambiguousRun("two", ids: [two.text, again.text].sorted()))
        #expect(storeError { _ = try store.findRun(String(one.text.prefix(3))) } != nil)
        #expect(try Set(store.status().runs.map(\.run.id)) == [one, two, again])
    }

    @Test func pagesGiveTheFullListing() throws {
        let store = try scene.open()
        let run = try scene.makeRun(store)
        try store.appendCandidates(run, (1...2345).map { scene.candidate($0) })
        let full = try store.candidates(run, limit: 10_000)
        var paged: [CandidateResult] = []
        while true {
            let page = try store.candidates(run, after: paged.last?.candidate.number ?? 0, limit: 97)
            if page.isEmpty { break }
            paged += page
        }
        #expect(full.count == 2345)
        #expect(paged == full)
        var ids: [RunID] = [run]
        for _ in 0..<10 { ids.append(try scene.makeRun(store)) }
        var listed: [RunID] = []
        var cursor: RunCursor?
        while let page = try? store.runs(after: cursor, limit: 3), let last = page.last {
            listed += page.map(\.id)
            cursor = RunCursor(RunCursor(last).text)
        }
        #expect(Set(listed) == Set(ids))
        #expect(listed.count == ids.count)
    }

    @Test(arguments: [
        Lookup.byID, Lookup.byState, Lookup.runsAfter, Lookup.lastCandidate, Lookup.lastEvent, Lookup.lastRound,
        Lookup.candidatePage, Lookup.candidatesOfWeights, Lookup.measurementPage, Lookup.trainingPage,
        Lookup.trainingUpTo,
    ])
    func statementsUseAnIndex(_ sql: String) throws {
        let store = try scene.open()
        let plan = try store.writer.read { db in
            let count = sql.count { $0 == "?" }
            return try Row.fetchAll(
                db, sql: "EXPLAIN QUERY PLAN " + sql, arguments: StatementArguments(Array(repeating: 1, count: count))
            ).map { $0["detail"] as String }
        }
        #expect(!plan.isEmpty)
        #expect(plan.allSatisfy { $0.hasPrefix("SEARCH") }, "\(plan)")
    }

    @Test func wishesAreAcceptedWhereTheStatePermits() throws {
        let store = try scene.open()
        let run = try scene.makeRun(store)
        try store.setDesired(run, .paused, time: scene.at(2))
        #expect(try store.run(run).desired == .paused)
        try store.transition(run: run, to: .paused, event: EventDraft(.runPaused), time: scene.at(3))
        #expect(try store.run(run).desired == .running)
        #expect(storeError { try store.setDesired(run, .paused, time: scene.at(4)) } != nil)
        try store.transition(run: run, to: .preparing, event: EventDraft(.runResumed), time: scene.at(5))
        try store.transition(
            run: run, to: .failed, event: EventDraft(.runFailed), time: scene.at(6), failure: "no data")
        try store.setDesired(run, .running, time: scene.at(7))
        #expect(storeError { try store.setDesired(run, .cancelled, time: scene.at(8)) } != nil)
    }

    @Test func rowsOutliveAnUncleanStop() throws {
        var run: RunID?
        do {
            let store = try scene.open()
            run = try scene.makeRun(store)
            try store.appendCandidates(#require(run), [scene.candidate(1)])
        }
        let store = try scene.open()
        #expect(store.notices.isEmpty)
        #expect(try store.candidates(#require(run)).count == 1)
    }
}
