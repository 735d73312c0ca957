import Foundation
import TestSupport
import Testing

/// The built program, run as a user would: output, message and exit code.
@Suite struct CommandTests {
    @Test func validateExplainsASpace() throws {
        let outcome = try Program.run("validate", "SearchSpaces/vit-mnist.yaml")
        #expect(outcome.code == 0 && outcome.error.isEmpty)
        #expect(outcome.output.contains("14 decisions"))
        #expect(outcome.output.contains("heads: 2, 3, 4  (each of 6 blocks)"))
        // 9 block choices each, 3 widths: 3 (9^4 + 9^5 + 9^6)
        #expect(outcome.output.contains("architectures: 1791153"))
    }

    @Test func validateExplainsARun() throws {
        let outcome = try Program.run("validate", "SearchSpaces/runs/mnist-vit.yaml")
        #expect(outcome.code == 0, "\(outcome.error)")
        #expect(outcome.output.contains("valid run file") && outcome.output.contains("space vit-mnist"))
    }

    @Test func faultsNameTheirPlace() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "faulty-\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        let text = try String(
            contentsOf: Repository.root.appending(path: "SearchSpaces/vit-mnist.yaml"), encoding: .utf8)
        try text.replacing("headWidth:", with: "headWidht:").write(to: file, atomically: true, encoding: .utf8)
        let outcome = try Program.run("validate", file.path)
        #expect(outcome.code == 2 && outcome.output.isEmpty)
        #expect(outcome.error.contains("headWidht") && outcome.error.contains("did you mean"))
    }

    @Test func validateReplacesKeys() throws {
        let file = "SearchSpaces/runs/mnist-vit.yaml"
        let outcome = try Program.run("validate", file, "--set", "seed=77", "--set", "name=other")
        #expect(outcome.code == 0 && outcome.output.contains("seed: 77") && outcome.output.contains("other"))
        for (override, message) in [
            ("train.steps=none", "--set train.steps: expected a whole number"), ("train", "expected --set key=value"),
        ] {
            let refused = try Program.run("validate", file, "--set", override)
            #expect(refused.code == 2 && refused.error.contains(message), "\(refused.error)")
        }
        for program in ["nasd", "nas-ctl"] {
            let space = try Program(
                ["validate", Repository.root.path + "/SearchSpaces/vit-mnist.yaml", "--set", "seed=1"], named: program
            ).wait()
            #expect(space.code == 2 && space.error.contains("is a space file"), "\(space.error)")
        }
    }

    /// What a run would refuse for its space is said before it is run.
    @Test func validateHoldsARunAgainstItsSpace() throws {
        let run = try SmallRun()
        #expect(try Program.run("validate", run.folder + "/run.yaml").code == 0)
        try run.replace("width: 28", with: "width: 35", in: "small.yaml")
        let outcome = try Program.run("validate", run.folder + "/run.yaml")
        #expect(outcome.code == 2 && outcome.output.isEmpty)
        #expect(outcome.error.contains("data.format: the space expects images of 28 x 35 x 1"))
    }

    /// Data that load and cannot be meant are remarked on, kept with the run, and trained on as they are.
    @Test func warningsOfARun() throws {
        let run = try SmallRun(search: SmallRun.search, finalists: 1)
        try run.replace("validation: 100", with: "validation: 395", in: "run.yaml")
        let outcome = try run.run()
        #expect(outcome.code == 0)
        #expect(outcome.error.contains("\nwarning: data.holdOut leaves 5 of 400 examples to train 10 classes with"))
        let manifests = SmallRun.snapshot(run.output).filter { $0.key.hasSuffix("manifest.json") }.map(\.value)
        #expect(
            manifests.count == 1 && String(decoding: manifests[0], as: UTF8.self).contains("leaves 5 of 400 examples"))
        let sound = try SmallRun().run()
        #expect(sound.code == 0 && !sound.error.contains("warning:"))
    }

    @Test func exitCodes() throws {
        #expect(try Program.run("validate", "no-such-file.yaml").code == 3)
        #expect(try Program.run("validate").code == 2)
        #expect(try Program.run("no-such-verb").code == 2)
        #expect(try Program.run("--help").code == 0)
        #expect(try Program.run("--version").output.contains("0.1.0"))
    }

    @Test func doctorNamesTheKernelsAndTheUserWins() throws {
        let outcome = try Program.run("doctor")
        #expect(outcome.code == 0 && outcome.output.contains("BLAS kernels"))
        let chosen = try Program.run("doctor", environment: ["OPENBLAS_CORETYPE": "Nehalem"])
        #expect(chosen.output.contains("Nehalem, chosen by OPENBLAS_CORETYPE"))
    }
}
