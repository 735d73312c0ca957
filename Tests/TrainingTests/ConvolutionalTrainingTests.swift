import Datasets
import Runs
import SearchSpaces
import Supernets
import Synchronization
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
        [
            TinyConvolutionalSpace.yaml, TinyResidualSpace.yaml,
            TinyConvolutionalSpace.yaml + "kernelTransforms: true\n",
            TinyConvolutionalSpace.elastic,
        ])
    func bitsDoNotDependOnWorkers(settings: String, yaml: String) throws {
        let scene = try Self.scene(settings, yaml: yaml)
        let bits = try (1...3).map { try scene.trainer(workers: $0, steps: 6).bits }
        #expect(bits[0] == bits[1] && bits[1] == bits[2])
    }

    /// Measured twice, with others, and on any number of workers: the same figures.
    @Test(arguments: [TinyConvolutionalSpace.yaml, TinyResidualSpace.yaml, TinyConvolutionalSpace.elastic])
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

    /// Who was measured on these weights is not measured again, whoever evaluates by the same calibration; on other weights, and for
    /// others, everything is. What comes out is that of a measurement from the beginning.
    @Test func statisticsAreMeasuredOnce() throws {
        let scene = try Self.scene(), trainer = try scene.trainer(steps: 3)
        let examples = CountedExamples(trainer.source.examples)
        let calibration = Calibration(
            examples: examples, trained: trainer.source.trained, extent: CalibrationExtent(search: 64, finalists: 96))
        let (source, indices) = (scene.dataset.trainingExamples, scene.dataset.split.validation)
        func measure(_ genomes: [Genome], for use: Calibration.Use = .search, workers: Int = 2) throws -> [Evaluation] {
            let weights = TrainedWeights(
                supernet: trainer.supernet, task: trainer.task, values: trainer.values, calibration: calibration,
                pool: try WorkerPool(count: workers), kernels: try Kernels())
            return try #require(
                try weights.evaluator().measure(
                    genomes, values: trainer.values, on: source, indices: indices, for: use))
        }
        var random = SeededGenerator(6)
        let genomes = (0..<6).map { _ in scene.space.randomGenome(using: &random) } + [scene.space.smallest]
        let first = try measure(Array(genomes.prefix(4)))
        #expect(examples.asked == 64)
        #expect(try measure(Array(genomes.prefix(4).reversed()), workers: 3) == first.reversed())
        #expect(examples.asked == 64)
        // Some known, others not.
        let all = try measure(genomes)
        #expect(examples.asked == 128 && Array(all.prefix(4)) == first)
        // A stop leaves nothing behind.
        let stopped = try TrainedWeights(
            supernet: trainer.supernet, task: trainer.task, values: trainer.values, calibration: calibration,
            pool: try WorkerPool(count: 2), kernels: try Kernels()
        ).evaluator().measure(
            [scene.space.largest], values: trainer.values, on: source, indices: indices, shouldStop: { true })
        #expect(stopped == nil)
        #expect(try measure([scene.space.largest]) == (try Self.fresh(trainer, [scene.space.largest], source, indices)))
        #expect(try measure(genomes, for: .finalists) != all)
        let before = examples.asked
        _ = try trainer.trainStep()
        let later = try measure(genomes)
        #expect(later != all && examples.asked == before + 64)
        #expect(later == (try Self.fresh(trainer, genomes, source, indices)))
    }

    /// Measured from the beginning, on as many examples.
    private static func fresh(
        _ trainer: Trainer, _ genomes: [Genome], _ source: any Examples, _ indices: [Int32]
    ) throws -> [Evaluation] {
        try #require(
            try TrainedWeights(
                supernet: trainer.supernet, task: trainer.task, values: trainer.values,
                calibration: Calibration(
                    examples: trainer.source.examples, trained: trainer.source.trained,
                    extent: CalibrationExtent(search: 64, finalists: 96)),
                pool: try WorkerPool(count: 2), kernels: try Kernels()
            ).evaluator().measure(genomes, values: trainer.values, on: source, indices: indices))
    }

    /// The oldest go where there is no more room.
    @Test func knownStatisticsHaveBounds() throws {
        let space = try Self.scene().space, known = KnownStatistics(most: 10)
        var random = SeededGenerator(1)
        let keys = (0..<4).map { _ in
            KnownStatistics.Key(weights: StableHash(), use: .search, genome: space.randomGenome(using: &random))
        }
        for (index, key) in keys.prefix(3).enumerated() {
            known.note([Float](repeating: Float(index), count: 4), of: key)
        }
        #expect(known.values(of: keys).map { $0?.first } == [nil, 1, 2, nil])
        known.note([Float](repeating: 3, count: 11), of: keys[3])
        #expect(known.values(of: keys).map { $0?.first } == [nil, 1, 2, nil])
        known.note([5], of: keys[1])
        #expect(known.values(of: keys).map { $0?.first } == [nil, 1, 2, nil])
        known.note([6, 6, 6], of: keys[3])
        #expect(known.values(of: keys).map { $0?.first } == [nil, nil, 2, 6])
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
    @Test(arguments: [TinyConvolutionalSpace.yaml, TinyResidualSpace.yaml, TinyConvolutionalSpace.elastic])
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
            #expect(own[.loss] < borrowed[.loss] / 1.5, "\(own) and \(borrowed)")

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

/// Examples that count how many were asked for.
private final class CountedExamples: Examples {
    private let examples: any Examples
    private let counter = Mutex(0)

    init(_ examples: any Examples) { self.examples = examples }

    var count: Int { examples.count }
    var shape: ExampleShape { examples.shape }
    /// Those that were asked for.
    var asked: Int { counter.withLock { $0 } }

    func fill(_ batch: ExampleBatch, with indices: ArraySlice<Int32>, changes: ExampleChanges?) throws(DatasetError) {
        counter.withLock { $0 += indices.count }
        try examples.fill(batch, with: indices, changes: changes)
    }
}
