import Foundation
import Store
import TestSupport
import Testing

/// Everything a user can get wrong: the exit code, a message that says what, where and how to mend it, and nothing lost.
@Suite(.serialized) struct BadInputTests {
    @Test(arguments: BadInput.all) func nothingIsCreated(_ input: BadInput) throws {
        let run = try SmallRun()
        try input.prepare(run)
        let before = SmallRun.snapshot(run.folder)
        func filled(_ text: String) -> String { text.replacing("DIR", with: run.folder) }
        let outcome = try Program(input.arguments.map(filled)).wait()
        let command = input.arguments.map { $0.isEmpty || $0.contains(" ") ? "'\($0)'" : $0 }.joined(separator: " ")
        try check(
            outcome, input.name, "nasd \(command)", code: input.code, message: input.message.map(filled),
            after: "nothing created", run)
        #expect(outcome.output.isEmpty)
        #expect(SmallRun.snapshot(run.folder) == before)
    }

    // MARK: A directory that holds something else

    @Test(arguments: [
        (
            "database of a newer version", 60, UInt32(99),
            ["written by a newer version (schema 99", "use the newer version"]
        ),
        (
            "database of another program", 68, UInt32(0x1234_5678),
            ["is not a nasd database", "choose another data directory"]
        ),
        ("file that is no database", 0, UInt32(0), ["is not a nasd database", "move the file away"]),
    ]) func databaseOfAnother(name: String, offset: Int, value: UInt32, message: [String]) throws {
        let run = try completedRun()
        let database = run.output + "/nasd.sqlite"
        var bytes = try Data(contentsOf: URL(filePath: database))
        bytes.replaceSubrange(offset..<offset + 4, with: Files.big(value))
        try bytes.write(to: URL(filePath: database))
        let before = SmallRun.snapshot(run.output)
        try check(
            run.run(), name, command(), code: 1, message: [database] + message, after: "earlier results untouched", run)
        #expect(SmallRun.snapshot(run.output) == before)
    }

    @Test func runOfOtherSettings() throws {
        let run = try completedRun()
        let before = SmallRun.snapshot(run.output)
        let further = ["--set", "train.steps=30", "--seed", "8"]
        try check(
            Program(run.arguments + further).wait(), "directory with a run of other settings", command(further),
            code: 5,
            message: [run.output, "differs in seed, train.steps", "choose another --output, or set these keys back"],
            after: "earlier results untouched", run)
        #expect(SmallRun.snapshot(run.output) == before)
        let again = try run.run()
        #expect(again.code == 0 && again.output.contains("front of run"))
    }

    @Test func runOnOtherData() throws {
        let run = try SmallRun()
        let pair = "{images: i.idx, labels: l.idx}"
        try run.replace(
            SmallRun.data,
            with: "{format: idx, directory: \(run.folder), train: \(pair), test: \(pair), holdOut: {validation: 100}}",
            in: "run.yaml")
        var images = Files.idxImages(count: 400, height: 28, width: 28, pixels: 400 * 784)
        try Files.write(images, run.folder + "/i.idx")
        try Files.write(Files.idxLabels(count: 400, (0..<400).map { UInt8($0 % 10) }), run.folder + "/l.idx")
        #expect(try run.run().code == 0)
        let before = SmallRun.snapshot(run.output)
        images[images.count - 1] ^= 1
        try Files.write(images, run.folder + "/i.idx")
        try check(
            run.run(), "data that changed since the run began", command(), code: 5,
            message: ["the data is not what run", "restore the files, or start anew in another --output"],
            after: "earlier results untouched", run)
        #expect(SmallRun.snapshot(run.output) == before)
    }

    @Test func twoAtOnceAndOtherNumerics() throws {
        let run = try SmallRun(train: "{steps: 100000, batch: 16, shards: 4, checkpointEvery: 50}")
        let first = try Program(run.arguments)
        #expect(SmallRun.waitUntil { run.checkpoints.count > 1 })
        try check(
            run.run(), "directory in use by another nasd", command(), code: 5,
            message: [
                run.output, "in use by another process", "stop the other process or choose another data directory",
            ],
            after: "the first goes on", run)
        #expect(first.isRunning)
        first.send(SIGTERM)
        #expect(first.wait().code == 143)
        // As if it had begun on a machine that computes other bits.
        try setNumerics(of: run, "products of another machine")
        try check(
            run.run(), "unfinished run of another kind of machine", command(), code: 5,
            message: ["began with products of another machine", "allow it with --allow-numerics-change"],
            after: "continues there, or with the flag", run)
        let again = try Program(run.arguments + ["--allow-numerics-change"])
        #expect(SmallRun.waitUntil { again.error.contains("\ntraining ") })
        again.send(SIGINT)
        #expect(again.wait().code == 130)
    }

    // MARK: Damage

    @Test(arguments: [1, 2]) func tornCheckpoint(count: Int) throws {
        let train = "{steps: 400, batch: 16, shards: 4, checkpointEvery: 20}"
        let reference = try SmallRun(train: train)
        #expect(try reference.run().code == 0)
        let run = try SmallRun(train: train)
        let first = try Program(run.arguments)
        #expect(SmallRun.waitUntil { run.checkpoints.filter { $0.hasSuffix(".safetensors") }.count > 1 })
        first.send(SIGKILL)
        #expect(first.wait().code == -SIGKILL)
        let files = run.checkpoints.filter { $0.hasSuffix(".safetensors") }.suffix(count)
        #expect(files.count == count)
        for file in files { truncate(file, 3000) }
        // What a kill while the results are written would leave.
        let leftover = run.output + "/results.csv.nasd-part-Ab12Cd"
        try Files.write([1], leftover)
        // What a user put there is nobody else's.
        let copy = run.output + "/results.csv.backup"
        try Files.write([1], copy)
        let outcome = try run.run()
        try check(
            outcome, count == 1 ? "torn newest checkpoint" : "every checkpoint torn", command(), code: 0,
            message: files.map { "checkpoint passed over: \($0)" },
            after: "continues from \(count == 1 ? "the one before" : "the start"), results as if undisturbed", run)
        #expect(!FileManager.default.fileExists(atPath: leftover))
        #expect(FileManager.default.fileExists(atPath: copy))
        #expect(try (recoveredStep(run) == 0) == (count == 2))
        #expect(run.results == reference.results && run.results != nil)
    }

    @Test(.enabled(if: TinyDisk.isAvailable)) func littleDisk() throws {
        let run = try SmallRun()
        let disk = try TinyDisk(run.folder + "/disk", mebibytes: 4)
        run.output = disk.path + "/out"
        try check(
            run.run(), "disk too small for the run", command(output: "DIR/disk/out"), code: 1,
            message: [
                run.output, "the run needs about", "4 MiB are free", "free some space or choose another --output",
            ],
            after: "nothing created", run)
        #expect(SmallRun.snapshot(disk.path).isEmpty)
    }

    @Test func littleMemory() throws {
        let run = try SmallRun(embed: "[16, 16384]", depth: "[1, 64]", mixture: "{experts: 64}")
        try check(
            run.run(), "space too large for the machine", command(), code: 1,
            message: ["the run needs about", "MiB of memory and the machine has", "choose a smaller space"],
            after: "nothing created", run)
        #expect(!FileManager.default.fileExists(atPath: run.output))
    }

    @Test(.enabled(if: TinyDisk.isAvailable)) func diskThatFillsUp() throws {
        // Checkpoints of some MiB: room that a run to be continued must not be asked for twice.
        func makeRun() throws -> SmallRun {
            try SmallRun(
                embed: "[96, 128]", depth: "[3, 4]", train: "{steps: 200, batch: 16, shards: 4, checkpointEvery: 20}")
        }
        let reference = try makeRun()
        #expect(try reference.run().code == 0)
        let run = try makeRun()
        let disk = try TinyDisk(run.folder + "/disk", mebibytes: try neededMebibytes(run) + 2)
        run.output = disk.path + "/out"
        let first = try Program(run.arguments)
        #expect(SmallRun.waitUntil { !run.checkpoints.isEmpty })
        disk.fill()
        try check(
            first.wait(), "disk that fills up during the run", command(output: "DIR/disk/out"), code: 1,
            message: [run.output, "no space is left on the disk", "free some space", "then start again"],
            after: "earlier checkpoints whole", run)
        try check(
            run.run(), "disk that is still full", command(output: "DIR/disk/out"), code: 1,
            message: [run.output, "MiB are free", "free some space"], after: "earlier checkpoints whole", run)
        disk.empty()
        try check(
            run.run(), "disk with room again", command(output: "DIR/disk/out"), code: 0, message: ["continuing run"],
            after: "completed, results as if undisturbed", run)
        #expect(try recoveredStep(run) >= 20)
        #expect(run.results == reference.results && run.results != nil)
    }

    // MARK: Training that cannot go well

    /// A table that lacks what the search asks for: each candidate fails with the reason, and the run with all of them.
    @Test func aTableWithoutEntries() throws {
        let run = try SmallRun()
        for (name, text) in [
            ("run.yaml", TableRun.run()), ("sizes.yaml", TableRun.space),
            ("data.csv", "name,top1,ms,valid\n2-scp,1,1,1\n"),
        ] {
            try run.write(text, to: name)
        }
        let further = ["--data", run.folder, "--set", "search.population=2", "--set", "search.evaluations=2"]
        try check(
            Program(run.arguments + further).wait(), "a table without the architectures asked for",
            command(further.map { $0 == run.folder ? "DIR" : $0 }), code: 7,
            message: [
                "warning: the table has 1 entries, and the space 192 architectures", "nothing feasible",
                "none of 2 candidates could be measured: missing entry (2)",
                "choose a table that has the architectures of the space",
            ], after: "run failed, nasd export has each candidate with its reason", run)
        let status = try #require(try run.status())
        #expect(status.run.state == .failed && status.run.failure?.contains("missing entry (2)") == true)
        let rows = try Program(["export", "table", "--directory", run.output]).wait().output.split(separator: "\r\n")
        #expect(rows.count == 3 && rows.dropFirst().allSatisfy { $0.contains("failed: missing entry") }, "\(rows)")
    }

    @Test func divergingRun() throws {
        let further = ["--set", "train.optimizer={name: sgd, rate: 1000, weightDecay: 1000}"]
        let run = try SmallRun()
        for attempt in 1...2 {
            try check(
                Program(run.arguments + further).wait(),
                attempt == 1 ? "diverging training" : "diverging training again",
                command(further), code: 7,
                message: [
                    "training diverged at step", "back to step 0 with 0.5 of the rate", "after 8 rollbacks",
                    "lower train.optimizer.rate",
                ], after: "run failed, rollbacks are events", run)
            let status = try #require(try run.status())
            #expect(status.run.state == .failed && status.run.failure?.contains("diverged") == true)
            let events = try run.events(of: status.run.id)
            #expect(events.filter { $0.content.type == .trainingRollback }.count == 8)
            #expect(events.last?.content.type == .runFailed)
            #expect(run.results == nil && run.checkpoints.isEmpty)
        }
    }

    // MARK: Helpers

    private func completedRun() throws -> SmallRun {
        let run = try SmallRun()
        #expect(try run.run().code == 0)
        return run
    }

    /// The directory is owned, and so locked, only in here.
    private func setNumerics(of run: SmallRun, _ text: String) throws {
        let store = try RunStore(DataDirectory(owning: run.output))
        try store.setNumerics(try #require(try store.runs(limit: 1).first).id, text, time: Timestamp(Date()))
        try store.close()
    }

    /// The room that the program itself asks for.
    private func neededMebibytes(_ run: SmallRun) throws -> Int {
        let disk = try TinyDisk(run.folder + "/small-disk", mebibytes: 1)
        let outcome = try Program(["run", run.folder + "/run.yaml", "--output", disk.path + "/out"]).wait()
        let number = try #require(outcome.error.firstMatch(of: /needs about ([0-9]+) MiB/)?.1)
        return try #require(Int(number))
    }

    /// The step that the last start went on from.
    private func recoveredStep(_ run: SmallRun) throws -> Int {
        let status = try #require(try run.status())
        let event = try #require(try run.events(of: status.run.id).last { $0.content.type == .runRecovered })
        let step = try #require(event.content.data.firstMatch(of: /"step":([0-9]+)/)?.1)
        return try #require(Int(step))
    }

    private func command(_ further: [String] = [], output: String = "DIR/out") -> String {
        let words = ["nasd", "run", "DIR/run.yaml", "--output", output] + further
        return words.map { $0.contains(" ") ? "'\($0)'" : $0 }.joined(separator: " ")
    }

    /// Checks how a command ended and adds it to the table.
    private func check(
        _ outcome: Program.Outcome, _ name: String, _ command: String, code: Int32, message: [String], after: String,
        _ run: SmallRun
    ) throws {
        #expect(outcome.code == code, "\(name): \(outcome.error)")
        for fragment in message { #expect(outcome.error.contains(fragment), "\(name): \(outcome.error)") }
        // Of a run that got going only what is wrong is shown, not its progress.
        let lines = outcome.error.split(separator: "\n").map(String.init)
        let shown =
            switch outcome.code {
            case 0: lines.filter { line in message.contains { line.contains($0) } }
            case 2: lines
            default: lines.filter { $0.contains("error: ") || $0.contains("note: ") }
            }
        try BadInputTable.add(
            .init(
                name: name, command: command, code: outcome.code,
                message: (shown.isEmpty ? lines : shown).suffix(4).joined(separator: "\n"), after: after),
            folder: run.folder)
    }
}
