import Foundation
import TestSupport
import Testing

@testable import Datasets

/// `Deploy/examples/load_in_pytorch.py` with NumPy and without PyTorch: what reads data, and the perceptron by a stand-in.
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

    /// The stem makes (1, 2, 3) of 1, a block adds 10 gelu(norm · e) to the first of them, and the head adds all up.
    @Test func perceptron() throws {
        try expect(
            """
            import math, types
            torch, functional = types.ModuleType("torch"), types.ModuleType("torch.nn.functional")
            nn = types.ModuleType("torch.nn")
            nn.Module, nn.Parameter, nn.ParameterDict, nn.functional = object, lambda value: value, dict, functional
            torch.nn = nn
            functional.linear = lambda x, w, b: x @ w.T + b
            def layer_norm(x, shape, w, b, epsilon):
                return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + epsilon) * w + b
            functional.layer_norm = layer_norm
            functional.gelu = lambda x: x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))
            sys.modules.update({"torch": torch, "torch.nn": nn, "torch.nn.functional": functional})
            ones, zeros = np.ones(3), np.zeros(3)
            weights = {
                "stem.weight": np.array([[1.], [2.], [3.]]), "stem.bias": zeros,
                "blocks.0.norm.weight": ones, "blocks.0.norm.bias": zeros,
                "blocks.0.expansion.weight": np.array([[0., 0., 1.]]), "blocks.0.expansion.bias": np.zeros(1),
                "blocks.0.contraction.weight": np.array([[10.], [0.], [0.]]), "blocks.0.contraction.bias": zeros,
                "finalNorm.weight": np.array([1., 2., 3.]), "finalNorm.bias": ones,
                "head.weight": ones.reshape(1, 3), "head.bias": np.array([7.])}
            network = loader.network_classes()["mlp"]({"features": 1, "hidden": [1], "width": 3}, weights)
            # Of 1, 2, 3 the norm of the last is 1 / sqrt(2 / 3 + 1e-5).
            inner = 1 / math.sqrt(2 / 3 + 1e-5)
            a = 1 + 10 * inner * 0.5 * (1 + math.erf(inner / math.sqrt(2)))
            mean = (a + 5) / 3
            deviation = math.sqrt(((a - mean) ** 2 + (2 - mean) ** 2 + (3 - mean) ** 2) / 3 + 1e-5)
            expected = ((a - mean) + 2 * (2 - mean) + 3 * (3 - mean)) / deviation + 3 + 7
            assert abs(network.forward(np.array([[1.]]))[0, 0] - expected) < 1e-12
            """)
    }

    /// Rows of a table as nasd takes them: the same test rows, inputs, labels and targets, by the normalisation alone.
    @Test func tables() throws {
        try withDirectory { folder in
            let rows = (0..<11).map { "\($0),\(10 - $0),k\($0 % 3)\n" }
            try Files.write(
                Files.gzip(Array(("\u{FEFF}a,b,kind\r\n" + rows.joined() + "\n").utf8)), folder + "/t.csv.gz")
            try Files.write(Array("1;?;10\n2;5;9\n\"3\"; 6 ;10.0\n".utf8), folder + "/n.csv")
            let columns = TableSource.Columns(target: "kind", missing: ["", "?"])
            let source = TableSource(train: ["t.csv"], test: .share(0.3), columns: columns)
            let layout = try source.layout(in: DataFolder(folder), holdOut: .init(validation: 0))
            let data = try source.load(
                in: DataFolder(folder), layout: layout, holdOut: .init(validation: 0), seed: 7)
            // The first column is the place of its row: mean and deviation tell it from the inputs.
            let normalization = data.normalization
            let drawn = try Tables.all(data.testExamples).inputs.map {
                Int(($0[0] * Float(normalization.deviation[0]) + Float(normalization.mean[0])).rounded())
            }
            try expect(
                """
                text = {"train": {"files": ["t.csv"]}, "header": True, "target": "kind", "missing": ["", "?"]}
                plain = {"mean": [0, 0], "deviation": [1, 1]}
                def read(test, scaling=plain, targets=None, **keys):
                    description = {"normalization": scaling, "targets": targets}
                    return loader.read_table({**text, "test": test, **keys}, sys.argv[1], 7, description)
                inputs, labels = read({"share": 0.3})
                assert inputs[:, 0].tolist() == \(drawn), inputs
                assert inputs[:, 1].tolist() == [10 - x for x in \(drawn)] and labels.tolist() == [x % 3 for x in \(drawn)]
                assert read({"last": 2}, {"mean": [9, 0], "deviation": [2, 1]})[0].tolist() == [[0, 1], [0.5, 0]]
                numbers = {"train": {"files": ["n.csv"]}, "header": False, "target": "c3"}
                targets = {"mean": [5], "deviation": [2]}
                inputs, answers = read({"files": ["n.csv"]}, targets=targets, **numbers)
                assert inputs.tolist() == [[1, 0], [2, 5], [3, 6]] and answers.tolist() == [[10], [9], [10]]
                assert read({"files": ["n.csv"]}, **numbers)[1].tolist() == [1, 0, 1]
                assert "3 inputs of 2 columns" in refusal(read, {"last": 2}, {"mean": [0] * 3, "deviation": [1] * 3})
                try:
                    read({"last": 2}, categorical=["a"])
                except ValueError as error:
                    assert "columns of texts (a)" in str(error)
                else:
                    raise AssertionError
                assert loader.score(np.array([[1.], [0.]]), np.array([[7.], [1.]]), targets) == ("testRmse", 8 ** 0.5)
                assert loader.score(np.eye(2), np.array([0, 0]), None) == ("testAccuracy", 0.5)
                wide = {"targets": targets, "table": {"targets": [{"mean": 1.7e9 + 1, "deviation": 2}]}}
                assert loader.answer_scaling(wide) == {"mean": [1.7e9 + 1], "deviation": [2]}
                assert loader.answer_scaling({"targets": targets}) == targets and loader.answer_scaling({}) is None
                """, [folder])
        }
    }

    /// A table whose network file says how rows become inputs needs no training rows: texts, missing values, numbers of 64 bits,
    /// columns in another order.
    @Test func describedTables() throws {
        try withDirectory { folder in
            try Files.write(
                Array("y,kind,far,a\n1.0,\" r\",1000000001,2\n02,?,1000000000,NaN\n1,other,?,4\n".utf8),
                folder + "/test.csv")
            try expect(
                """
                data = {"train": {"files": ["gone.csv"]}, "test": {"files": ["test.csv"]}, "header": True, "target": "y",
                        "categorical": ["kind"], "missing": ["", "?", "NA", "nan"]}
                table = {"target": "y", "classes": ["1", "2"], "inputs": [
                    {"name": "a", "mean": 2, "deviation": 4, "valueBits": 32, "missing": True},
                    {"name": "kind", "categories": ["b", " r"], "missing": True},
                    {"name": "far", "mean": 1e9, "deviation": 0.5, "valueBits": 64, "missing": False}]}
                def read(table):
                    return loader.read_table(data, sys.argv[1], 0, {"table": table})
                inputs, labels = read(table)
                assert inputs.tolist() == [[0, 0, 0, 1, 0, 2], [0, 1, 0, 0, 1, 0], [0.5, 0, 0, 0, 0, 0]], inputs
                assert inputs.dtype == np.float32 and labels.tolist() == [0, 1, 0]
                assert "class 02" in refusal(read, {**table, "classes": ["1", "b"]})
                assert "no column b" in refusal(read, {**table, "inputs": [{"name": "b", "categories": []}]})
                """, [folder])
        }
    }

    /// Vectors, whose labels are numbered by those of both parts; what is of images is refused for them.
    @Test func vectors() throws {
        try withDirectory { folder in
            try Files.write(Files.npy("|u1", "(2, 3)", [1, 2, 3, 4, 5, 6]), folder + "/x.npy")
            try Files.write(Files.npy("|u1", "(2,)", [9, 5]), folder + "/y.npy")
            try Files.write(Files.npy("|u1", "(3,)", [5, 7, 9]), folder + "/ty.npy")
            try expect(
                """
                data = (
                    "data:\\n  format: npy\\n  train:\\n    inputs: \\"z.npy\\"\\n    labels: \\"ty.npy\\"\\n"
                    "  test:\\n    inputs: \\"x.npy\\"\\n    labels: \\"y.npy\\"\\n")
                def read(data, *arguments, **keys):
                    description = {"data": data, "normalization": {"mean": [1] * 3, "deviation": [2] * 3}, **keys}
                    return loader.read_data(description, loader.parse(["m", "--data", sys.argv[1], *arguments])[1], (3,))
                inputs, labels = read(data)
                assert inputs.tolist() == [[0, 0.5, 1], [1.5, 2, 2.5]] and labels.tolist() == [2, 0]
                targets = {"mean": [0], "deviation": [1]}
                assert read(data.replace("labels", "targets"), targets=targets)[1].tolist() == [[9], [5]]
                columns = [{"name": f"c{i}", "mean": 0, "deviation": 1, "valueBits": 32, "missing": False} for i in (1, 2, 3)]
                inputs, labels = read(data, table={"inputs": columns, "classes": ["5", "9"]})
                assert inputs.tolist() == [[1, 2, 3], [4, 5, 6]] and labels.tolist() == [1, 0]
                assert "class 9" in refusal(lambda: read(data, table={"inputs": columns, "classes": ["5", "7"]}))
                said = refusal(read, data, "--images", "x.npy", "--labels", "y.npy")
                assert "reads a table or vectors" in said, said
                """, [folder])
        }
    }

    /// Images by their channels, or all their values in one row.
    @Test func normalisedImages() throws {
        try expect(
            """
            images = np.arange(8, dtype=np.float32).reshape(1, 2, 2, 2)
            scaling = {"mean": [0, 1], "deviation": [2, 4]}
            expected = [0, 0, 1, 0.5, 2, 1, 3, 1.5]
            for shape in [(2, 2, 2), (8,)]:
                scaled = loader.normalised(images, scaling, shape)
                assert scaled.shape == (1, *shape) and scaled.reshape(-1).tolist() == expected
            assert "reads inputs of (2, 4, 1)" in refusal(loader.normalised, images, scaling, (2, 4, 1))
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
