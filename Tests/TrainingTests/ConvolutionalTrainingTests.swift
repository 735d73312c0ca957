import Datasets
import Runs
import SearchSpaces
import Supernets
import TestSupport
import Testing

@testable import Tensors
@testable import Training

/// Networks whose norms need statistics of examples: in training those of a shard, later those that are measured.
@Suite struct ConvolutionalTrainingTests {
    private static func scene(
        _ settings: String = "sampler: {kind: sandwich, random: 1}", steps: Int = 60, count: Int = 600,
        yaml: String = TinyConvolutionalSpace.yaml
    ) throws -> Scene {
        try Scene(
            "optimizer: {name: sgd, rate: 0.1, weightDecay: 0.0005, warmup: 5, nesterov: true}, \(settings)",
            yaml: yaml, extent: "steps: \(steps), batch: 64, shards: 4", count: count)
    }

    private static func evaluator(_ trainer: Trainer, workers: Int = 2) throws -> Evaluator {
        TrainedWeights(
            supernet: trainer.supernet, task: trainer.task, values: trainer.values,
            calibration: Calibration(
                examples: trainer.source.examples, trained: trainer.source.trained,
                extent: CalibrationExtent(search: 200, finalists: 300)),
            pool: try WorkerPool(count: workers), kernels: try Kernels()
        ).evaluator()
    }

    @Test(
        arguments: [
            "sampler: {kind: sandwich, random: 1}", "sampler: {kind: multi}",
            "sampler: {kind: sandwich, random: 1}, distillation: {teacher: largest, start: 0, weight: 1}",
        ],
        [TinyConvolutionalSpace.yaml, TinyResidualSpace.yaml, TinyConvolutionalSpace.yaml + "kernelTransforms: true\n"])
    func bitsDoNotDependOnWorkers(settings: String, yaml: String) throws {
        let scene = try Self.scene(settings, yaml: yaml)
        let bits = try (1...3).map { try scene.trainer(workers: $0, steps: 6).bits }
        #expect(bits[0] == bits[1] && bits[1] == bits[2])
    }

    /// Measured twice, with others, and on any number of workers: the same figures.
    @Test(arguments: [TinyConvolutionalSpace.yaml, TinyResidualSpace.yaml])
    func calibrationIsAFunctionOfTheSubnet(yaml: String) throws {
        let scene = try Self.scene(yaml: yaml)
        let trainer = try scene.trainer(steps: 5)
        var random = SeededGenerator(4)
        let genomes = (0..<10).map { _ in scene.space.randomGenome(using: &random) } + [scene.space.largest]
        let (source, indices) = (scene.dataset.trainingExamples, scene.dataset.split.validation)
        func measure(_ genomes: [Genome], workers: Int = 2) throws -> [Evaluation] {
            try #require(
                try Self.evaluator(trainer, workers: workers).measure(
                    genomes, values: trainer.values, on: source, indices: indices))
        }
        let together = try measure(genomes)
        #expect(try measure(genomes, workers: 3) == together)
        for (genome, evaluation) in zip(genomes, together) {
            #expect(try measure([genome], workers: 1) == [evaluation])
        }
        #expect(Set(together.map { $0[.loss] }).count > 3)
    }

    /// How many examples are asked for is part of what a measurement means, and where there are fewer, all are taken.
    @Test func moreExamplesAreOtherStatistics() throws {
        let scene = try Self.scene()
        let trainer = try scene.trainer(steps: 3)
        let evaluator = try Self.evaluator(trainer)
        func losses(_ evaluator: Evaluator, _ use: Calibration.Use) throws -> [Double] {
            try #require(
                try evaluator.measure(
                    [scene.space.largest], values: trainer.values, on: scene.dataset.trainingExamples,
                    indices: scene.dataset.split.validation, for: use)
            ).map { $0[.loss] }
        }
        #expect(try losses(evaluator, .search) != losses(evaluator, .finalists))
        // 500 are trained on.
        let trained = trainer.trained
        #expect(try losses(trained.evaluator(), .search) == losses(trained.evaluator(), .finalists))
        let calibration = Calibration(
            examples: trainer.source.examples, trained: trainer.source.trained,
            extent: CalibrationExtent(search: 40, finalists: 64))
        #expect(calibration.indices(for: .search).count == 40 && calibration.indices(for: .finalists).count == 64)
        #expect(calibration.indices(for: .finalists).prefix(40) == calibration.indices(for: .search))
        #expect(Set(calibration.indices(for: .finalists)).isSubset(of: trainer.source.trained))
    }

    /// Subnets with too many statistics to go together go in parts, to the same figures.
    @Test func groupsOfSubnetsChangeNothing() throws {
        let scene = try Self.scene()
        let trainer = try scene.trainer(steps: 2)
        var random = SeededGenerator(9)
        let genomes = (0..<30).map { _ in scene.space.randomGenome(using: &random) }
        func measure(most: Int) throws -> [Evaluation]? {
            let evaluator = try Self.evaluator(trainer)
            evaluator.mostStatistics = most
            return try evaluator.measure(
                genomes, values: trainer.values, on: scene.dataset.trainingExamples,
                indices: scene.dataset.split.validation)
        }
        let together = try measure(most: 1 << 19)
        #expect(try measure(most: 2000) == together)
        #expect(try measure(most: 1) == together)
    }

    /// Statistics that are nobody's make a network that learned something as good as none; a network cut out takes its own
    /// along and gives the same figures.
    @Test(arguments: [TinyConvolutionalSpace.yaml, TinyResidualSpace.yaml])
    func subnetsNeedTheirStatistics(yaml: String) throws {
        let scene = try Self.scene(steps: 240, count: 2000, yaml: yaml)
        let trainer = try scene.trainer(steps: 240)
        let trained = trainer.trained
        let (source, indices) = (scene.dataset.trainingExamples, scene.dataset.split.validation)
        for genome in [scene.space.largest, scene.space.smallest] {
            func accuracy(
                _ evaluator: Evaluator, _ values: FloatBuffer, for use: Calibration.Use = .search
            ) throws -> Evaluation {
                try #require(
                    try evaluator.measure([genome], values: values, on: source, indices: indices, for: use)?.first)
            }
            let own = try accuracy(trained.evaluator(), trainer.values)
            let stored = Evaluator(
                supernet: trainer.supernet, task: trainer.task, pool: try WorkerPool(count: 2), kernels: try Kernels())
            let foreign = try accuracy(stored, trainer.values)
            // One class in ten is right by chance.
            #expect(own[.accuracy] > 0.5 && foreign[.accuracy] < 0.25, "\(own) and \(foreign)")
            #expect(own[.loss] < foreign[.loss] / 1.5)
            let other = genome == scene.space.largest ? scene.space.smallest : scene.space.largest
            let borrowed = try accuracy(stored, trained.finishedWeights(of: other))
            #expect(borrowed[.accuracy] < own[.accuracy] - 0.1, "\(own) and \(borrowed)")

            let model = ExtractedModel(
                genome, of: trainer.supernet, values: try trained.finishedWeights(of: genome),
                normalization: .init(mean: [0], deviation: [1]), measured: [:], data: "", kernels: trained.kernels)
            let alone = Evaluator(
                supernet: model.network, task: trainer.task, pool: try WorkerPool(count: 2), kernels: try Kernels())
            // What is handed over has the statistics of finalists.
            #expect(
                try accuracy(alone, model.weights) == accuracy(trained.evaluator(), trainer.values, for: .finalists))
        }
        // The trained parameters have none.
        let layout = trainer.supernet.layout
        for range in layout.ranges(of: .statistic) {
            let values = Set(trainer.values.values[range])
            #expect(values == [0] || values == [1])
        }
    }

    /// Weights alone decay.
    @Test func gainsAndBiasesDoNotDecay() throws {
        let supernet = try Self.scene().space.supernet(), plan = UpdatePlan(supernet)
        for entry in supernet.layout.entries {
            let piece = plan.pieces.first { $0.range.contains(entry.offset) }
            #expect(piece?.isDecayed == (entry.role == .statistic ? nil : entry.role == .weight), "\(entry.name)")
        }
    }
}
