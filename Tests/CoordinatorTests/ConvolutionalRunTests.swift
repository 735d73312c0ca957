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

/// Runs whose networks have norms over examples, and so statistics of each subnet that are measured before it is.
@Suite struct ConvolutionalRunTests {
    private static let space = Result {
        try SearchSpace.parse(yaml: TinyConvolutionalSpace.yaml, file: "tiny.yaml")
    }

    private static func specification(
        _ overrides: (key: String, value: String)...
    ) throws -> RunSpecification {
        try RunSpecification.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: Run
                name: tiny
                seed: 3
                space: tiny
                data: {format: glyphs, count: 400, testCount: 100, holdOut: {validation: 100}}
                train: {steps: 24, batch: 32, shards: 2, checkpointEvery: 10,
                        optimizer: {name: sgd, rate: 0.1, weightDecay: 0.0005, nesterov: true}}
                search:
                  objectives: [{metric: accuracy}, {metric: multiplyAdds}]
                  algorithm: nsga2
                  population: 6
                  evaluations: 12
                  samples: 100
                  calibration: 96
                  during: {every: 12, evaluations: 6}
                validate: {finalists: 3, calibration: 160}
                """, file: "tiny.yaml", overrides: overrides)
    }

    private static func scene(
        _ overrides: (key: String, value: String)..., yaml: String = TinyConvolutionalSpace.yaml
    ) throws -> Scene {
        let specification = try RunSpecification.parse(
            yaml: specification().resolvedYAML, file: "tiny.yaml", overrides: overrides)
        return Scene(
            try RunInputs(specification: specification, space: SearchSpace.parse(yaml: yaml, file: "tiny.yaml")))
    }

    @Test(arguments: [TinyConvolutionalSpace.yaml, TinyConvolutionalSpace.elastic])
    func theWorkersDoNotMatter(yaml: String) throws {
        let scenes = try (1...3).map { workers in
            let scene = try Self.scene(yaml: yaml)
            #expect(try scene.execute(workers: workers) == .completed)
            return scene
        }
        let results = try scenes.map { try $0.csv() }
        #expect(results[0] == results[1] && results[1] == results[2])
        #expect(try scenes[0].trained() == scenes[2].trained() && scenes[0].trained().count == 24)
    }

    @Test(arguments: [TinyConvolutionalSpace.yaml, TinyConvolutionalSpace.elastic])
    func stoppingAndGoingOnChangesNothing(yaml: String) throws {
        let whole = try Self.scene(yaml: yaml)
        #expect(try whole.execute() == .completed)
        let cut = try Self.scene(yaml: yaml)
        let starts = try cut.executeInPieces(stoppedAt: { 3 + $0 % 5 })
        #expect(starts > 5)
        #expect(try cut.csv() == whole.csv())
    }

    /// A sampler that learns by masks and by held-out losses: the same bytes on any number of workers, and after any stop.
    @Test func learningWhatToTrain() throws {
        func scene() throws -> Scene {
            try Self.scene(
                ("train.sampler", "{kind: shift, bins: 3, joint: 2, period: 4, warm: 2, samples: 32}"),
                ("data.holdOut.sampler", "64"))
        }
        let whole = try scene(), cut = try scene()
        #expect(try whole.execute(workers: 1) == .completed)
        #expect(try cut.executeInPieces(stoppedAt: { 3 + $0 % 5 }) > 5)
        #expect(try cut.csv() == whole.csv())
        let (store, run) = try whole.reader()
        let names = Set(try store.samplerStatistics(run.id).map(\.name))
        #expect(names.isSuperset(of: ["probability", "generatorHits", "lossChange"]))
    }

    /// A network that is handed over has the statistics that its test was measured with; so has one taken of the checkpoint.
    @Test(arguments: [TinyConvolutionalSpace.yaml, TinyConvolutionalSpace.elastic])
    func networksBringTheirStatistics(yaml: String) throws {
        let scene = try Self.scene(yaml: yaml)
        #expect(try scene.execute() == .completed)
        let (store, run) = try scene.reader()
        let folder = scene.path + "/runs/\(run.id)/models"
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".safetensors") }
        #expect(!files.isEmpty)
        let candidates = try store.candidates(run.id, limit: 100)
        for file in files {
            let model = try ExtractedModel(file: folder + "/" + file)
            let pool = try WorkerPool(count: 2), kernels = try Kernels()
            let evaluation = try ModelEvaluation.test(model, file: file, directory: nil, pool: pool, kernels: kernels)
            let number = try #require(file.split(separator: "-").last?.split(separator: ".").first.flatMap { Int($0) })
            let tested = try #require(candidates.first { $0.candidate.number == number })
            #expect(tested.value(of: .accuracy, at: .test) == evaluation[.accuracy])
            let own = try TrainedSupernet(scene.inputs, directory: scene.path, pool: pool, kernels: kernels)
            let extracted = try own.extract(tested.candidate.genome, keepsNorms: true)
            let values = [extracted, model].map { model in
                var values = [Float](repeating: 0, count: model.weights.count)
                values.withUnsafeMutableBufferPointer { kernels.download(model.weights.whole, into: $0) }
                return values
            }
            #expect(values[0] == values[1])
        }
    }

    /// On how many examples norms are measured is part of what identifies a measurement.
    @Test func calibrationIsPartOfTheRun() throws {
        let space = try Self.space.get()
        let run = try Self.specification().settled(in: space)
        #expect(run.calibration == CalibrationExtent(search: 96, finalists: 160))
        let other = try Self.specification(("search.calibration", "128")).settled(in: space)
        #expect(run.fingerprint != other.fingerprint)
        #expect(run.decisiveDifferences(from: other) == ["search.calibration"])
        let third = try Self.specification(("validate.calibration", "2048")).settled(in: space)
        #expect(run.decisiveDifferences(from: third) == ["validate.calibration"])
        // What a file leaves open is told where the space is known, and only there.
        let open = try RunSpecification.parse(
            yaml: run.resolvedYAML.split(separator: "\n").filter {
                !$0.contains("calibration") && !$0.contains("shards")
            }
            .joined(separator: "\n"), file: "open.yaml", overrides: [("train.batch", "128")])
        #expect(!open.resolvedYAML.contains("calibration"))
        let settled = open.settled(in: space)
        #expect(settled.calibration == .usual && settled.train?.shards == 8)
        for line in ["calibration: 512", "calibration: 2048"] { #expect(settled.resolvedYAML.contains(line)) }
        let again = try RunSpecification.parse(yaml: settled.resolvedYAML, file: "again.yaml")
        #expect(again == settled && again.settled(in: space) == settled)
        let results = try ["32", "300"].map { count in
            let scene = try Self.scene(("search.calibration", count))
            #expect(try scene.execute() == .completed)
            return try scene.csv()
        }
        #expect(results[0] != results[1])
    }

    @Test func smallShardsAreRefusedOrWarnedOf() throws {
        let space = try Self.space.get()
        func check(_ overrides: (key: String, value: String)...) throws -> [String] {
            let run = try RunSpecification.parse(
                yaml: Self.specification().resolvedYAML, file: "tiny.yaml", overrides: overrides
            ).settled(in: space)
            try RunInputs.check(run, in: space)
            return run.warnings(in: space)
        }
        #expect(try check() == [])
        #expect(try check(("train.shards", "8")).first?.hasPrefix("train.shards: a shard has 4 examples") == true)
        func refusal(_ overrides: (key: String, value: String)...) -> String {
            do {
                let run = try RunSpecification.parse(
                    yaml: Self.specification().resolvedYAML, file: "tiny.yaml", overrides: overrides
                ).settled(in: space)
                try RunInputs.check(run, in: space)
                return ""
            } catch { return "\(error)" }
        }
        #expect(refusal(("train.shards", "9")).hasPrefix("train.shards: 9 shards of a batch of 32 leave 3 examples"))
        #expect(refusal(("train.shards", "9")).hasSuffix("write 2, or at most 8"))
        #expect(refusal(("train.batch", "3"), ("train.shards", "1")).hasSuffix("raise train.batch to 16 or more"))
        #expect(
            refusal(("validate.retrain.steps", "4"), ("validate.retrain.shards", "32"))
                .hasPrefix("validate.retrain.shards: 32 shards"))
        // Where nothing is said shards are as large as they should be.
        #expect(refusal(("validate.retrain.steps", "4"), ("validate.retrain.batch", "64")) == "")
        let plain = try SearchSpace.parse(yaml: TinySpace.yaml(), file: "tiny.yaml")
        #expect(throws: RunError.self) { try RunInputs.check(Self.specification().settled(in: plain), in: plain) }
        let scene = try Self.scene(("train.shards", "8"))
        #expect(try scene.execute() == .completed)
        let warnings = scene.progress.compactMap { if case .warning(let text) = $0 { text } else { nil } }
        #expect(warnings.contains { $0.hasPrefix("train.shards: a shard has 4 examples") })
    }

    /// What is measured before a subnet is part of the work, and of the memory.
    @Test func calibrationTakesTimeAndMemory() throws {
        let few = try Self.scene(("search.calibration", "32")).inputs
        let more = try Self.scene(("search.calibration", "300"), ("validate.calibration", "300")).inputs
        #expect(
            RunWork(more).evaluation > RunWork(few).evaluation && RunWork(more).validation > RunWork(few).validation)
        let ratio = RunWork(more).evaluation / RunWork(few).evaluation
        #expect(abs(ratio - 400.0 / 132) < 1e-9)
        let supernet = try Self.space.get().supernet()
        #expect(Evaluator.statisticsBytes(of: supernet, subnets: 64, workers: 2) > 0)
        let plain = try SearchSpace.parse(yaml: TinySpace.yaml(), file: "tiny.yaml").supernet()
        #expect(Evaluator.statisticsBytes(of: plain, subnets: 64, workers: 2) == 0)
    }

    /// Finalists that are trained on begin with the supernet's weights, and their norms are measured anew.
    @Test func finalistsAreTrainedOn() throws {
        let scene = try Self.scene(("validate.tune.steps", "6"), ("validate.retrain.steps", "6"))
        #expect(try scene.execute() == .completed)
        let (store, run) = try scene.reader()
        let tuned = try store.candidates(run.id, limit: 100).filter { $0.value(of: .accuracy, at: .tuned) != nil }
        #expect(tuned.count == 3 && tuned.allSatisfy { $0.value(of: .accuracy, at: .retrained) != nil })
    }
}
