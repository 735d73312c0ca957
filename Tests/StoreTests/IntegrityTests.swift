import Foundation
import GRDB
import Runs
import SearchSpaces
import TestSupport
import Testing

@testable import Store

/// What is not as it was written is an error, and never a result.
@Suite struct IntegrityTests {
    private let scene = Scene()

    /// A run with three measured candidates, whose state is as asked.
    private func makeRun(_ store: RunStore, completed: Bool) throws -> RunID {
        let run = try scene.makeRun(store)
        try store.appendCandidates(run, (1...3).map { scene.candidate($0) })
        try store.recordMeasurements(run, (1...3).map { scene.accuracy($0, 0.5 + Double($0) / 10) })
        guard completed else { return run }
        for state in [RunState.preparing, .searching, .validating, .completed] {
            try store.transition(run: run, to: state, event: EventDraft(.runProgress), time: scene.at(2))
        }
        return run
    }

    /// Changes the database as no write of the program would: without triggers and checks.
    private func damage(_ sql: String) throws {
        let queue = try DatabaseQueue(path: scene.path + "/nasd.sqlite")
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA ignore_check_constraints = ON")
            let triggers = try String.fetchAll(db, sql: "SELECT sql FROM sqlite_master WHERE type = 'trigger'")
            for name in try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'trigger'") {
                try db.execute(sql: "DROP TRIGGER \(name)")
            }
            try db.execute(sql: sql)
            for trigger in triggers { try db.execute(sql: trigger) }
        }
        try queue.close()
    }

    private func csv(_ run: RunID) throws -> [UInt8] {
        var bytes: [UInt8] = []
        let reader = try RunReader(DataDirectory(reading: scene.path))
        try ResultsCSV(objectives: [.init(metric: .accuracy, goal: .maximize)]).stream(run, from: reader) {
            bytes += $0
        }
        return bytes
    }

    @Test(
        arguments: [
            "UPDATE candidates SET params = 11 WHERE number = 2",
            "UPDATE candidates SET genome = 'embed=97' WHERE number = 2",
            "UPDATE candidates SET origin = 'rbndom' WHERE number = 3",
            "UPDATE candidates SET number = 9 WHERE number = 3",
            "UPDATE measurements SET value = 0.71 WHERE candidate = 2", "UPDATE measurements SET samples = 1001",
            "UPDATE measurements SET kind = 'accurbcy' WHERE candidate = 1",
            "UPDATE measurements SET digest = digest + 1",
            "UPDATE candidates SET digest = 5 WHERE number = 1", "UPDATE runs SET run_yaml = 'a: 2'",
            "PRAGMA foreign_keys = OFF; UPDATE candidates SET number = 0 WHERE number = 1",
        ], [false, true])
    func aChangedRowIsNoResult(_ sql: String, completed: Bool) throws {
        let store = try scene.open()
        let run = try makeRun(store, completed: completed)
        try store.close()
        #expect(try !csv(run).isEmpty)
        try damage("PRAGMA foreign_keys = OFF; \(sql)")
        #expect(throws: StoreError.self) { try csv(run) }
    }

    /// Rows that are gone leave no trace of their own: the digest of all results does.
    @Test(arguments: [
        "DELETE FROM measurements WHERE candidate = 2", "DELETE FROM candidates WHERE number = 3",
        "DELETE FROM candidates WHERE number = 1", "UPDATE measurements SET run = 'zzzzzzzzzzzz' WHERE candidate = 3",
    ]) func aMissingRowIsNoticed(_ sql: String) throws {
        let store = try scene.open()
        let run = try makeRun(store, completed: true)
        try store.close()
        try damage("PRAGMA foreign_keys = OFF; \(sql)")
        let error = storeError { _ = try csv(run) }
        guard case .corrupt = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    /// Rows of earlier versions are taken, and counted as unverified.
    @Test func rowsWithoutADigestAreTold() throws {
        let store = try scene.open()
        let run = try makeRun(store, completed: true)
        try store.close()
        let expected = try csv(run)
        try damage("UPDATE candidates SET digest = NULL; UPDATE measurements SET digest = NULL WHERE candidate < 3;")
        let reader = try RunReader(DataDirectory(reading: scene.path))
        var bytes: [UInt8] = []
        let csv = ResultsCSV(objectives: [.init(metric: .accuracy, goal: .maximize)])
        let unverified = try csv.stream(run, from: reader) { bytes += $0 }
        #expect(bytes == expected && unverified == 5)
    }

    /// A damaged name of a column ends nothing.
    @Test func aDamagedSchemaIsRefused() throws {
        do {
            let store = try scene.open()
            _ = try makeRun(store, completed: true)
            try store.close()
        }
        let queue = try DatabaseQueue(path: scene.path + "/nasd.sqlite")
        try queue.writeWithoutTransaction { db in
            try db.execute(
                sql: """
                    PRAGMA writable_schema = ON;
                    UPDATE sqlite_master SET sql = replace(sql, 'run_yaml', 'run_yamm') WHERE name = 'runs';
                    """)
        }
        try queue.close()
        for open in [{ _ = try RunReader(DataDirectory(reading: scene.path)) }, { _ = try scene.open() }] {
            guard case .corrupt(_, let detail)? = storeError(open) else {
                Issue.record("not refused")
                continue
            }
            #expect(detail.contains("runs"))
        }
    }

    @Test func rowsWithoutWhatTheyMustHaveAreErrors() throws {
        let store = try scene.open()
        let run = try makeRun(store, completed: false)
        let queue = store.writer
        // As a damaged header of a record has it: another type, or nothing.
        for sql in [
            "SELECT NULL AS number, key, genome, choices, origin, round, weights_step, params, multiply_adds, digest",
            "SELECT number, NULL, genome, choices, origin, round, weights_step, params, multiply_adds, digest",
            "SELECT number, key, genome, NULL, origin, 'x', weights_step, params, multiply_adds, digest",
        ] {
            try queue.read { db in
                let row = try #require(try Row.fetchOne(db, sql: sql + " FROM candidates"))
                #expect(throws: (any Error).self) { try Candidate(row, of: run) }
            }
        }
    }

    // MARK: What a checkpoint builds on

    @Test func marksTellWhatIsMissing() throws {
        let store = try scene.open()
        let run = try scene.makeRun(store)
        func mark(_ rounds: Int, _ step: Int, in source: some RunQueries) throws -> ResultsMark {
            var chain = ResultsChain(run)
            try chain.extend(rounds: rounds, step: step, recorded: step, in: source)
            return chain.mark
        }
        try store.recordTraining(run, [scene.record(1), scene.record(100)])
        try store.appendCandidates(run, [scene.candidate(1), scene.candidate(2), scene.candidate(3, round: 1)])
        try store.recordMeasurements(run, [scene.accuracy(1, 0.5), scene.accuracy(2, 0.6)])
        try store.recordTraining(run, [], statistics: [.init(step: 100, name: "draws", bin: 0, value: 3)])
        let whole = try mark(1, 100, in: store)
        #expect(whole.candidates == 2 && whole.rounds == 1)
        // What came after it does not matter, and in how many pieces it is read neither.
        try store.recordMeasurements(run, [scene.accuracy(3, 0.7)])
        try store.recordTraining(
            run, [scene.record(101)], statistics: [.init(step: 200, name: "draws", bin: 0, value: 3)])
        #expect(try mark(1, 100, in: store) == whole)
        var pieces = ResultsChain(run)
        for (rounds, step) in [(0, 0), (1, 50), (1, 100)] {
            try pieces.extend(rounds: rounds, step: step, recorded: step, in: store)
        }
        #expect(pieces.mark == whole)
        // Marks of earlier versions count on no records.
        var earlier = ResultsChain(run)
        try earlier.extend(rounds: 1, step: 100, recorded: nil, in: store)
        #expect(earlier.mark.recorded == nil && whole.digest.hasPrefix(earlier.mark.digest) && earlier.mark != whole)
        #expect(try mark(2, 100, in: store) != whole && mark(1, 200, in: store) != whole)
        try store.close()
        for sql in [
            "DELETE FROM measurements WHERE candidate = 2", "DELETE FROM sampler_statistics WHERE step = 100",
            "DELETE FROM measurements WHERE candidate > 1; DELETE FROM candidates WHERE number > 1",
            "DELETE FROM training_records WHERE step = 100",
        ] {
            let copy = Scene()
            try FileManager.default.copyItem(atPath: scene.path, toPath: copy.path)
            let queue = try DatabaseQueue(path: copy.path + "/nasd.sqlite")
            try queue.writeWithoutTransaction {
                try $0.execute(
                    sql:
                        "DROP TRIGGER measurements_stay; DROP TRIGGER candidates_stay; PRAGMA foreign_keys = OFF; \(sql)"
                )
                try $0.execute(
                    sql: SchemaV1.sql.components(separatedBy: "CREATE TRIGGER").filter {
                        $0.contains("_stay")
                    }.map { "CREATE TRIGGER" + $0 }.joined())
            }
            try queue.close()
            let damaged = try copy.open()
            #expect(try mark(1, 100, in: damaged) != whole, "\(sql)")
            try damaged.close()
        }
    }

    // MARK: Interruptions

    @Test func interruptionsAreCountedUntilARunGetsFurther() throws {
        let store = try scene.open()
        let run = try scene.makeRun(store), other = try scene.makeRun(store, name: "other")
        #expect(try store.noteInterruption(run, fault: "SIGSEGV") == Interruption(faults: 1, ends: 1))
        #expect(try store.noteInterruption(run, fault: "SIGSEGV") == Interruption(faults: 2, ends: 2))
        // A kill in between is no fault of the process's own.
        #expect(try store.noteInterruption(run, fault: nil) == Interruption(faults: 0, ends: 3))
        #expect(try store.noteInterruption(other, fault: nil) == Interruption(faults: 0, ends: 1))
        try store.setStep(run, 10, time: scene.at(2))
        #expect(try store.noteInterruption(run, fault: "SIGILL") == Interruption(faults: 1, ends: 1))
        try store.appendCandidates(run, [scene.candidate(1)])
        #expect(try store.noteInterruption(run, fault: "SIGILL") == Interruption(faults: 2, ends: 2))
        try store.recordMeasurements(run, [scene.accuracy(1, 0.5)])
        #expect(try store.noteInterruption(run, fault: "SIGILL") == Interruption(faults: 1, ends: 1))
        try store.forgetInterruptions(run)
        #expect(try store.noteInterruption(run, fault: nil).ends == 1)
        #expect(try store.noteInterruption(other, fault: nil).ends == 2)
        try store.forgetInterruptions()
        #expect(try store.noteInterruption(other, fault: nil).ends == 1)
    }

    // MARK: The folder

    @Test func aRemovedLockLetsNobodyIn() throws {
        let owner = try DataDirectory(owning: scene.path)
        unlink(scene.path + "/lock")
        #expect(storeError { _ = try DataDirectory(owning: scene.path) } == .locked(directory: scene.path))
        #expect(owner.isOwned)
    }

    @Test func whatKillsLeaveIsRemoved() throws {
        try scene.open().close()
        let names = [".spool-Ab12Cd", "nasd.sqlite.backup-v2.part", "results.csv.nasd-part-Ab12Cd"]
        let own = [".spool-mine.txt", "nasd.sqlite.backup-v2", "part"]
        for name in names + own { try Files.write([1], "\(scene.path)/\(name)") }
        try scene.open().close()
        #expect(names.allSatisfy { !FileManager.default.fileExists(atPath: "\(scene.path)/\($0)") })
        #expect(own.allSatisfy { FileManager.default.fileExists(atPath: "\(scene.path)/\($0)") })
    }

    /// A kill while a new database becomes one with a write-ahead log leaves a journal, which no reader can take back.
    @Test func aHotJournalIsTakenBack() throws {
        let directory = try DataDirectory(owning: scene.path)
        let queue = try DatabaseQueue(path: directory.databasePath)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA cache_size = 1; BEGIN IMMEDIATE; CREATE TABLE filler (x)")
            for _ in 0..<200 { try db.execute(sql: "INSERT INTO filler VALUES (zeroblob(2000))") }
            for suffix in ["", "-journal"] {
                try FileManager.default.copyItem(
                    atPath: directory.databasePath + suffix, toPath: scene.path + "/copy" + suffix)
            }
            try db.execute(sql: "ROLLBACK")
        }
        try queue.close()
        for suffix in ["", "-journal"] {
            unlink(directory.databasePath + suffix)
            try FileManager.default.moveItem(
                atPath: scene.path + "/copy" + suffix, toPath: directory.databasePath + suffix)
        }
        let store = try RunStore(directory)
        #expect(try store.runs().isEmpty)
        try store.close()
    }

    @Test func runsThatTheDatabaseLostAreTold() throws {
        let run: RunID
        do {
            let store = try scene.open()
            run = try scene.makeRun(store)
            try store.directory.createRunDirectory(run)
            try Files.write([1], store.directory.checkpointDirectory(run) + "/step-000000001.safetensors")
            try store.close()
        }
        do {
            let again = try scene.open()
            #expect(again.notices.isEmpty)
            try again.close()
        }
        for suffix in ["", "-wal", "-shm"] { unlink("\(scene.path)/nasd.sqlite\(suffix)") }
        let empty = try scene.open()
        #expect(empty.notices.count == 1 && empty.notices[0].contains(run.text))
        try empty.close()
    }

    // MARK: Lists

    @Test func theStatusIsReadPageByPage() throws {
        let store = try scene.open()
        var ids: [RunID] = []
        for number in 0..<7 { ids.append(try scene.makeRun(store, name: "r\(number)")) }
        for id in ids[..<4] {
            try store.transition(run: id, to: .cancelled, event: EventDraft(.runCancelled), time: scene.at(5))
        }
        let whole = try store.status().runs.map(\.run.id)
        #expect(Set(whole.prefix(3)) == Set(ids[4...]) && whole.count == 7)
        for limit in 1...8 {
            var found: [RunID] = []
            var place: StatusCursor?
            repeat {
                let page = try store.status(after: place, limit: limit)
                #expect(page.runs.count <= limit && (page.next == nil || page.runs.count == limit))
                found += page.runs.map(\.run.id)
                place = page.next.flatMap { StatusCursor($0.text) }
                #expect(place == page.next)
            } while place != nil
            #expect(found == whole, "\(limit) at a time")
        }
        #expect(try store.status(ended: 2).runs.count == 5)
        for text in ["", "x", "ended-", "ended--1", "ended-9999999999999999999", "5-abc"] {
            #expect(StatusCursor(text) == nil)
        }
    }

    @Test func summariesStandBesideTheirRuns() throws {
        let store = try scene.open()
        let yaml = """
            apiVersion: nasd/v1
            kind: Run
            name: r
            space: s
            data: {format: glyphs}
            train: {steps: 10}
            search: {objectives: [{metric: accuracy}]}
            """
        let specification = try RunSpecification.parse(yaml: yaml, file: "r")
        let run = try store.createRun(
            RunDraft(name: "r", seed: 1, runYAML: specification.resolvedYAML, spaceYAML: "x"), time: scene.at(1),
            using: &scene.generator)
        #expect(run.summary == RunSummary(specification))
        let changed = try run.specification(overrides: [("search.evaluations", "77")])
        try store.setLimits(run.id, runYAML: changed.resolvedYAML, priority: 3, time: scene.at(2))
        #expect(try store.row(run.id).summary?.evaluations == 77)
        // What nobody can read is listed all the same.
        let odd = try scene.makeRun(store)
        #expect(try store.row(odd).summary == nil && store.status().runs.count == 2)
    }

    /// A run whose row is damaged is shown as such, and neither hides the others nor keeps them from their turn.
    @Test func aDamagedRowHidesNoOther() throws {
        let store = try scene.open()
        let ids = try (0..<6).map { try scene.makeRun(store, name: "r\($0)") }
        for id in ids[2...3] {
            try store.transition(run: id, to: .preparing, event: EventDraft(.runStarted), time: scene.at(2))
        }
        for id in ids[4...] {
            try store.transition(run: id, to: .cancelled, event: EventDraft(.runCancelled), time: scene.at(3))
        }
        try store.writer.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA ignore_check_constraints = ON")
            for id in [ids[0], ids[2], ids[4]] {
                try db.execute(sql: "UPDATE runs SET desired = 'runninf' WHERE id = ?", arguments: [id.text])
            }
        }
        #expect(try store.queue().map(\.id) == [ids[1]])
        #expect(try store.interrupted().map(\.id) == [ids[3]])
        let shown = try store.status().runs.map(\.run)
        #expect(Set(shown.map(\.id)) == Set(ids))
        for run in shown {
            let isDamaged = [ids[0], ids[2], ids[4]].contains(run.id)
            #expect((run.failure != nil) == isDamaged && (!isDamaged || run.state == .failed))
        }
        #expect(throws: StoreError.self) { try store.row(ids[0]) }
    }

    /// What does not read back as what was handed in does not become a run.
    @Test func nothingIsStoredThatDoesNotReadBack() throws {
        let store = try scene.open()
        #expect(throws: StoreError.self) {
            try store.createRun(
                RunDraft(name: "r", seed: 1, runYAML: "a: 1", spaceYAML: "b: 2"), time: scene.at(1),
                using: &scene.generator
            ) { stored in _ = try stored.specification() }
        }
        #expect(try store.runs().isEmpty)
    }
}
