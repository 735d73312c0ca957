import Foundation
import TestSupport
import Testing

@testable import Datasets

/// The part of `Deploy/examples/load_in_pytorch.py` that reads data, which needs NumPy and no PyTorch.
@Suite(.enabled(if: Python.hasNumPy, "python3 with numpy is not here")) struct LoaderScriptTests {
    private static let script = Repository.root.appending(path: "Deploy/examples/load_in_pytorch.py").path

    /// Loads the script as a module, and has a refusal of it as a text.
    private static let prelude = """
        import importlib.util, sys, numpy as np
        spec = importlib.util.spec_from_file_location("loader", "\(script)")
        loader = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(loader)
        def refusal(function, *arguments):
            try:
                function(*arguments)
            except ValueError as error:
                return str(error)

        """

    private func expect(_ code: String, _ arguments: [String] = [], says text: String = "") throws {
        let outcome = try Python.run(Self.prelude + code, arguments)
        #expect(outcome.code == 0 && outcome.output == text, "\(outcome.output)")
    }

    /// The same bytes as nasd draws, by the digest that is pinned here.
    @Test func glyphs() throws {
        try expect(
            """
            images, labels = loader.draw_glyphs(100, part=0)
            pixels = np.rint(images * np.float32(255)).astype(np.uint8)
            header = np.array([100, 28, 28, 1, 10], "<i8")
            digest = 0xCBF29CE484222325
            for byte in header.tobytes() + pixels.tobytes() + labels.astype("<i4").tobytes():
                digest = (digest ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
            print(digest, end="")
            """, says: "\(GlyphTests.pinned)")
    }

    /// Files of the user's are read by what they are, whatever the run's own data were.
    @Test func filesInPlaceOfTheRuns() throws {
        try withDirectory { folder in
            try Files.write(Files.gzip(Files.idxImages()), folder + "/x.gz")
            try Files.write(Files.idxLabels(), folder + "/y")
            try Files.write(
                Files.npy("<f4", "(4, 1, 1)", Files.little([1, 2, 3, 4].map { Float($0).bitPattern })),
                folder + "/x.npy")
            try Files.write(Files.npy("|u1", "(4, 3)", [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0]), folder + "/y.npy")
            try Files.write(Files.cifar([3]), folder + "/records")
            try expect(
                """
                for run in [{"format": "glyphs", "testCount": 3}, {"format": "cifar10", "test": {"files": ["none"]}}]:
                    def read(*arguments):
                        return loader.test_data(run, loader.parse(["m", "--data", sys.argv[1], *arguments])[1])
                    images, labels = read("--images", "x", "--labels", "y")
                    assert images.shape == (4, 2, 3) and images[0, 0, 1] == np.float32(1 / 255)
                    assert labels.tolist() == [0, 1, 2, 1]
                    images, labels = read("--images", "x.npy", "--labels", "y.npy")
                    assert images.reshape(-1).tolist() == [1, 2, 3, 4] and labels.tolist() == [0, 1, 2, 1]
                    assert read("--files", "records")[1].tolist() == [3]
                    for images, format in [("x", "npy"), ("x.npy", "idx")]:
                        said = refusal(read, "--images", images, "--labels", "y", "--format", format)
                        assert f"expected {format}" in said, said
                    assert "neither idx nor npy" in refusal(read, "--images", "records", "--labels", "y")
                """, [folder])
        }
    }

    @Test(arguments: [
        ["--format", "idx"], ["--images", "x", "--labels", "y", "--format", "cifar10"], ["--images", "x"],
        ["--files", "x", "--format", "npy"], ["--images", "x", "--labels", "y", "--files", "z"],
    ])
    func optionsThatDoNotGoTogether(options: [String]) throws {
        let outcome = try Python.run(Self.prelude + "loader.parse([\"m\", *sys.argv[1:]])", options)
        #expect(outcome.code == 2 && outcome.output.contains("error: --"), "\(outcome.output)")
    }

    @Test func labels() throws {
        try expect(
            """
            for array in [[1, 0], [[1], [0]], [[1, 0]], [1.0, 0.0], [[0, 1], [1, 0]]]:
                assert loader.read_labels(np.array(array)).tolist() == [1, 0], array
            for array in [[2.7, 1], [float("nan"), 1], [-1, 0], [[1, 1], [0, 1]], [[0, 0], [0, 1]], [[3, 0], [0, 1]]]:
                assert "expected" in (refusal(loader.read_labels, np.array(array)) or ""), array
            """)
    }

    /// A quoted text is read as nasd writes it, each backslash doubled and what is beyond ASCII as a code.
    @Test func quotedTexts() throws {
        try expect(
            #"""
            assert loader.scalar(r'"a\\U0001f600"') == r"a\U0001f600"
            assert loader.scalar(r'"\U0001f600\\"') == chr(0x1F600) + chr(92)
            assert loader.scalar(r'"\"\U00000022"') == '""'
            """#)
    }
}

/// The interpreter that the path names.
private enum Python {
    static let hasNumPy = (try? run("import numpy"))?.code == 0

    static func run(_ code: String, _ arguments: [String] = []) throws -> Program.Outcome {
        let process = Process(), output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", code] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(["PYTHONDONTWRITEBYTECODE": "1"]) { $1 }
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return Program.Outcome(code: process.terminationStatus, output: text, error: "")
    }
}
