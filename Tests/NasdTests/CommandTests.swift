import Foundation
import TestSupport
import Testing

/// The built program, run as a user would: output, message and exit code.
@Suite struct CommandTests {
    /// `nasd` of the same build as this test.
    private static let program: URL? = {
        let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let arguments = CommandLine.arguments + [link ?? ""]
        for path in arguments where path.contains("/release/") {
            var folder = URL(filePath: path)
            while folder.lastPathComponent != "release", folder.path != "/" { folder.deleteLastPathComponent() }
            let candidate = folder.appending(path: "nasd")
            if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
        }
        let usual = Repository.root.appending(path: ".build-test/release/nasd")
        return FileManager.default.isExecutableFile(atPath: usual.path) ? usual : nil
    }()

    private struct Outcome {
        let code: Int32
        let output: String
        let error: String
    }

    private func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Outcome {
        let process = Process()
        let program: URL = try #require(Self.program, "nasd is built beside the tests")
        process.executableURL = program
        process.arguments = arguments
        process.currentDirectoryURL = Repository.root
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let (output, error) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = error
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let message = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return Outcome(code: process.terminationStatus, output: text, error: message)
    }

    @Test func validateExplainsASpace() throws {
        let outcome = try run("validate", "SearchSpaces/vit-mnist.yaml")
        #expect(outcome.code == 0 && outcome.error.isEmpty)
        #expect(outcome.output.contains("14 decisions"))
        #expect(outcome.output.contains("heads: 2, 3, 4  (each of 6 blocks)"))
        // 9 block choices each, 3 widths: 3 (9^4 + 9^5 + 9^6)
        #expect(outcome.output.contains("architectures: 1791153"))
    }

    @Test func validateExplainsARun() throws {
        let outcome = try run("validate", "SearchSpaces/runs/mnist-vit.yaml")
        #expect(outcome.code == 0, "\(outcome.error)")
        #expect(outcome.output.contains("valid run file") && outcome.output.contains("space vit-mnist"))
    }

    @Test func faultsNameTheirPlace() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "faulty-\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        let text = try String(
            contentsOf: Repository.root.appending(path: "SearchSpaces/vit-mnist.yaml"), encoding: .utf8)
        try text.replacing("headWidth:", with: "headWidht:").write(to: file, atomically: true, encoding: .utf8)
        let outcome = try run("validate", file.path)
        #expect(outcome.code == 2 && outcome.output.isEmpty)
        #expect(outcome.error.contains("headWidht") && outcome.error.contains("did you mean"))
    }

    @Test func exitCodes() throws {
        #expect(try run("validate", "no-such-file.yaml").code == 3)
        #expect(try run("validate").code == 2)
        #expect(try run("no-such-verb").code == 2)
        #expect(try run("--help").code == 0)
        #expect(try run("--version").output.contains("0.1.0"))
    }

    @Test func doctorNamesTheKernelsAndTheUserWins() throws {
        let outcome = try run("doctor")
        #expect(outcome.code == 0 && outcome.output.contains("BLAS kernels"))
        let chosen = try run("doctor", environment: ["OPENBLAS_CORETYPE": "Nehalem"])
        #expect(chosen.output.contains("Nehalem, chosen by OPENBLAS_CORETYPE"))
    }
}
