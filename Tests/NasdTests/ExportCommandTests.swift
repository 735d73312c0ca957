import Foundation
import TestSupport
import Testing

/// Networks that leave in other formats, from the command.
@Suite struct ExportCommandTests {
    @Test func extractWritesOtherFormats() throws {
        let run = try SmallRun()
        try #require(try run.run().code == 0)
        func extract(_ arguments: String...) throws -> Program.Outcome {
            try Program(["extract", run.folder + "/run.yaml", "--directory", run.output] + arguments).wait()
        }
        let file = run.folder + "/network.onnx"
        let onnx = try extract("--format", "onnx", "--normalize", "--genome", "smallest", "--output", file)
        #expect(onnx.code == 0 && onnx.output.contains("onnx          opset 17, IR 8"), "\(onnx.output)\(onnx.error)")
        #expect(onnx.output.contains("difference    "))
        let bytes = try #require(FileManager.default.contents(atPath: file))
        #expect(onnx.output.contains("\(bytes.count) bytes") && bytes.range(of: Data("Softmax".utf8)) != nil)
        // Without a file it is told what there would be.
        let told = try extract("--format", "onnx")
        #expect(told.code == 0 && told.output.contains("IR 8"))
        // On standard output there is the file alone.
        let piped = try extract("--genome", "smallest", "--format", "onnx", "--normalize", "--output", "-")
        #expect(piped.code == 0 && piped.error.contains("genome") && !piped.output.contains("multiplyAdds  "))
        let refusals = [
            ["--format", "onnx", "--keep-norms"], ["--normalize"], ["--format", "tar"], ["--weights", "int8"],
            ["--format", "c", "--weights", "int4"], ["--format", "c"],
        ]
        for refused in refusals {
            let outcome = try Program(
                ["extract", run.folder + "/run.yaml", "--directory", run.output] + refused + ["--output", file + "2"]
            ).wait()
            #expect(outcome.code == 2, "\(refused)")
        }
        #expect(!FileManager.default.fileExists(atPath: file + "2"))
        // What the network answers, as an array.
        let network = run.folder + "/network.safetensors", array = run.folder + "/outputs.npy"
        #expect(try extract("--output", network).code == 0)
        let answered = try Program(["evaluate", network, "--outputs", array, "--examples", "40"]).wait()
        #expect(answered.code == 0 && answered.output.hasPrefix("40 examples, "), "\(answered.error)")
        let outputs = try #require(FileManager.default.contents(atPath: array))
        #expect(outputs.count == 128 + 40 * 10 * 4 && outputs.range(of: Data("'shape': (40, 10)".utf8)) != nil)
        #expect(try Program(["evaluate", network, "--examples", "4"]).wait().code == 2)
        // A file of C and its header, and what it takes, beforehand too.
        let source = run.folder + "/small_net.c"
        let sizes = try extract("--format", "c", "--weights", "int8")
        let written = try extract("--format", "c", "--weights", "int8", "--output", source)
        #expect(written.code == 0 && written.output == sizes.output, "\(written.error)")
        let bytes8 = try #require(sizes.output.firstMatch(of: /arenaBytes +(\d+)/)).1
        #expect(sizes.output.contains("activationBytes  ") && sizes.output.contains("validationAccuracy with int8  0."))
        let header = try String(contentsOfFile: run.folder + "/small_net.h", encoding: .utf8)
        #expect(header.contains("#define SMALL_NET_ARENA_BYTES \(bytes8)\n"))
        #expect(try String(contentsOfFile: source, encoding: .utf8).contains("void small_net_run("))
        let deployed = try Program(
            [
                "deploy", run.folder + "/run.yaml", "--directory", run.output, "--budget", "multiplyAdds=0.4M",
                "--format", "onnx", "--output", file,
            ]
        ).wait()
        #expect(deployed.code == 0 && deployed.output.contains("network       \(file)"), "\(deployed.error)")
    }
}
