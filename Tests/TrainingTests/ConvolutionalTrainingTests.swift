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
    private static func scene(_ settings: String = "sampler: {kind: sandwich, random: 1}") throws -> Scene {
        try Scene(
            "optimizer: {name: sgd, rate: 0.1, weightDecay: 0.0005, warmup: 5}, \(settings)",
            yaml: TinyConvolutionalSpace.yaml, extent: "steps: 60, batch: 64, shards: 4", count: 600)
    }

    private static func evaluator(_ trainer: Trainer, workers: Int = 2) throws -> Evaluator {
        TrainedWeights(
            supernet: trainer.supernet, task: trainer.task, values: trainer.values,
            calibration: Calibration(
                examples: trainer.source.examples, indices: Array(trainer.source.trained.prefix(200))),
            pool: try WorkerPool(count: workers), kernels: try Kernels()
        ).evaluator()
    }

    @Test(arguments: [
        "sampler: {kind: sandwich, random: 1}", "sampler: {kind: multi}",
        "sampler: {kind: sandwich, random: 1}, distillation: {teacher: largest, start: 0, weight: 1}",
    ]) func bitsDoNotDependOnWorkers(settings: String) throws {
        let scene = try Self.scene(settings)
        let bits = try (1...3).map { try scene.trainer(workers: $0, steps: 6).bits }
        #expect(bits[0] == bits[1] && bits[1] == bits[2])
    }

    /// Measured twice, with others, and on any number of workers: the same figures.
    @Test func calibrationIsAFunctionOfTheSubnet() throws {
        let scene = try Self.scene()
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

    /// Statistics that are nobody's make a network that learned something as good as none; a network cut out takes its own
    /// along and gives the same figures.
    @Test func subnetsNeedTheirStatistics() throws {
        let scene = try Self.scene()
        let trainer = try scene.trainer(steps: 60)
        let trained = trainer.trained
        let (source, indices) = (scene.dataset.trainingExamples, scene.dataset.split.validation)
        for genome in [scene.space.largest, scene.space.smallest] {
            func accuracy(_ evaluator: Evaluator, _ values: FloatBuffer) throws -> Evaluation {
                try #require(try evaluator.measure([genome], values: values, on: source, indices: indices)?.first)
            }
            let own = try accuracy(trained.evaluator(), trainer.values)
            let stored = Evaluator(
                supernet: trainer.supernet, task: trainer.task, pool: try WorkerPool(count: 2), kernels: try Kernels())
            let foreign = try accuracy(stored, trainer.values)
            #expect(own[.accuracy] > 0.25 && foreign[.accuracy] < own[.accuracy] - 0.1, "\(own) and \(foreign)")

            let model = ExtractedModel(
                genome, of: trainer.supernet, values: try trained.finishedWeights(of: genome),
                normalization: .init(mean: [0], deviation: [1]), measured: [:], data: "", kernels: trained.kernels)
            let alone = Evaluator(
                supernet: model.network, task: trainer.task, pool: try WorkerPool(count: 2), kernels: try Kernels())
            #expect(try accuracy(alone, model.weights) == own)
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
