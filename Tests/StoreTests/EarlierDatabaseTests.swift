import Foundation
import GRDB
import Runs
import SearchSpaces
import TestSupport
import Testing

@testable import Store

/// Databases that nasd itself wrote at each earlier schema: one run that it finished, and one that was killed in its second
/// round, whose second generation was asked for and not yet measured (`Fixtures/README.md`).
@Suite struct EarlierDatabaseTests {
    let scene = Scene()
    private static let fixtures = "Fixtures"

    private func fixture(_ name: String) throws -> URL {
        try #require(Bundle.module.url(forResource: name, withExtension: nil, subdirectory: Self.fixtures))
    }

    private func place(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: scene.path, withIntermediateDirectories: true)
        let path = scene.path + "/nasd.sqlite"
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", try fixture(name).path]
        process.standardOutput = try FileHandle(forWritingTo: URL(filePath: path))
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    private func csv(_ run: StoredRun, _ store: some RunQueries) throws -> String {
        let settings = try #require(try run.specification().search)
        var bytes: [UInt8] = []
        try ResultsCSV(objectives: settings.objectives, constraints: settings.constraints)
            .stream(run.id, from: store) { bytes += $0 }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Read as it is and after the upgrade: the bytes of results.csv that it wrote itself.
    @Test(arguments: 1...5) func aFinishedRunKeepsItsBytes(version: Int) throws {
        try place("schema-\(version)-finished.sqlite.gz")
        let expected = String(decoding: try Data(contentsOf: fixture("schema-\(version)-results.csv")), as: UTF8.self)
        let reader = try RunReader(DataDirectory(reading: scene.path))
        let before = try reader.findRun("finished")
        #expect(before.state == .completed && (before.draft.metrics == nil) == (version < 5))
        // Why candidates were asked, and the curve, were not noted then.
        #expect(try reader.reason(before.id, candidate: 3) == nil && reader.curve(before.id).isEmpty)
        #expect(try reader.evaluations(before.id).isEmpty)
        #expect(try csv(before, reader) == expected)
        let results = try reader.candidates(before.id)
        try reader.source.close()
        let store = try scene.open()
        #expect(store.notices.count == 1)
        #expect(FileManager.default.fileExists(atPath: scene.path + "/nasd.sqlite.backup-v\(version)"))
        #expect(try store.run(before.id).metrics() == before.metrics())
        #expect(try (store.run(before.id).metrics() == .ofEarlierRuns) == (version < 5))
        #expect(try store.reason(before.id, candidate: 3) == nil && store.curve(before.id).isEmpty)
        #expect(try csv(try store.run(before.id), store) == expected)
        #expect(try store.candidates(before.id) == results && results.count == 12)
        #expect(try store.finalists(before.id, by: .accuracy).count == 2)
        // The digest of all results, where that version took one, is that of the rows.
        let digest = try store.source.read("") { try ResultsDigest.of(run: before.id, in: $0).text }
        #expect(before.resultsDigest == nil ? version < 3 : before.resultsDigest == digest)
        try store.close()
    }

    /// A generation that was written before the upgrade is the same when it is written again, though there are costs now that
    /// were not known then; the run ends with the columns that it began with, whenever it was upgraded.
    @Test(arguments: 1...5) func aKilledRunGoesOn(version: Int) throws {
        try place("schema-\(version)-killed.sqlite.gz")
        let store = try scene.open()
        let run = try store.findRun("killed")
        #expect(run.state == .searching)
        #expect(try (run.metrics() == .ofEarlierRuns) == (version < 5))
        // What a checkpoint of that version counts on is found as it was.
        if let json = Self.marks[version] {
            let wanted = try JSONDecoder().decode(ResultsMark.self, from: Data(json.utf8))
            var chain = ResultsChain(run.id)
            try chain.extend(rounds: wanted.rounds, step: wanted.step, recorded: wanted.recorded, in: store)
            #expect(chain.mark == wanted)
        }
        let space = try run.space()
        let stored = try store.candidates(run.id)
        #expect(stored.map(\.candidate.number) == Array(1...8) && stored[4...].allSatisfy { $0.measurements.isEmpty })
        let again = stored.map { result in
            var candidate = result.candidate
            candidate.cost = space.cost(of: candidate.genome)
            return candidate
        }
        #expect(again.allSatisfy { $0.cost[.activationBytes] ?? 0 > 0 && $0.cost[.params] ?? 0 > 0 })
        try store.appendCandidates(run.id, again)
        #expect(try store.candidates(run.id) == stored)
        var wrong = again[5]
        wrong.cost = ArchitectureCost(params: 1, multiplyAdds: wrong.cost.multiplyAdds)
        #expect(storeError { try store.appendCandidates(run.id, [wrong]) } != nil)
        let measured = again.flatMap { candidate in
            stored[candidate.number - 1].measurements.isEmpty
                ? [Metric.accuracy, .loss].map {
                    CandidateMeasurement(
                        candidate: candidate.number, kind: MeasurementKind($0), value: 0.5, samples: 100)
                } : stored[candidate.number - 1].measurements
        }
        try store.recordMeasurements(run.id, measured)
        // What was not noted then is noted with what comes now.
        let evaluations = (5...8).map {
            CandidateEvaluation(candidate: $0, hypervolume: 0.5, seconds: 0.1, together: 4)
        }
        try store.recordMeasurements(run.id, measured, evaluations: evaluations)
        #expect(try store.evaluations(run.id) == evaluations && store.curve(run.id).map(\.round) == [1, 1, 1, 1])
        let lines = try csv(run, store).split(separator: "\r\n")
        let expected = String(decoding: try Data(contentsOf: fixture("schema-\(version)-results.csv")), as: UTF8.self)
        #expect(lines.count == 9 && lines[0] == expected.split(separator: "\r\n")[0])
        // The seed is the same as that of the finished run, and so is all that was measured before the kill.
        #expect(
            lines[1...4].map { $0.split(separator: ",")[..<4] }
                == expected.split(separator: "\r\n")[1...4].map { $0.split(separator: ",")[..<4] })
    }

    /// As the checkpoints of the killed runs have them.
    private static let marks = [
        3:
            #"{"candidates":4,"digest":"45755f7838f48a69ff087f84cc0da3d014affa2acbcef434bbaa40d5fc0327ff","rounds":1,"step":20}"#,
        4:
            #"{"candidates":4,"digest":"a84279626da1465e47930cae586152837ca1213288feb4ba28f951aa1043276296a20a3d28f8446c298184334ed5f6fe","recorded":20,"rounds":1,"step":20}"#,
    ]

    /// Costs that are rows are as immutable, and as much a part of every digest, as those that are columns.
    @Test func costsAreResults() throws {
        let store = try scene.open()
        let run = try scene.makeRun(store, space: Scene.regression, objectives: "[{metric: rmse}]")
        let candidate = scene.candidate(1, bytes: 40)
        func mark() throws -> ResultsMark {
            var chain = ResultsChain(run)
            try chain.extend(rounds: 1, step: 0, recorded: 0, in: store)
            return chain.mark
        }
        try store.appendCandidates(run, [candidate])
        try store.appendCandidates(run, [candidate])
        #expect(try store.candidates(run).first?.candidate == candidate)
        #expect(
            storeError { try store.appendCandidates(run, [scene.candidate(1, bytes: 41)]) }?.description.contains("41")
                == true)
        let before = try mark()
        for sql in ["UPDATE costs SET value = 41", "DELETE FROM costs"] {
            #expect(throws: DatabaseError.self) { try store.writer.write { try $0.execute(sql: sql) } }
        }
        try store.writer.write { db in
            try db.execute(sql: "DROP TRIGGER costs_keep; DROP TRIGGER costs_stay; DELETE FROM costs")
        }
        #expect(try mark() != before)
        try store.writer.write { db in
            try db.execute(
                sql: "INSERT INTO costs VALUES (?, 1, 'activationBytes', 41, 5)", arguments: [run.text])
        }
        #expect(storeError { _ = try store.candidates(run) } != nil)
    }
}
