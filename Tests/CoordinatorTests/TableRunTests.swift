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
        _ data: String, space: String = space, samples: Int = 40, folder: String
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
                search: {objectives: [{metric: accuracy}], population: 4, evaluations: 8, samples: \(samples)}
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

    @Test(arguments: [
        (csv, "classes: 5", "number of classes"), (csv, "height: 2", "number of inputs in t.csv"),
        (
            csv.replacing("kind,", with: "kind, categorical: [x0],"), "classes: 4",
            "number of inputs, with one for each category"
        ),
        (csv, "height: 8", "number of inputs, with"),
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
                "{format: csv, train: {files: [t.csv]}, test: {last: 5}, target: kind, categorical: [c], "
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
