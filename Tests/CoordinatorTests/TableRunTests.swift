import Datasets
import Foundation
import Runs
import SearchSpaces
import Store
import Supernets
import Tensors
import TestSupport
import Testing
import Training

@testable import Coordinator

/// Tables and vectors as the data of a run.
@Suite struct TableRunTests {
    /// Four classes, each about a place of its own, as 16 numbers.
    private static func table(_ rows: Int, classes: Int = 4) -> String {
        var random = SeededGenerator(6)
        let names = (0..<16).map { "x\($0)" }.joined(separator: ",")
        return "\(names),kind\n"
            + (0..<rows).map { row in
                (0..<16).map { "\(Float(row % classes == $0 % 4 ? 3 : 0) + Float.random(in: 0...1, using: &random))" }
                    .joined(separator: ",") + ",k\(row % classes)\n"
            }.joined()
    }

    private static let space = TinySpace.yaml().replacing(
        "{height: 28, width: 28, channels: 1, patch: 7, classes: 10}",
        with: "{height: 4, width: 4, channels: 1, patch: 2, classes: 4}")

    private func inputs(
        _ data: String, space: String = space, samples: Int = 40, objective: String = "accuracy", folder: String
    ) throws -> RunInputs {
        let specification = try RunSpecification.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: Run
                name: tables
                seed: 3
                space: tiny
                data: \(data)
                train: {steps: 60, batch: 16, shards: 4, optimizer: {rate: 0.01}}
                search: {objectives: [{metric: \(objective)}], population: 4, evaluations: 8, samples: \(samples)}
                validate: {finalists: 1}
                """, file: "run.yaml")
        return try RunInputs(
            specification: specification, space: try SearchSpace.parse(yaml: space, file: "s"),
            folder: DataFolder(folder))
    }

    private static let csv =
        "{format: csv, train: {files: [t.csv]}, test: {share: 0.2}, target: kind, holdOut: {validation: 40}}"

    /// A run over a table ends, learns, and its network file measures as the run did, from the seed that it keeps.
    @Test(arguments: ["{share: 0.2}", "{last: 80}"]) func aRunOverATable(test: String) throws {
        try withDirectory { folder in
            try Files.write(Array(Self.table(400).utf8), folder + "/t.csv")
            let inputs = try inputs(Self.csv.replacing("{share: 0.2}", with: test), folder: folder)
            #expect(inputs.dataset?.classes == 4 && inputs.dataset?.testCount == 80)
            let session = try RunSession(inputs, directory: folder + "/run")
            let pool = try WorkerPool(count: 2)
            let outcome = try session.execute(
                inputs, pool: pool, kernels: try Kernels(), control: RunControl(), allowsNumericsChange: false
            ) { _ in }
            try session.store.close()
            #expect(outcome == .completed)
            let models = try FileManager.default.subpathsOfDirectory(atPath: folder + "/run").filter {
                $0.hasSuffix(".safetensors") && $0.contains("models")
            }
            let file = folder + "/run/" + (try #require(models.first))
            let model = try ExtractedModel(file: file)
            let measured = try #require(model.description.measured["testAccuracy"])
            #expect(measured > 0.5)
            let again = try ModelEvaluation.test(
                model, file: file, directory: folder, pool: pool, kernels: try Kernels())
            #expect(again.samples == 80 && again[.accuracy] == measured)
            // A later version's task is told as such, before any data are looked at.
            let later = ExtractedModel(
                model.genome, of: model.network, values: model.weights,
                normalization: model.description.normalization, task: "translation", measured: [:],
                data: model.description.data, kernels: try Kernels())
            let unknown = #expect(throws: TrainingError.self) {
                try ModelEvaluation.test(
                    later, file: "later", directory: folder + "/nowhere", pool: pool, kernels: try Kernels())
            }
            #expect(unknown == .unknownTask(file: "later", kind: "translation"))
            try Files.write(Array(Self.table(404).utf8), folder + "/t.csv")
            let error = #expect(throws: TrainingError.self) {
                try ModelEvaluation.test(model, file: file, directory: folder, pool: pool, kernels: try Kernels())
            }
            #expect(error?.description.contains("the data the network was trained on") == true)
        }
    }

    /// A run of two finalists at most, and the files of its networks.
    private func networks(
        _ data: String, space: String, objective: String, folder: String, output: String = "run"
    ) throws -> [String] {
        let inputs = try inputs(data, space: space, samples: 20, objective: objective, folder: folder)
        let session = try RunSession(inputs, directory: "\(folder)/\(output)")
        let outcome = try session.execute(
            inputs, pool: try WorkerPool(count: 2), kernels: try Kernels(), control: RunControl(),
            allowsNumericsChange: false
        ) { _ in }
        try session.store.close()
        #expect(outcome == .completed)
        return try FileManager.default.subpathsOfDirectory(atPath: "\(folder)/\(output)").filter {
            $0.hasSuffix(".safetensors") && $0.contains("models")
        }.map { "\(folder)/\(output)/\($0)" }
    }

    private static let perceptron = """
        apiVersion: nasd/v1
        kind: SearchSpace
        name: tiny
        family: mlp
        input: {features: 6, classes: 2}
        choices: {width: [8], depth: [1, 2], expansion: [1]}
        """

    /// 200 rows of a text, a time in seconds, and a number that is missing at times.
    private static func events(_ rows: Range<Int>, target: (Int) -> String) -> String {
        "colour,at,size,y\n"
            + rows.map { row in
                let place = row * 7 % 200
                return
                    "\(["red", "green", "blue"][place % 3]),\(1_700_000_000 + place % 60),\(row % 9 == 0 ? "NaN" : "\(place % 5)"),\(target(place))\n"
            }.joined()
    }

    /// A network file is all that its test file needs, and names that are none of its own are told.
    @Test func aNetworkFileSaysHowRowsBecomeInputs() throws {
        try withDirectory { folder in
            func kind(_ place: Int) -> String { place % 60 < 30 ? "early" : "late" }
            try Files.write(Array(Self.events(0..<140, target: kind).utf8), folder + "/train.csv")
            try Files.write(Array(Self.events(140..<200, target: kind).utf8), folder + "/test.csv")
            let file = try #require(
                try networks(
                    "{format: csv, train: {files: [train.csv]}, test: {files: [test.csv]}, target: y, categorical: [colour, y], "
                        + "holdOut: {validation: 20}}", space: Self.perceptron, objective: "accuracy", folder: folder
                ).first)
            let model = try ExtractedModel(file: file)
            let table = try #require(model.description.table)
            #expect(model.description.format == "nasd-model/3" && model.isVerified)
            #expect(table.inputs.map(\.name) == ["colour", "at", "size"])
            #expect(table.inputs.map(\.categories) == [["blue", "green", "red"], nil, nil])
            #expect(table.inputs.map(\.missing) == [false, false, true])
            #expect(table.inputs.map(\.valueBits) == [nil, 64, 32])
            #expect(table.target == "y" && table.classes == ["early", "late"] && table.targets == nil)
            let measured = try #require(model.description.measured["testAccuracy"])
            #expect(measured > 0.7)
            // The training file is not needed, nor the order of columns.
            try FileManager.default.removeItem(atPath: folder + "/train.csv")
            func evaluate(_ text: String) throws -> (Evaluation, [String]) {
                try Files.write(Array(text.utf8), folder + "/test.csv")
                var warnings: [String] = []
                let evaluation = try ModelEvaluation.test(
                    model, file: file, directory: folder, pool: try WorkerPool(count: 1), kernels: try Kernels()
                ) { warnings.append($0) }
                return (evaluation, warnings)
            }
            let text = Self.events(140..<200, target: kind)
            let turned = text.split(separator: "\n").map {
                $0.split(separator: ",").reversed().joined(separator: ",") + "\n"
            }.joined()
            for text in [text, turned] {
                let (same, warnings) = try evaluate(text)
                #expect(same.samples == 60 && same[.accuracy] == measured && warnings == [])
            }
            let (_, warnings) = try evaluate(text.replacing("red", with: "azure"))
            #expect(
                warnings.count == 1 && warnings[0].contains("'azure'") && warnings[0].contains("column 'colour'"),
                "\(warnings)")
            for (found, replacement, said) in [
                (
                    "late", "tardy",
                    "class 'tardy' of column 'y' is none that the network knows, which are 'early', 'late'"
                ),
                ("size", "length", "there is no 'size', and it knows no 'length'"),
            ] {
                let error = #expect(throws: DatasetError.self) {
                    try evaluate(text.replacing(found, with: replacement))
                }
                #expect(error?.description.contains(said) == true, "\(String(describing: error))")
            }
        }
    }

    /// Times in seconds as targets: errors are in seconds, and nothing is taken for a constant.
    @Test func numbersFarFromZeroAreTold() throws {
        try withDirectory { folder in
            let text = Self.events(0..<200) { "\(1_700_000_000 + 10 * ($0 % 3))" }
            try Files.write(Array(text.utf8), folder + "/t.csv")
            let file = try #require(
                try networks(
                    "{format: csv, train: {files: [t.csv]}, test: {last: 60}, target: y, categorical: [colour], "
                        + "holdOut: {validation: 20}}",
                    space: Self.perceptron.replacing("classes: 2", with: "outputs: 1"), objective: "rmse",
                    folder: folder
                ).first)
            let model = try ExtractedModel(file: file)
            let targets = try #require(model.description.table?.targets)
            #expect(targets.map(\.name) == ["y"] && targets.map(\.valueBits) == [64])
            #expect(abs((targets[0].mean ?? 0) - 1_700_000_010) < 3 && abs((targets[0].deviation ?? 0) - 8.16) < 0.5)
            let error = try #require(model.description.measured["testRmse"])
            // The mean alone has 8; what 32 bits had was 0.
            #expect(error > 1e-4 && error < 6)
            let again = try ModelEvaluation.test(
                model, file: file, directory: folder, pool: try WorkerPool(count: 1), kernels: try Kernels())
            #expect(again[.rmse] == error && again.samples == 60)
        }
    }

    /// A file as the version before wrote it: it says means and deviations alone, and is held against all rows.
    @Test func filesOfEarlierVersionsAreRead() throws {
        try withDirectory { folder in
            try Files.write(Array(Self.table(400).utf8), folder + "/t.csv")
            let file = try #require(
                try networks(Self.csv, space: Self.space, objective: "accuracy", folder: folder).first)
            let model = try ExtractedModel(file: file)
            let before = ExtractedModel(
                model.genome, of: model.network, values: model.weights, normalization: model.description.normalization,
                measured: model.description.measured, data: model.description.data, kernels: try Kernels())
            #expect(before.description.format == "nasd-model/2" && before.description.table == nil)
            let evaluation = try ModelEvaluation.test(
                before, file: file, directory: folder, pool: try WorkerPool(count: 1), kernels: try Kernels())
            #expect(evaluation[.accuracy] == model.description.measured["testAccuracy"])
        }
    }

    @Test(arguments: [
        (csv, "classes: 5", "number of classes"), (csv, "height: 2", "number of inputs in t.csv"),
        (
            csv.replacing("kind,", with: "kind, categorical: [x0],"), "classes: 4",
            "number of inputs, with one for each category"
        ),
        (csv, "height: 8", "number of inputs, with"), (csv, "height: 8", "16 for 16 columns of numbers"),
        // Two inputs a column at most: before anything is read.
        (
            csv, "height: 10",
            "the space expects 40, the data has 16 columns of numbers, which are 16 to 32 inputs: one each, and one more"
        ),
        (
            csv.replacing("kind,", with: "kind, missing: [],"), "height: 8",
            "expects 32, the data has 16 columns of numbers"
        ),
        (
            "{format: npy, train: {inputs: x.npy, labels: y.npy}, test: {inputs: x.npy, labels: y.npy}, holdOut: {validation: 1}}",
            "classes: 4", "numbers of a vector in x.npy"
        ),
        (
            "{format: npy, train: {images: x.npy, labels: y.npy}, test: {images: x.npy, labels: y.npy}, holdOut: {validation: 1}}",
            "classes: 4", "of vectors write inputs:"
        ),
    ]) func whatDoesNotFitIsSaid(data: String, change: String, said: String) throws {
        try withDirectory { folder in
            try Files.write(Array(Self.table(100).utf8), folder + "/t.csv")
            try Files.write(Files.npy("|u1", "(4, 2)", [UInt8](repeating: 1, count: 8)), folder + "/x.npy")
            try Files.write(Files.npy("|u1", "(4,)", [0, 1, 2, 3]), folder + "/y.npy")
            let key = change.prefix { $0 != ":" }
            let space = Self.space.replacing(try Regex("\(key): [0-9]+"), with: change, maxReplacements: 1)
            let error = #expect(throws: (any Error).self) {
                try inputs(data, space: space, samples: 1, folder: folder)
            }
            #expect("\(String(describing: error))".contains(said), "\(String(describing: error))")
        }
    }

    /// Every format that a run file can name is one that is loaded.
    @Test func everyFormatIsLoaded() throws {
        for yaml in [
            Self.csv, "{format: glyphs}", "{format: cifar10, train: {files: [a]}, test: {files: [b]}}",
            "{format: idx, train: {images: a, labels: b}, test: {images: a, labels: b}}",
            "{format: npy, train: {images: a, labels: b}, test: {images: a, labels: b}}",
            "{format: npy, train: {inputs: a, labels: b}, test: {inputs: a, labels: b}}",
        ] {
            #expect(try DataSettings.parse(yaml: "data: \(yaml)", file: "d").source is any LoadableFormat)
        }
    }

    /// A category that only test rows have: the message says which, and what to do.
    @Test func aCategoryOutsideOfTrainingIsNamed() throws {
        try withDirectory { folder in
            let rows = (0..<100).map { "\($0 % 3),\($0 < 95 ? "k\($0 % 2)" : "rare"),k\($0 % 4)\n" }
            try Files.write(Array(("x,c,kind\n" + rows.joined()).utf8), folder + "/t.csv")
            let data =
                "{format: csv, train: {files: [t.csv]}, test: {last: 5}, target: kind, categorical: [c], missing: [], "
                + "holdOut: {validation: 10}}"
            let space = """
                apiVersion: nasd/v1
                kind: SearchSpace
                name: tiny
                family: mlp
                input: {features: 4, classes: 4}
                choices: {width: [4], depth: [1, 2], expansion: [1]}
                """
            let error = #expect(throws: TrainingError.self) {
                try inputs(data, space: space, samples: 10, folder: folder)
            }
            let said = error?.description ?? ""
            #expect(
                said.contains("the space expects 4, the data has 3 (inputs are those of the training part"), "\(said)")
            #expect(said.contains("none of 'rare' in column 'c': add rows"), "\(said)")
            #expect(throws: Never.self) {
                try inputs(
                    data, space: space.replacing("features: 4", with: "features: 3"), samples: 10, folder: folder)
            }
        }
    }
}
