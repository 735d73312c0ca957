import Foundation
import GRDB
import Testing

@testable import Store

@Suite struct TrainingRecordTests {
    private let scene = Scene()

    /// Loss and rate are the same each time; how fast it went is not, and the first time stays.
    @Test func aRepetitionIsHarmlessAndADifferenceIsTold() throws {
        let store = try scene.open()
        let run = try scene.makeRun(store)
        let records = [scene.record(1), scene.record(2)]
        try store.recordTraining(run, records)
        try store.recordTraining(run, [scene.record(1, speed: 3), scene.record(2, speed: 4), scene.record(3)])
        #expect(try store.trainingRecords(run) == records + [scene.record(3)])
        let error = storeError { try store.recordTraining(run, [scene.record(4), scene.record(2, loss: 5)]) }
        #expect(
            error
                == .conflictingReplay(
                    table: "training_records", row: "\(run)/2", column: "loss", stored: "1.0", given: "2.5"))
        // All or none.
        #expect(try store.trainingRecords(run).map(\.step) == [1, 2, 3])
        try store.forgetTraining(run, afterStep: 1)
        try store.recordTraining(run, [scene.record(2, loss: 5)])
        #expect(try store.trainingRecords(run) == [scene.record(1), scene.record(2, loss: 5)])
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity]) func onlyFiniteNumbersAreRecorded(_ loss: Double) throws {
        let store = try scene.open()
        let run = try scene.makeRun(store)
        #expect(storeError { try store.recordTraining(run, [scene.record(1), scene.record(2, loss: loss)]) } != nil)
        #expect(try store.trainingRecords(run).isEmpty)
    }

    @Test func pagesGiveTheWholeAndThenWhatIsUnwritten() throws {
        let store = try scene.open()
        let run = try scene.makeRun(store)
        let all = (1...25).map { scene.record($0 * 10) }
        try store.recordTraining(run, Array(all[..<20]))
        // Some of what a computing run has is written already.
        let unwritten = Array(all[15...])
        for limit in 1...26 {
            var found: [TrainingRecord] = []
            while true {
                let page = try store.trainingRecords(
                    run, afterStep: found.last?.step ?? 0, limit: limit, unwritten: unwritten)
                found += page
                if page.count < limit { break }
            }
            #expect(found == all, "\(limit) at a time")
        }
        #expect(try store.trainingRecords(run, afterStep: 195, unwritten: unwritten) == Array(all[19...]))
        #expect(try store.trainingRecord(run, upToStep: 59) == all[4])
        #expect(try store.trainingRecord(run, upToStep: 9) == nil)
    }

    /// The first, the last and an even choice between them, whatever part of them is written.
    @Test(arguments: [0, 1, 20, 40]) func aSpreadIsEvenAndBounded(written: Int) throws {
        let store = try scene.open()
        let run = try scene.makeRun(store)
        let all = (1...40).map { scene.record($0 * 7) }
        try store.recordTraining(run, Array(all[..<written]))
        let unwritten = Array(all[written...])
        for count in 2...60 {
            let found = try store.trainingRecords(run, spread: count, unwritten: unwritten)
            #expect(found.count == min(count, 40) && found.first == all.first && found.last == all.last, "\(count)")
            let gaps = zip(found, found.dropFirst()).map { $1.step - $0.step }
            #expect(gaps.allSatisfy { $0 > 0 } && (gaps.max() ?? 0) - (gaps.min() ?? 0) <= 7, "\(gaps)")
        }
        #expect(
            try store.trainingRecords(run, afterStep: 140, spread: 3, unwritten: unwritten).map(\.step)
                == [147, 217, 280])
        #expect(try store.trainingRecords(run, afterStep: 280, spread: 3, unwritten: unwritten).isEmpty)
    }

    @Test func theFileHasTheColumnsOfTheRecords() throws {
        let store = try scene.open()
        let run = try scene.makeRun(store)
        try store.recordTraining(run, [scene.record(1), scene.record(4, speed: 2.5)])
        #expect(
            String(decoding: try TrainingCSV.bytes(run, from: store), as: UTF8.self)
                == "step,loss,learningRate,stepsPerSecond,elapsedSeconds\r\n1,2,0.001,10,0.1\r\n4,0.5,0.001,2.5,1.6\r\n"
        )
    }

    /// A row that is not as it was written is an error.
    @Test(arguments: ["loss = 1.5", "learning_rate = 0.002", "steps_per_second = 11", "elapsed_seconds = 9"])
    func aChangedRowIsNoticed(_ change: String) throws {
        let store = try scene.open()
        let run = try scene.makeRun(store)
        try store.recordTraining(run, [scene.record(1), scene.record(2)])
        try store.writer.write { db in
            let trigger = try String.fetchOne(
                db, sql: "SELECT sql FROM sqlite_master WHERE name = 'training_records_keep'")
            try db.execute(sql: "DROP TRIGGER training_records_keep")
            try db.execute(sql: "UPDATE training_records SET \(change) WHERE step = 2")
            try db.execute(sql: try #require(trigger))
        }
        #expect(throws: StoreError.self) { try TrainingCSV.bytes(run, from: store) }
        #expect(throws: StoreError.self) { try store.trainingRecords(run, spread: 2) }
    }
}
