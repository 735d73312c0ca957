import Foundation
import Store
import TestSupport
import Testing

/// Runs whose supernet a worker trains, with real processes.
@Suite(.enabled(if: Shell.hasPython)) struct WorkerTrainingTests {
    /// The bytes that a training comes to, whatever happens on the way.
    private static let expected: String? = {
        guard let run = try? WorkerRun.training(slots: 1), let outcome = try? Program(run.arguments()).wait(),
            outcome.code == 0
        else { return nil }
        return run.csv
    }()

    @Test func aWorkerTrainsAndIsSearchedMeanwhile() throws {
        let run = try WorkerRun.training(slots: 3)
        let outcome = try Program(run.arguments()).wait()
        try #require(outcome.code == 0, "\(outcome.error)")
        #expect(run.csv == Self.expected && Self.expected?.isEmpty == false)
        // Every step once, in order; 10 candidates each at 20 and 40, and 30 in the end.
        #expect(run.lines("trained") == (0..<60).map(String.init) && run.lines("began").count == 1)
        #expect(
            Set(run.lines("passes")) == [
                "[[1, false, false, false], [1, false, false, false], [1, false, false, false], [1, false, false, false]]"
            ])
        #expect(run.lines("saved") == [10, 20, 30, 40, 50, 60].map(String.init))
        let rows = run.csv.split(whereSeparator: \.isNewline).dropFirst().map { $0.split(separator: ",") }
        let steps = Dictionary(grouping: rows) { row in row.dropFirst().first { ["20", "40", "60"].contains($0) } ?? ""
        }
        #expect(rows.count == 50 && steps["20"]?.count == 10 && steps["60"]?.count == 30)
        // A round is measured by all slots, on what was kept.
        #expect(run.lines("loaded").allSatisfy { $0.hasPrefix("step-0000000") })
        #expect(run.states == ["step-000000050", "step-000000060"])
        #expect(run.waitUntilGone())
        let verified = try Program(["verify", run.folder + "/out"]).wait()
        #expect(verified.code == 0, "\(verified.output)\(verified.error)")
        let events = try run.events().map(\.content)
        #expect(events.count { $0.type == .searchRound } == 3)
        #expect(!events.contains { $0.type == .runRecovered || $0.type == .trainingRollback })
    }

    /// What each fault comes to, as Documentation/workers.md says: nothing that changes a byte.
    @Test(arguments: ["dies", "hangs", "short", "save-once", "save-dies"]) func aFaultChangesNoByte(mode: String) throws
    {
        let run = try WorkerRun.training(mode, deadline: mode == "hangs" ? 4 : 60)
        let outcome = try Program(run.arguments()).wait()
        try #require(outcome.code == 0, "\(mode): \(outcome.error)")
        #expect(run.csv == Self.expected, "\(mode)")
        #expect(run.waitUntilGone())
        let recovered = try run.events().map(\.content).filter { $0.type == .runRecovered }
        let reason =
            switch mode {
            case "dies": "the worker that trains failed: worker ended with 3"
            case "hangs": "the worker that trains failed: deadline"
            case "short": "its answer to train has not one loss for each pass of a step"
            case "save-dies": "the worker that trains failed: worker ended by signal 9"
            default: ""
            }
        #expect(recovered.count >= (mode == "dies" ? 2 : mode == "save-once" ? 0 : 1), "\(recovered.map(\.data))")
        #expect(recovered.allSatisfy { $0.data.contains(reason) }, "\(recovered.map(\.data))")
        if mode == "save-once" { #expect(run.lines("saved").filter { $0 == "40" }.count == 2) }
    }

    /// A loss that is no number takes training back with half the rate, and ends it where that does not help.
    @Test func trainingThatDivergesGoesBack() throws {
        let run = try WorkerRun.training("nan")
        let outcome = try Program(run.arguments()).wait()
        #expect(outcome.code == 0, "\(outcome.error)")
        let events = try run.events().map(\.content).filter { $0.type == .trainingRollback }
        #expect(
            events.map(\.data).count == 2 && events.allSatisfy { $0.data.contains("\"step\":34,\"to\":30") },
            "\(events)")
        #expect(run.csv != Self.expected && run.csv.split(whereSeparator: \.isNewline).count == 51)
        let never = try WorkerRun.training("always-nan")
        let failed = try Program(never.arguments()).wait()
        #expect(
            failed.code == 7 && failed.error.contains("training diverged at step 34 after 8 rollbacks"),
            "\(failed.error)")
    }

    /// What does not come past a step ends the run with the reason; mended, it goes on to the same bytes.
    @Test(arguments: [
        ("mortal", "did not come past step 2", "worker ended with 3"),
        ("raises", "did not come past step 2", "worker: ValueError: no kernel"),
        ("save-never", "did not come past step 40", "worker: OSError: no space left"),
    ]) func whatNeverComesPastAStepFails(mode: String, step: String, reason: String) throws {
        let run = try WorkerRun.training(mode)
        let outcome = try Program(run.arguments()).wait()
        #expect(outcome.code == 7 && outcome.error.contains(step) && outcome.error.contains(reason), "\(outcome.error)")
        #expect(run.waitUntilGone())
        let text = run.text("run.yaml").replacing("MODE: \"\(mode)\"", with: "MODE: \"\"")
        try Files.write(Array(text.utf8), run.folder + "/run.yaml")
        let again = try Program(run.arguments()).wait()
        #expect(again.code == 0 && run.csv == Self.expected, "\(again.error)")
    }

    /// A kept state that is not as it was is passed over, as a torn checkpoint is.
    @Test(arguments: [false, true]) func aDamagedStateIsPassedOver(isGone: Bool) throws {
        let run = try WorkerRun.training("slow")
        let program = try Program(run.arguments())
        #expect(SmallRun.waitUntil { run.lines("trained").count > 45 })
        program.send(SIGKILL)
        _ = program.wait()
        let folder = "\(run.folder)/\(run.runFolder)/checkpoints"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".safetensors") }
        let newest = try #require(names.max())
        let path = "\(folder)/worker/\(newest.dropLast(".safetensors".count))"
        if isGone {
            try FileManager.default.removeItem(atPath: path)
        } else {
            var bytes = Array(try Data(contentsOf: URL(filePath: path)))
            bytes[bytes.count / 2] ^= 1
            try Files.write(bytes, path)
        }
        let outcome = try Program(run.arguments()).wait()
        #expect(outcome.code == 0 && run.csv == Self.expected, "\(outcome.error)")
        #expect(run.log.contains(isGone ? "it is not there" : "its bytes are not those that the worker had saved"))
    }

    /// A sampler that learns has losses measured before and after steps.
    @Test func shiftLearnsFromProbes() throws {
        let run = try WorkerRun.training(sampler: WorkerRun.shift, hasCosts: true)
        let outcome = try Program(run.arguments()).wait()
        try #require(outcome.code == 0, "\(outcome.error)")
        let probed = run.lines("probed")
        #expect(
            Set(probed.compactMap { $0.split(separator: " ").first.flatMap { Int($0) } })
                == Set(stride(from: 8, through: 60, by: 4)))
        #expect(probed.allSatisfy { $0.split(separator: " ")[2] == "32" })
        let reader = try RunReader(DataDirectory(reading: run.folder + "/out"))
        let stored = try #require(try reader.runs(limit: 1).first)
        let learned = try reader.allSamplerStatistics(stored.id).filter { $0.name == "probability" }
        #expect(learned.count >= 4 && learned.contains { abs($0.value - 0.25) > 0.001 }, "\(learned)")
        for mode in ["slow", "probe-dies"] {
            let other = try WorkerRun.training(mode, sampler: WorkerRun.shift, hasCosts: true)
            if mode == "slow" {
                let program = try Program(other.arguments())
                #expect(SmallRun.waitUntil { other.lines("trained").count > 30 })
                program.send(SIGKILL)
                _ = program.wait()
            }
            #expect(try Program(other.arguments()).wait().code == 0)
            #expect(other.csv == run.csv, "\(mode)")
        }
    }

    /// Bins of what the worker measures beforehand, once for each architecture: the same bytes for any number of slots and after kills.
    @Test func shiftGoesByWhatAWorkerMeasures() throws {
        let run = try WorkerRun.training(sampler: WorkerRun.measuredShift)
        let outcome = try Program(run.arguments()).wait()
        try #require(outcome.code == 0, "\(outcome.error)")
        #expect(run.lines("costed").count == 40 && Set(run.lines("costed")).count == 40)
        let reader = try RunReader(DataDirectory(reading: run.folder + "/out"))
        let stored = try #require(try reader.runs(limit: 1).first)
        let figures = try reader.allSamplerStatistics(stored.id)
        // The least is 1 * 2, the greatest 8 * 6.
        let targets = figures.binTargets
        #expect(targets.count == 4 && targets == targets.sorted() && (2...14).contains(targets[0]), "\(targets)")
        // Predictions may go beyond.
        #expect((25...70).contains(targets[3]), "\(targets)")
        let draws = Dictionary(grouping: figures.filter { $0.name == "draws" }, by: \.bin).mapValues {
            $0.map(\.value).reduce(0, +)
        }
        #expect(draws.values.allSatisfy { $0 > 3 } && draws.values.reduce(0, +) == 60, "\(draws)")
        #expect(figures.contains { $0.name == "probability" && abs($0.value - 0.25) > 0.001 })
        let shown = try Program([
            "plot", "worker", "--directory", run.folder + "/out", "--output", run.folder + "/plots.html",
        ]).wait()
        #expect(shown.code == 0, "\(shown.error)")
        for (mode, slots) in [("", 1), ("slow", 2), ("cost-dies", 2)] {
            let other = try WorkerRun.training(mode, sampler: WorkerRun.measuredShift, slots: slots)
            if mode == "slow" {
                for moment in [("costed", 10), ("costed", 25), ("trained", 30)] {
                    let program = try Program(other.arguments())
                    #expect(SmallRun.waitUntil { other.lines(moment.0).count > moment.1 })
                    program.send(SIGKILL)
                    _ = program.wait()
                }
                // Only what was on its way is asked again.
                #expect(other.lines("costed").count <= 40 + 2 * 4)
            }
            let outcome = try Program(other.arguments()).wait()
            #expect(outcome.code == 0 && other.csv == run.csv, "\(mode): \(outcome.error)")
            #expect(Set(other.lines("costed")) == Set(run.lines("costed")))
        }
        let none = try WorkerRun.training("costless", sampler: WorkerRun.measuredShift)
        let failed = try Program(none.arguments()).wait()
        #expect(
            failed.code == 7
                && failed.error.contains(
                    "the worker told energy of 0 of 40 architectures at the stage cost, and 10 are needed")
                && failed.error.contains("worker: ValueError: no meter"), "\(failed.error)")
        // Nothing of that is kept: mended, the worker is asked again.
        let text = none.text("run.yaml").replacing("MODE: \"costless\"", with: "MODE: \"\"")
        try Files.write(Array(text.utf8), none.folder + "/run.yaml")
        let mended = try Program(none.arguments()).wait()
        #expect(mended.code == 0 && none.csv == run.csv, "\(mended.error)")
        let huge = try WorkerRun.training("cost-huge", sampler: WorkerRun.measuredShift)
        let outlandish = try Program(huge.arguments()).wait()
        #expect(
            outlandish.code == 7
                && outlandish.error.contains("1.7976931348623157e+308, which is not from 1e-30 to 1e+30"),
            "\(outlandish.error)")
    }

    /// A subnet for each part of the batch, under a teacher that runs forward.
    @Test func shardsHaveSubnetsOfTheirOwn() throws {
        let run = try WorkerRun.training(
            sampler: "{kind: multi}", more: ", shards: 4, distillation: {start: 0.5, weight: 0.4}")
        let outcome = try Program(run.arguments()).wait()
        #expect(outcome.code == 0, "\(outcome.error)")
        let passes = run.lines("passes")
        #expect(passes.count == 60 && passes[0] == "[[4, false, false, false]]")
        #expect(passes[59] == "[[1, true, false, true], [4, false, true, false]]")
    }

    /// A stop keeps what was trained, and the next start goes on from there.
    @Test func aStopIsWithACheckpoint() throws {
        let run = try WorkerRun.training("slow")
        let program = try Program(run.arguments())
        #expect(SmallRun.waitUntil { run.lines("trained").count > 12 })
        program.send(SIGTERM)
        #expect(program.wait().code == 143)
        #expect(run.waitUntilGone())
        #expect(try Program(run.arguments()).wait().code == 0)
        #expect(run.csv == Self.expected && run.lines("trained") == (0..<60).map(String.init))
    }

    /// A run that is over goes on with more steps, from what was kept at its end.
    @Test func aCompletedTrainingIsExtended() throws {
        let run = try WorkerRun.training()
        #expect(try Program(run.arguments()).wait().code == 0)
        let outcome = try Program(run.arguments() + ["--set", "train.steps=80"]).wait()
        #expect(outcome.code == 0, "\(outcome.error)")
        #expect(run.lines("trained") == (0..<80).map(String.init) && run.lines("began").count == 1)
        #expect(run.states.last == "step-000000080")
    }

    /// Figures of steps that somebody who rounds as he likes does again replace the earlier ones.
    @Test func replayedFiguresReplaceEarlierOnes() throws {
        let run = try WorkerRun.training("random")
        let program = try Program(run.arguments())
        #expect(SmallRun.waitUntil { run.lines("trained").count > 5 })
        for _ in 0..<3 {
            if let worker = run.processes.first(where: { $0 != program.identifier }) { kill(worker, SIGKILL) }
            usleep(100_000)
        }
        let outcome = program.wait()
        #expect(outcome.code == 0 || outcome.code == 7, "\(outcome.error)")
        #expect(try Program(run.arguments()).wait().code == 0)
        let reader = try RunReader(DataDirectory(reading: run.folder + "/out"))
        let stored = try #require(try reader.runs(limit: 1).first)
        #expect(try reader.trainingRecords(stored.id, afterStep: 0, limit: 100).map(\.step) == Array(1...60))
    }

    /// Killed at random moments, the daemon, a worker or both: nothing is lost, nothing counted twice.
    @Test func killsAtRandomMoments() throws {
        let kills = ProcessInfo.processInfo.environment["NASD_KILLS"].flatMap { Int($0) } ?? 6
        var generator = SeededGenerator(17), done = 0
        while done < kills {
            let run = try WorkerRun.training("slow", slots: 2)
            for _ in 0..<min(6, kills - done) {
                let program = try Program(run.arguments())
                usleep(UInt32.random(in: 150_000...900_000, using: &generator))
                let targets = Int.random(in: 0..<3, using: &generator)
                if targets != 0, let worker = run.processes.randomElement(using: &generator) { kill(worker, SIGKILL) }
                if targets == 1 { usleep(UInt32.random(in: 50_000...400_000, using: &generator)) }
                program.send(SIGKILL)
                _ = program.wait()
                done += 1
                #expect(run.waitUntilGone())
            }
            let outcome = try Program(run.arguments()).wait()
            #expect(outcome.code == 0 && run.csv == Self.expected, "\(outcome.error)")
            #expect(Set(run.lines("trained")) == Set((0..<60).map(String.init)))
            // Candidates are asked once for each weights; what was on its way is asked again.
            #expect(Set(run.lines("asked")).count == 50)
        }
    }

    /// Before anything starts, what cannot be is said with its key.
    @Test func whatAWorkerCannotIsRefused() throws {
        for (sampler, told) in [
            ("{kind: shift}", "has no cost multiplyAdds"),
            ("{kind: shrinking, sort: false}", "not known to be kernels"),
        ] {
            let run = try WorkerRun.training(sampler: sampler.replacing("shift}", with: "shift, generator: table}"))
            let outcome = try Program(["validate", run.folder + "/run.yaml"]).wait()
            #expect(outcome.code == 2 && outcome.error.contains(told), "\(outcome.error)")
        }
    }
}
