import Foundation
import Store
import TestSupport
import Testing

/// Runs that programs of the user's own measure, with real processes.
@Suite struct WorkerCommandTests {
    /// The bytes that any number of slots come to, whatever happens on the way.
    private static let expected: String? = {
        guard Shell.hasPython, let run = try? WorkerRun(), let outcome = try? Program(run.arguments()).wait(),
            outcome.code == 0
        else { return nil }
        return run.csv
    }()

    @Test(.enabled(if: Shell.hasPython)) func aRunEndsWithItsFront() throws {
        let run = try WorkerRun(slots: 3)
        let outcome = try Program(run.arguments()).wait()
        #expect(outcome.code == 0, "\(outcome.error)")
        #expect(outcome.output.contains("front of run"))
        let rows = run.csv.split(whereSeparator: \.isNewline)
        #expect(rows.count == 61 && rows[0].hasSuffix(",testAccuracy,energy"), "\(rows.first ?? "")")
        #expect(run.csv == Self.expected)
        // Finalists are asked at two stages more.
        #expect(run.lines("asked").count == 60 + 2 * 3 && Set(run.lines("asked")).count == 60)
        #expect(run.waitUntilGone())
        let again = try Program(run.arguments()).wait()
        #expect(again.code == 0 && again.error.contains("is completed") && run.lines("asked").count == 66)
    }

    /// With pending candidates no slot waits for the end of a generation, and what is asked stays a function of the answers: the same
    /// bytes for any number of slots, with faults, and after kills.
    @Test(.enabled(if: Shell.hasPython), arguments: ["nsga2", "linas"])
    func pendingCandidatesChangeNoByte(algorithm: String) throws {
        func run(_ mode: String, slots: Int) throws -> WorkerRun {
            try WorkerRun(mode, slots: slots, algorithm: algorithm + "\n  pending: 8")
        }
        let one = try run("", slots: 1)
        #expect(try Program(one.arguments()).wait().code == 0)
        #expect(one.csv.split(whereSeparator: \.isNewline).count == 61)
        #expect(Set(one.lines("asked")).count == 60 && one.lines("asked").count == 66)
        for (mode, slots) in [("slow", 4), ("dies", 3), ("killed", 4)] {
            let other = try run(mode, slots: slots)
            let outcome = try Program(other.arguments()).wait()
            #expect(outcome.code == 0, "\(outcome.error)")
            #expect(other.csv == one.csv, "\(mode)")
        }
        let victim = try run("slow", slots: 4)
        var random = SeededGenerator(11), code: Int32 = 1
        for _ in 0..<20 where code != 0 {
            let program = try Program(victim.arguments())
            usleep(UInt32.random(in: 100_000...900_000, using: &random))
            program.send(SIGKILL)
            code = program.wait().code
        }
        #expect(try Program(victim.arguments()).wait().code == 0)
        #expect(victim.csv == one.csv)
        #expect(victim.waitUntilGone())
    }

    /// What each fault comes to, as Documentation/workers.md says.
    @Test(
        .enabled(if: Shell.hasPython),
        arguments: ["dies", "killed", "garbage", "long", "unknown", "twice", "floods", "hangs", "late"])
    func aFaultChangesNoByte(mode: String) throws {
        let run = try WorkerRun(mode, deadline: ["hangs", "late"].contains(mode) ? 1.5 : 60)
        let outcome = try Program(run.arguments()).wait()
        #expect(outcome.code == 0, "\(mode): \(outcome.error)")
        #expect(run.csv == Self.expected, "\(mode)")
        #expect(run.waitUntilGone(), "\(mode)")
        let log = try #require(
            try FileManager.default.subpathsOfDirectory(atPath: run.folder + "/out").first { $0.hasSuffix("log.jsonl") }
        )
        let text = run.text("out/" + log)
        switch mode {
        case "dies": #expect(text.contains("worker ended with 3"))
        case "killed": #expect(text.contains("worker ended by signal 9"))
        case "garbage": #expect(text.contains("not a message: this is no message"))
        case "long": #expect(text.contains("line too long"))
        case "unknown": #expect(text.contains("an answer with the id 987654321, which nobody asked, is passed over"))
        case "twice": #expect(text.contains("which was answered or cancelled, is passed over"))
        case "hangs", "late": #expect(text.contains("worker failed: deadline"))
        case "floods":
            let folder = run.folder + "/out/" + log.replacing("log.jsonl", with: "workers")
            for file in try FileManager.default.contentsOfDirectory(atPath: folder) where file.contains(".log") {
                let size = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(file)")[.size] as? Int ?? 0
                #expect(size > 0 && size <= 600 << 10, "\(file): \(size)")
            }
        default: break
        }
    }

    /// Answers that are none are failures of the candidate, which are final.
    @Test(
        .enabled(if: Shell.hasPython),
        arguments: [
            ("nan", "failed: nonfinite"), ("missing", "failed: missing accuracy"),
            ("words", "failed: no number: accuracy"),
            ("raises", "failed: worker: ValueError: no kernel for"),
        ])
    func anAnswerThatIsNone(mode: String, state: String) throws {
        let run = try WorkerRun(mode)
        let outcome = try Program(run.arguments()).wait()
        #expect(outcome.code == 0, "\(outcome.error)")
        let rows = run.csv.split(whereSeparator: \.isNewline)
        let failed = rows.filter { $0.contains(state) }
        #expect(rows.count == 61 && !failed.isEmpty && failed.allSatisfy { $0.contains("depth=3;") }, "\(run.csv)")
        #expect(rows.allSatisfy { !$0.contains("depth=3;") || $0.contains(state) } && !run.csv.contains("\u{1B}"))
    }

    /// Without generations no slot waits for another, and neither the number of slots nor a kill changes a byte.
    @Test(.enabled(if: Shell.hasPython)) func slotsNeedNotWaitForGenerations() throws {
        func steady(_ slots: Int) throws -> WorkerRun {
            let run = try WorkerRun("slow", slots: slots)
            let text = run.text("run.yaml").replacing("population: 10", with: "population: 10\n  pending: 6")
            try Files.write(Array(text.utf8), run.folder + "/run.yaml")
            return run
        }
        let one = try steady(1), three = try steady(3)
        let outcome = try Program(one.arguments()).wait()
        #expect(outcome.code == 0, "\(outcome.error)")
        let program = try Program(three.arguments())
        #expect(SmallRun.waitUntil { three.lines("asked").count > 20 })
        program.send(SIGKILL)
        _ = program.wait()
        #expect(try Program(three.arguments()).wait().code == 0)
        #expect(one.csv == three.csv && one.csv.split(whereSeparator: \.isNewline).count == 61)
        #expect(Set(three.lines("asked")).count == 60 && three.lines("asked").count <= 66 + 3 + 6)
    }

    /// A run whose slots all fail ends as failed, with events, and goes on when it is mended.
    @Test(.enabled(if: Shell.hasPython)) func aRunWithoutAnySlotFails() throws {
        let run = try WorkerRun("never", deadline: 2)
        let outcome = try Program(run.arguments()).wait()
        #expect(
            outcome.code == 7 && outcome.error.contains("no slot of the command 'python' works: worker ended with 4"))
        let events = try run.events()
        let degraded = events.filter { $0.content.type == .evaluatorDegraded }
        #expect(
            degraded.count == 2
                && degraded.allSatisfy { $0.content.data.contains("\"reason\":\"worker ended with 4\"") })
        #expect(events.last?.content.type == .runFailed && run.waitUntilGone())
        let file = run.folder + "/run.yaml"
        try Files.write(Array(run.text("run.yaml").replacing("MODE: \"never\"", with: "MODE: \"\"").utf8), file)
        let again = try Program(run.arguments()).wait()
        #expect(again.code == 0 && run.csv == Self.expected, "\(again.error)")
    }

    /// A program that there is not is told at once, and does not wait for a deadline.
    @Test func aProgramThatIsMissing() throws {
        let run = try WorkerRun(deadline: 3000)
        let text = run.text("run.yaml").replacing("argv: [\(Shell.python), ", with: "argv: [no-such-program, ")
        try Files.write(Array(text.utf8), run.folder + "/run.yaml")
        let outcome = try Program(run.arguments()).wait()
        #expect(outcome.code == 7 && outcome.error.contains("program: No such file or directory"), "\(outcome.error)")
    }

    /// A worker gets what its command gives, and nothing of the daemon.
    @Test(.enabled(if: Shell.hasPython)) func aWorkerGetsNothingOfItsDaemon() throws {
        let run = try WorkerRun("environment")
        let outcome = try Program(
            run.arguments(), environment: ["NASD_SECRET": "s", "NAS_CTL_TOKEN_FILE": "t", "PYTHONSTARTUP": "p"]
        ).wait()
        #expect(outcome.code == 0, "\(outcome.error)")
        let found = run.lines("environment")
        #expect(found.contains("OWN=a") && found.contains("OWN=b") && found.contains("NASD_SLOT=1"))
        #expect(!found.contains { $0.hasPrefix("NASD_SECRET") || $0.hasPrefix("NAS_CTL") || $0.hasPrefix("PYTHON") })
        // The three streams, and the folder that is being listed.
        #expect(run.lines("descriptors").allSatisfy { $0 == "0 1 2 3" }, "\(run.text("descriptors"))")
    }

    /// Whatever ends the run, nothing of a slot is left: grandchildren and sessions of their own too.
    @Test(.enabled(if: Shell.hasPython), arguments: [SIGKILL, SIGTERM]) func nothingOutlivesTheRun(signal: Int32) throws
    {
        let run = try WorkerRun("children", evaluations: 20_000, algorithm: "random")
        let program = try Program(run.arguments())
        #expect(SmallRun.waitUntil { run.lines("children").count == 6 && run.lines("asked").count > 40 })
        let children = run.lines("children").compactMap(Int32.init)
        #expect(children.allSatisfy { kill($0, 0) == 0 })
        program.send(signal)
        _ = program.wait()
        #expect(run.waitUntilGone())
        // Whoever held them may still be about to take note of their end.
        #expect(SmallRun.waitUntil { children.allSatisfy { kill($0, 0) != 0 } })
    }

    /// Where the supervisors are killed with the run, all that came of the workers goes with them; what was not traced is ended by the
    /// next start, and only that.
    @Test(.enabled(if: Shell.hasPython), arguments: [true, false])
    func nothingOutlivesRunAndSupervisors(isTraced: Bool) throws {
        let run = try WorkerRun("children", evaluations: 60)
        if !isTraced {
            let file = run.text("run.yaml").replacing("slots: 2", with: "slots: 2\n    trace: false")
            try Files.write(Array(file.utf8), run.folder + "/run.yaml")
        }
        let text = run.text("worker.py").replacing("note(\"asked\", request.key)", with: "time.sleep(0.2)")
        try Files.write(Array(text.utf8), run.folder + "/worker.py")
        let program = try Program(run.arguments())
        #expect(SmallRun.waitUntil { run.lines("children").count == 6 })
        let workers = run.lines("children").compactMap(Int32.init)
        let supervisors = Set(workers.compactMap(Self.parent)).filter { Self.parent($0) == program.identifier }
        #expect(supervisors.count == 2)
        kill(program.identifier, SIGSTOP)
        for pid in supervisors { kill(pid, SIGKILL) }
        program.send(SIGKILL)
        _ = program.wait()
        if isTraced {
            #expect(run.waitUntilGone())
        } else {
            // The workers themselves go with whoever holds them; what they started stays.
            usleep(200_000)
            #expect(run.processes.count == 4)
        }
        try Files.write(
            Array(run.text("worker.py").replacing("time.sleep(0.2)", with: "pass").utf8), run.folder + "/worker.py")
        let outcome = try Program(run.arguments()).wait()
        #expect(outcome.code == 0 && run.csv == Self.expected, "\(outcome.error)")
        #expect(run.waitUntilGone())
    }

    private static func parent(_ pid: Int32) -> Int32? {
        let text = String(decoding: FileManager.default.contents(atPath: "/proc/\(pid)/stat") ?? Data(), as: UTF8.self)
        return text.split(separator: ")").last.flatMap { $0.split(separator: " ").dropFirst().first }.flatMap {
            Int32($0)
        }
    }

    /// Killed at random moments, the daemon, a worker or both: nothing is lost, nothing counted twice.
    @Test(.enabled(if: Shell.hasPython)) func killsAtRandomMoments() throws {
        let kills = ProcessInfo.processInfo.environment["NASD_KILLS"].flatMap { Int($0) } ?? 6
        let expected = try {
            let run = try WorkerRun("slow", evaluations: 120)
            #expect(try Program(run.arguments()).wait().code == 0)
            return run.csv
        }()
        var generator = SeededGenerator(9)
        var done = 0
        while done < kills {
            let run = try WorkerRun("slow", evaluations: 120)
            for _ in 0..<min(10, kills - done) {
                let program = try Program(run.arguments())
                usleep(UInt32.random(in: 100_000...700_000, using: &generator))
                let targets = Int.random(in: 0..<3, using: &generator)
                if targets != 0, let worker = run.processes.randomElement(using: &generator) { kill(worker, SIGKILL) }
                if targets != 1 { program.send(SIGKILL) }
                if targets == 1 { usleep(100_000); program.send(SIGKILL) }
                _ = program.wait()
                done += 1
                #expect(run.waitUntilGone())
            }
            let outcome = try Program(run.arguments()).wait()
            #expect(outcome.code == 0 && run.csv == expected, "\(outcome.error)")
            // Only what was on its way at a kill is asked again.
            #expect(Set(run.lines("asked")).count == 120 && run.lines("asked").count < 126 + 10 * 12)
        }
    }
}
