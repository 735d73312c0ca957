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
