import Datasets
import SearchSpaces
import Supernets
import TestSupport
import Testing

@testable import Tensors
@testable import Training

/// Supernets of experts as they are trained, measured and cut out.
@Suite struct MixtureTrainingTests {
    /// Convolutional networks without kinks, at which there is no slope to compare with.
    static let convolutional = """
        apiVersion: nasd/v1
        kind: SearchSpace
        name: tiny
        family: cnn
        input: {height: 28, width: 28, channels: 1, classes: 10}
        stem: {kernel: 3, stride: 2, width: 8, activation: swish}
        stages:
          - {stride: 2, width: [8, 16], depth: [1, 2], kernel: [3, 5], expand: [2, 3], activation: swish}
        head: {width: 16, activation: swish}

        """

    static let mixtures = [
        "{experts: 2, routing: layer, hidden: 16, dropout: 0.2}",
        "{experts: 3, routing: neuron, encoding: per-layer, hidden: 16}",
    ]

    /// A network cut out of a mixture gives the losses that were measured in it.
    @Test(arguments: mixtures) func collapse(mixture: String) throws {
        let scene = try Scene("optimizer: {rate: 0.003}", mixture: mixture)
        let trainer = try scene.trainer(steps: 10)
        let source = scene.dataset.trainingExamples
        let indices = scene.dataset.split.validation
        let pool = try WorkerPool(count: 2), kernels = try Kernels()
        var random = SeededGenerator(4)
        let genomes = [scene.space.largest, scene.space.smallest, scene.space.randomGenome(using: &random)]
        // Measured together: each has weights of its own.
        let together = try Evaluator(
            supernet: trainer.supernet, task: ClassificationTask(), pool: pool, kernels: kernels
        )
        .examples(genomes, values: trainer.values, on: source, indices: indices)
        for (genome, live) in zip(genomes, together) {
            let model = ExtractedModel(
                genome, of: trainer.supernet, values: trainer.trained.weights(of: genome),
                normalization: .init(mean: [0], deviation: [1]),
                measured: [:], data: "", kernels: kernels)
            #expect(model.description.params == scene.space.cost(of: genome).params)
            let alone = try Evaluator(supernet: model.network, task: ClassificationTask(), pool: pool, kernels: kernels)
                .examples([genome], values: model.weights, on: source, indices: indices)[0]
            for (left, right) in zip(live.losses, alone.losses) { #expect(abs(left - right) < 1e-5) }
        }
    }

    /// Routers that learn give different architectures different weights.
    @Test(arguments: mixtures) func expertsAndRoutersLearn(mixture: String) throws {
        let scene = try Scene("optimizer: {rate: 0.003}", mixture: mixture)
        let trainer = try scene.trainer()
        let begin = Array(trainer.values.values)
        for _ in 0..<10 { _ = try trainer.trainStep() }
        for entry in trainer.supernet.trainedLayout.entries where entry.name.hasPrefix("blocks.0.") {
            let range = entry.offset..<entry.offset + entry.rows * entry.columns
            #expect(Array(trainer.values.values[range]) != Array(begin[range]), "\(entry.name)")
        }
        #expect(trainer.isFinite)
    }

    /// How alike experts have learned is told of every router once they have moved, and telling it changes nothing.
    @Test(arguments: mixtures) func movesOfExperts(mixture: String) throws {
        let scene = try Scene("optimizer: {rate: 0.003}", mixture: mixture)
        let trainer = try scene.trainer(), unasked = try scene.trainer(steps: 10)
        func moves(_ trainer: Trainer, _ steps: Range<Int>) -> [Double] {
            trainer.samplerStatistics(of: steps).filter { $0.name == "expertMoves" }.map(\.value)
        }
        #expect(moves(trainer, 0..<0).isEmpty)
        for step in 0..<10 {
            _ = try trainer.trainStep()
            _ = moves(trainer, step..<step + 1)
        }
        #expect(trainer.bits == unasked.bits)
        let told = moves(trainer, 0..<10), sites = try #require(trainer.supernet.mixture).sites
        #expect(told.count == sites.count && told.allSatisfy { abs($0) <= 1 + 1e-12 })
        #expect(told == moves(unasked, 0..<10))
    }

    /// Routers learn at a rate of their own, everything else at that of the schedule.
    @Test func theRateOfRouters() throws {
        func changes(_ rate: String) throws -> (routers: Float, others: Float) {
            let scene = try Scene(
                "optimizer: {rate: 0.003, weightDecay: 0}",
                mixture: "{experts: 2, encoding: per-layer, hidden: 16, rate: \(rate)}")
            // The first step teaches only the classifier, whose weights begin at 0.
            let trainer = try scene.trainer(steps: 1)
            let begin = Array(trainer.values.values)
            _ = try trainer.trainStep()
            let mixture = try #require(trainer.supernet.mixture)
            var routers: Float = 0, others: Float = 0
            for (index, value) in trainer.values.values.enumerated() {
                let change = abs(value - begin[index])
                if mixture.routerRanges.contains(where: { $0.contains(index) }) {
                    routers = max(routers, change)
                } else {
                    others = max(others, change)
                }
            }
            return (routers, others)
        }
        let plain = try changes("1"), fast = try changes("10"), still = try changes("0")
        #expect(abs(fast.routers / plain.routers - 10) < 0.01 && fast.others == plain.others)
        #expect(plain.routers > 0 && still.routers == 0 && still.others == plain.others)
    }

    /// Pieces cover all weights once, in order, none longer than a worker's item.
    @Test func piecesOfAnUpdate() {
        let plan = UpdatePlan(
            count: 100_000, exceptions: [.init(range: 40..<80, rate: 7), .init(range: 80..<70_000, rate: 7)])
        #expect(plan.pieces.first?.range.lowerBound == 0 && plan.pieces.last?.range.upperBound == 100_000)
        for (left, right) in zip(plan.pieces, plan.pieces.dropFirst()) {
            #expect(left.range.upperBound == right.range.lowerBound)
        }
        #expect(plan.pieces.allSatisfy { !$0.range.isEmpty && $0.range.count <= 1 << 15 })
        let fast = plan.pieces.filter { $0.rate == 7 }
        #expect(fast.first?.range.lowerBound == 40 && fast.last?.range.upperBound == 70_000)
        #expect(plan.pieces.allSatisfy { $0.rate == 7 || $0.rate == 1 })
        let even = UpdatePlan(count: 40_000, exceptions: [])
        #expect(even.pieces.map(\.range) == [0..<32_768, 32_768..<40_000])
    }

    /// What a scene's mixture and masks compute for option weights, and the gradient that a masked pass tells of them.
    private struct Joint {
        let scene: Scene
        let supernet: any MaskableSupernet
        let values: FloatBuffer
        let gradient: FloatBuffer
        let batch: TrainingBatch
        let kernels: Kernels
        let pool: WorkerPool

        init(_ mixture: String, yaml: String? = nil) throws {
            pool = try WorkerPool(count: 2)
            scene = try Scene(mixture: mixture, yaml: yaml.map { $0 + "mixture: \(mixture)\n" })
            supernet = try #require(scene.space.supernet() as? any MaskableSupernet)
            values = FloatBuffer(count: supernet.trainedLayout.floatCount)
            gradient = FloatBuffer(count: values.count)
            kernels = try Kernels()
            batch = TrainingBatch(count: 16, shape: ExampleShape(inputs: 784, labels: 1), backend: kernels)
            supernet.initialize(values, seed: 1, on: kernels)
            var random = SeededGenerator(9)
            // A head of zeros would hide everything before it, small routers what they do.
            for entry in supernet.trainedLayout.entries {
                let isLast = entry.name.hasPrefix("head") || entry.name.hasPrefix("classifier")
                let size: Float = entry.name.contains("router.output") ? 1 : isLast ? 0.3 : 0
                // So would gains of 0 at the end of branches.
                let isGain = entry.role == .gain
                for at in entry.offset..<entry.offset + entry.rows * entry.columns where size > 0 || isGain {
                    values.base[at] =
                        isGain
                        ? Float.random(in: 0.5...1.5, using: &random) : Float.random(in: -size...size, using: &random)
                }
            }
            var source = try scene.dataset.batches(of: 16, seed: 1)
            try batch.fill { try source.fill($0, step: 0) }
        }

        /// The mean loss and the gradient of a pass.
        func run(_ pass: Pass, shards: Int = 2) throws -> (loss: Double, gradient: [Float], options: OptionWeights) {
            let mixture = try #require(supernet.mixture)
            let runner = PassRunner(
                supernet: supernet, task: ClassificationTask(),
                weights: MixtureWeights(
                    mixture, of: supernet, values: values, gradient: gradient, subnets: 2, pool: pool,
                    kernels: kernels),
                batch: batch, shards: shards, isMasked: true, pool: pool, kernels: kernels)
            gradient.values.update(repeating: 0)
            let sums = runner.run(pass)
            return (sums.loss / 16, Array(gradient.values), runner.optionGradient(of: pass.genomes[0]))
        }

        /// The mean loss under option weights.
        func loss(_ weights: OptionWeights) throws -> Double {
            let mixture = try #require(supernet.mixture)
            let room = MixtureRoom(mixture, floats: supernet.layout.floatCount, isTraining: false)
            let (shared, sites) = mixture.parts(of: supernet.slices(of: scene.space.largest))
            for slice in shared { mixture.share(slice, from: values, into: room, with: kernels) }
            let encoding = mixture.encoding.encode(weights)
            for site in sites { mixture.merge(site, encoding: encoding, values: values, into: room, with: kernels) }
            let masks = FloatBuffer(count: supernet.masks.layout.floatCount)
            supernet.fillMasks(masks, from: weights, on: kernels)
            let tape = Tape(
                backend: kernels, arena: Arena(floats: supernet.arenaFloats(batch: 16, for: .maskedTraining)))
            tape.begin(recording: false)
            let logits = supernet.forward(
                batch.inputs(0..<16), masked: ParameterStore(values: masks, gradients: masks),
                with: ParameterStore(values: room.values, gradients: room.values), on: tape)
            return CrossEntropy()(on: kernels, logits: logits.value, labels: batch.labels(0..<16)).loss / 16
        }
    }

    /// A masked pass through merged weights is its slice: loss, and gradients of experts, routers and what is shared.
    @Test(arguments: mixtures, [nil, convolutional]) func aMaskedPassIsItsSlice(mixture: String, yaml: String?) throws {
        let joint = try Joint(mixture, yaml: yaml)
        var random = SeededGenerator(10)
        for genome in [joint.scene.space.smallest]
            + (0..<3).map({ _ in joint.scene.space.randomGenome(using: &random) })
        {
            let masked = try joint.run(Pass(genome: genome, isMasked: true))
            let sliced = try joint.run(Pass(genome: genome))
            #expect(abs(masked.loss - sliced.loss) < 1e-5)
            for (left, right) in zip(masked.gradient, sliced.gradient) {
                #expect(abs(left - right) < 2e-5 * max(1, abs(right)))
            }
        }
    }

    /// Two subnets, each on one half of the batch, and the other way round, add up to both on all of it.
    @Test(arguments: mixtures, [nil, convolutional]) func subnetsOfShardsAddUp(mixture: String, yaml: String?) throws {
        let joint = try Joint(mixture, yaml: yaml)
        let (a, b) = (joint.scene.space.largest, joint.scene.space.smallest)
        let parts = try [[a, b], [b, a]].map { try joint.run(Pass($0)) }
        let wholes = try [a, b].map { try joint.run(Pass(genome: $0)) }
        #expect(abs(parts[0].loss + parts[1].loss - wholes[0].loss - wholes[1].loss) < 1e-5)
        for index in wholes[0].gradient.indices {
            let part = parts[0].gradient[index] + parts[1].gradient[index]
            let whole = wholes[0].gradient[index] + wholes[1].gradient[index]
            #expect(abs(part - whole) < 2e-5 * max(1, abs(whole)))
        }
    }

    /// The gradient that the generator gets, through masks and through routers, against central differences.
    ///
    /// One shard, so that a norm over examples is over the same ones on both sides.
    @Test(arguments: mixtures, [nil, convolutional])
    func differencesThroughMasksAndRouters(mixture: String, yaml: String?) throws {
        let joint = try Joint(mixture, yaml: yaml)
        var random = SeededGenerator(11)
        for genome in [joint.scene.space.largest, joint.scene.space.randomGenome(using: &random)] {
            let found = try joint.run(Pass(genome: genome, isMasked: true), shards: 1).options
            let weights = OptionWeights(genome, of: joint.scene.space.decisions)
            for index in weights.values.indices {
                var (above, below) = (weights, weights)
                above.values[index] += 1.0 / 128
                below.values[index] -= 1.0 / 128
                let slope = (try joint.loss(above) - joint.loss(below)) * 64
                let value = Double(found.values[index])
                #expect(abs(value - slope) < 4e-3 * max(1, abs(slope)), "option \(index): \(value), \(slope)")
            }
        }
    }
}
