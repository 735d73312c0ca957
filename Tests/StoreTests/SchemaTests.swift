import Foundation
import GRDB
import Runs
import SearchSpaces
import Testing

@testable import Store

@Suite struct SchemaTests {
    let scene = Scene()

    /// The stored definitions, in the order of their making, are those that were frozen.
    @Test func versionOneIsFrozen() throws {
        let store = try RunStore(DataDirectory(owning: scene.path), migrations: [Migration.all[0]])
        let stored = try store.writer.read {
            try String.fetchAll($0, sql: "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")
        }
        let text = stored.map { $0 + ";" }.joined(separator: "\n")
        let frozen = frozenSchema1.split(separator: "\n", omittingEmptySubsequences: true).joined(separator: "\n")
        #expect(text == frozen)
    }

    /// What version 1 left is there after the upgrade, and the statements of version 2 are those that were frozen.
    @Test func upgradesFromVersionOne() throws {
        let id = "abcdefghijkl"
        do {
            let old = try RunStore(DataDirectory(owning: scene.path), migrations: [Migration.all[0]])
            try old.writer.write { db in
                try db.execute(
                    sql: """
                        INSERT INTO runs VALUES ('\(id)', 'old', 'paused', 'running', 1, 'run', 'space', '{}', 'n', 1, 2, 3, NULL);
                        INSERT INTO candidates VALUES ('\(id)', 1, 'k', 'g', x'00', 'random', 0, 10, 5, 6);
                        INSERT INTO measurements VALUES ('\(id)', 1, 'accuracy', 0.5, 10, 'completed', NULL);
                        """)
            }
            try old.close()
        }
        try expectReadAsItIs()
        let store = try scene.open()
        #expect(
            store.notices.count == 1 && FileManager.default.fileExists(atPath: scene.path + "/nasd.sqlite.backup-v1"))
        let run = try store.findRun("old")
        #expect(run.state == .paused && run.step == 3 && run.priority == 0)
        let candidate = try #require(try store.candidates(run.id).first)
        #expect(candidate.value(of: .accuracy) == 0.5 && candidate.measured == nil)
        try expectRecords(of: run.id, in: store)
        var digest = StableHash()
        digest.combine(SchemaV2.sql)
        #expect(digest.hexadecimal == "5ec8093edadb0db0563e9f4d74c1cfe1")
    }

    /// What version 2 left is there after the upgrade, taken as unverified; the statements of version 3 are frozen.
    @Test func upgradesFromVersionTwo() throws {
        let id = "abcdefghijkl"
        do {
            let old = try RunStore(DataDirectory(owning: scene.path), migrations: Array(Migration.all[..<2]))
            try old.writer.write { db in
                try db.execute(
                    sql: """
                        INSERT INTO runs VALUES ('\(id)', 'old', 'paused', 'running', 1, 'run', 'space', '{}', 'n', 1, 2, 3,
                          NULL, 0);
                        INSERT INTO candidates VALUES ('\(id)', 1, 'k', 'g', x'00', 'random', 0, 10, 5, 6);
                        INSERT INTO measurements VALUES ('\(id)', 1, 'accuracy', 0.5, 10, 'completed', NULL, 7);
                        INSERT INTO endpoints VALUES ('daemon', NULL, 'https://x', 's', '*', 'active', 0, 0, NULL, NULL);
                        INSERT INTO outbox (id, endpoint, stream, seq, type, body, created, next_attempt, state)
                          VALUES ('m', 'daemon', '', 1, 'daemon.started', '{}', 1, 1, 'pending');
                        """)
            }
            try old.close()
        }
        try expectReadAsItIs()
        let store = try scene.open()
        #expect(
            store.notices.count == 1 && FileManager.default.fileExists(atPath: scene.path + "/nasd.sqlite.backup-v2"))
        let run = try store.findRun("old")
        #expect(run.summary == nil && run.resultsDigest == nil)
        let candidate = try #require(try store.candidates(run.id).first)
        #expect(candidate.value(of: .accuracy) == 0.5 && candidate.unverifiedRows == 2)
        try expectRecords(of: run.id, in: store)
        #expect(try store.nextMessages().first?.waitMilliseconds == nil && store.nextMessages().count == 1)
        var digest = StableHash()
        digest.combine(SchemaV3.sql)
        #expect(digest.hexadecimal == "2ae7f01ce9bb7922b23450b2160977f7")
    }

    /// The statements of later versions are those that were frozen.
    @Test(arguments: [
        (SchemaV4.sql, "d7b8b752af3490b49a58b87526fa3bc3"), (SchemaV5.sql, "d86aad59046a2bf2d686474b0aef4f27"),
        (SchemaV6.sql, "127b448397f189be8576b273ca9801a7"), (SchemaV7.sql, "241e748ba35d768be843769fb4bcecd6"),
    ])
    func laterVersionsAreFrozen(sql: String, digest: String) {
        var hash = StableHash()
        hash.combine(sql)
        #expect(hash.hexadecimal == digest)
    }

    /// A database takes and gives back records of training.
    private func expectRecords(of run: RunID, in store: RunStore) throws {
        #expect(try store.trainingRecords(run).isEmpty)
        try store.recordTraining(run, [scene.record(3)])
        #expect(try store.trainingRecords(run) == [scene.record(3)])
    }

    /// A reader takes a database of an earlier version as it is.
    private func expectReadAsItIs(unverified: Int = 2) throws {
        let before = FileManager.default.contents(atPath: scene.path + "/nasd.sqlite")
        let reader = try RunReader(DataDirectory(reading: scene.path))
        let run = try reader.findRun("old")
        #expect(run.state == .paused && run.priority == 0 && run.resultsDigest == nil)
        #expect(try reader.runs().count == 1 && reader.storedRuns(limit: 5).count == 1)
        var bytes: [UInt8] = []
        let found = try ResultsCSV(objectives: [.init(metric: .accuracy, goal: .maximize)]).stream(
            run.id, from: reader
        ) { bytes += $0 }
        #expect(found == unverified && String(decoding: bytes, as: UTF8.self).contains(",0.5,"))
        #expect(try reader.samplerStatistics(run.id).isEmpty && reader.rounds(run.id).isEmpty)
        #expect(try reader.reason(run.id, candidate: 1) == nil && reader.curve(run.id).isEmpty)
        #expect(try reader.trainingRecords(run.id).isEmpty && reader.trainingRecords(run.id, spread: 5).isEmpty)
        #expect(try TrainingCSV.bytes(run.id, from: reader).count(where: { $0 == UInt8(ascii: "\n") }) == 1)
        #expect(FileManager.default.contents(atPath: scene.path + "/nasd.sqlite") == before)
    }

    @Test func statesAndTypesAreThoseOfTheProgram() {
        for state in RunState.allCases { #expect(SchemaV1.sql.contains("'\(state.rawValue)'")) }
        for type in EventType.allCases {
            #expect((type.isOfDaemon ? SchemaV1.sql : SchemaV7.sql).contains("'\(type.rawValue)'"))
        }
    }
}
