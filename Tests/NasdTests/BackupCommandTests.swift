import API
import Foundation
import HTTPClient
import Store
import TestSupport
import Testing

/// `nasd backup`, `restore` and `verify`, beside a live daemon and on what runs have left.
@Suite struct BackupCommandTests {
    @Test func aBackupBesideALiveDaemonGoesOnToTheSameBytes() throws {
        let daemon = try ServedDaemon(["workers=1"])
        let id = try daemon.submit(ServedDaemon.tiny(steps: 400))
        let hasBegun = daemon.waitUntil(seconds: 60) { ((try? daemon.run(id))?.step ?? 0) > 60 }
        try #require(hasBegun)
        let copy = daemon.folder + "/copy"
        let made = try Program.run("backup", daemon.data, "--output", copy)
        #expect(made.code == 0 && made.output == copy + "\n", "\(made.error)")
        #expect(try Program.run("backup", daemon.data, "--output", copy).code == 5)
        // A daemon works there.
        #expect(try Program.run("restore", copy, daemon.data).code == 5)
        let refused = try Program.run("restore", copy, daemon.data, "--replace")
        #expect(refused.code == 5 && refused.error.contains("in use"), "\(refused.error)")
        try #require(daemon.wait(id, for: "completed"))
        let csv = try daemon.get("/v1/runs/\(id)/results.csv").body
        daemon.program.send(SIGTERM)
        _ = daemon.program.wait()
        let live = try Program.run("verify", daemon.data)
        #expect(live.code == 0, "\(live.output)")

        let restored = try Program.run("restore", copy, daemon.data, "--replace")
        #expect(restored.code == 0 && restored.error.contains(daemon.data + ".replaced-1"), "\(restored.error)")
        try daemon.restart()
        try #require(daemon.wait(id, for: "completed"))
        #expect(try daemon.get("/v1/runs/\(id)/results.csv").body == csv)
        daemon.program.send(SIGTERM)
        _ = daemon.program.wait()
        let verified = try Program.run("verify", daemon.data)
        #expect(verified.code == 0 && verified.output.contains("88 candidates"), "\(verified.output)")
    }

    @Test func verifyNamesWhatDiffers() throws {
        let small = try SmallRun()
        #expect(try small.run().code == 0)
        func verified() throws -> Program.Outcome { try Program.run("verify", small.output) }
        let whole = try verified()
        #expect(whole.code == 0 && whole.output.contains("2 tables"), "\(whole.output)\(whole.error)")
        let backup = try Program.run("backup", small.output, "--output", small.folder + "/copy")
        #expect(backup.code == 0, "\(backup.error)")
        #expect(try Program.run("verify", small.folder + "/copy").output.contains("backup: as it must be"))

        let table = small.output + "/results.csv", text = try String(contentsOfFile: table, encoding: .utf8)
        try Data(text.replacing("random", with: "mutant").utf8).write(to: URL(filePath: table))
        let forged = try verified()
        #expect(forged.code == 1 && forged.output.contains("results.csv: it differs"), "\(forged.output)")
        try Data(text.utf8).write(to: URL(filePath: table))

        let checkpoint = try #require(small.checkpoints.last), bytes = try Data(contentsOf: URL(filePath: checkpoint))
        var flipped = bytes
        flipped[flipped.count - 5] ^= 1
        try flipped.write(to: URL(filePath: checkpoint))
        let damaged = try verified()
        #expect(damaged.code == 1 && damaged.output.contains("step-"), "\(damaged.output)")
        try bytes.write(to: URL(filePath: checkpoint))
        #expect(try verified().code == 0)
        #expect(try Program.run("verify", small.folder).code != 0)
    }

    @Test func aRunInTheForegroundTellsWhatItIsAt() throws {
        let small = try SmallRun(train: "{steps: 1000000, batch: 16, shards: 4}")
        let program = try Program(small.arguments)
        let isTraining = SmallRun.waitUntil { (try? small.status())?.run.state.rawValue == "training" }
        try #require(isTraining)
        program.send(SIGUSR2)
        #expect(SmallRun.waitUntil { program.error.contains("state: ") && program.error.contains(" step=") })
        let id = try #require(try small.status()).run.id
        let log = try String(contentsOfFile: "\(small.output)/runs/\(id)/log.jsonl", encoding: .utf8)
        #expect(log.contains("\"message\":\"state\""))
        #expect(program.isRunning)
        program.send(SIGTERM)
        #expect(program.wait().code == 143)
    }
}
