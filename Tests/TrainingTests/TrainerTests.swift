import Datasets
import SearchSpaces
import Supernets
import TestSupport
import Testing

@testable import Tensors
@testable import Training

@Suite struct TrainerTests {
    /// The bits do not depend on the number of workers; they do on the seed.
    @Test(arguments: [
        "", "dropout: 0.1, optimizer: {clip: 1}", "sampler: {kind: uniform}, optimizer: {name: sgd}",
        "sampler: {kind: shift, bins: 3, warm: 1, period: 2, joint: 2, window: 2}, dropout: 0.1",
        "sampler: {kind: multi}",
        "sampler: {kind: multi, draw: bins, ends: true}, dropout: 0.1, distillation: {weight: 0.5}",
        "sampler: {kind: shift, estimator: literal, warm: 1, period: 2, joint: 2}",
        "sampler: {kind: shift, generator: table, warm: 1, period: 2, window: 2}, distillation: {weight: 0.5}",
    ])
    func sameBitsForAnyNumberOfWorkers(train: String) throws { try expectSameBits(Scene(train, sampler: 60)) }

    /// The estimator `progress` goes by eight windows at least, so by more steps.
    @Test(arguments: ["lstm", "table"])
    func sameBitsOfProgress(generator: String) throws {
        let scene = try Scene(
            "sampler: {kind: shift, estimator: progress, generator: \(generator), bins: 3, warm: 0, period: 1}",
            sampler: 60)
        let one = try scene.trainer(workers: 1, steps: 12), other = try scene.trainer(workers: 3, steps: 12)
        #expect(one.bits == other.bits && one.sampler.state == other.sampler.state)
        let shift = try #require(one.sampler as? ShiftSampler)
        #expect(shift.learned.distribution.updates == 4 && shift.learned.progress?.windows.count == 11)
    }

    @Test(arguments: MixtureTrainingTests.mixtures)
    func sameBitsWithExperts(mixture: String) throws {
        try expectSameBits(Scene(mixture: mixture))
        try expectSameBits(Scene("sampler: {kind: multi}", mixture: mixture))
        try expectSameBits(
            Scene(
                "sampler: {kind: shift, bins: 3, warm: 1, period: 2, joint: 2, window: 2}", mixture: mixture,
                sampler: 60))
    }

    private func expectSameBits(_ scene: Scene) throws {
        let one = try scene.trainer(workers: 1, steps: 6)
        let others = try [2, 3].map { try scene.trainer(workers: $0, steps: 6) }
        #expect(others.allSatisfy { $0.bits == one.bits && $0.sampler.state == one.sampler.state })
        let learned = one.sampler.tensors.map { Array($0.values.values) }
        #expect(others.allSatisfy { $0.sampler.tensors.map { Array($0.values.values) } == learned })
        #expect(try scene.trainer(workers: 1, steps: 5).bits != one.bits)
        if let shift = one.sampler as? ShiftSampler {
            #expect(shift.probabilities != [Double](repeating: 1 / Double(shift.bins.count), count: shift.bins.count))
        }
    }

    /// Over and over the same batch: it is learned by heart.
    @Test func trainingLearns() throws {
        let scene = try Scene("optimizer: {rate: 0.01, schedule: constant}, sampler: {kind: sandwich, random: 1}")
        let trainer = try scene.trainer()
        var losses: [Double] = []
        try trainer.fillBatch(step: 0)
        for step in 0..<80 {
            let result = trainer.train(trainer.passes(of: step))
            #expect(result.isFinite && result.losses.count == 3)
            losses.append(result.loss)
        }
        #expect(abs(losses[0] - 2.302585) < 1e-4, "a head of zeros knows nothing")
        #expect(losses.suffix(5).reduce(0, +) / 5 < 0.5)
    }

    /// One pass's gradient is that of the mean loss over the batch, whatever the shards.
    @Test func shardsAddUpToTheBatch() throws {
        var gradients: [[Float]] = []
        for shards in [1, 4, 16] {
            let scene = try Scene()
            let supernet = scene.space.supernet()
            let values = FloatBuffer(count: supernet.layout.floatCount)
            let gradient = FloatBuffer(count: values.count)
            supernet.initialize(values, seed: 1, on: try Kernels())
            for index in 0..<values.count where values.base[index] == 0 { values.base[index] = 0.1 }
            let batch = TrainingBatch(count: 16, shape: ExampleShape(inputs: 784, labels: 1), backend: try Kernels())
            var source = try scene.dataset.batches(of: 16, seed: 1)
            try batch.fill { try source.fill($0, step: 0) }
            let runner = PassRunner(
                supernet: supernet, task: ClassificationTask(),
                weights: SharedWeights(values: values, gradient: gradient), batch: batch,
                shards: shards, pool: try WorkerPool(count: 2), kernels: try Kernels())
            let sums = runner.run(Pass(genome: scene.space.largest))
            #expect(sums.examples == 16 && sums.loss > 0 && sums.sums.isEmpty)
            gradients.append(Array(gradient.values))
        }
        for other in gradients.dropFirst() {
            #expect(zip(gradients[0], other).allSatisfy { abs($0 - $1) < 1e-5 * max(1, abs($0)) })
        }
    }

    @Test func distillationStartsWhereItIsTold() throws {
        let scene = try Scene("distillation: {teacher: largest, start: 0.5, weight: 0.25, temperature: 2}")
        let trainer = try scene.trainer()
        #expect(trainer.passes(of: 19).allSatisfy { !$0.isTeacher && $0.teaching.softWeight == 0 })
        let late = trainer.passes(of: 20)
        #expect(late[0].isTeacher && late[0].teaching.softWeight == 0 && late[0].genomes == [scene.space.largest])
        #expect(
            late.dropFirst().allSatisfy {
                !$0.isTeacher && $0.teaching.softWeight == 0.25 && $0.teaching.temperature == 2
            })
    }

    @Test func clippingBoundsTheGradient() throws {
        let scene = try Scene(
            "optimizer: {name: sgd, rate: 1, momentum: 0, weightDecay: 0, warmup: 0, schedule: constant, clip: 0.001}")
        let trainer = try scene.trainer()
        let before = Array(trainer.values.values)
        let result = try trainer.trainStep()
        #expect(try #require(result.gradientNorm) > 0.001)
        let moved = zip(before, trainer.values.values).map { Double($0 - $1) * Double($0 - $1) }.reduce(0, +)
            .squareRoot()
        #expect(abs(moved - 0.001) < 1e-5)
    }

    @Test func divergenceIsSeen() throws {
        let scene = try Scene(
            "optimizer: {name: sgd, rate: 1000, momentum: 0.9, weightDecay: 1000, schedule: constant}")
        let trainer = try scene.trainer()
        var finite = true
        for _ in 0..<40 where finite { finite = try trainer.trainStep().isFinite }
        #expect(!finite && !trainer.isFinite)
    }
}
