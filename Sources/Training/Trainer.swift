public import Datasets
public import SearchSpaces
public import Supernets
public import Tensors

/// Trains a supernet step by step.
///
/// Everything a step does is a function of (weights, moments, step, rate factor, settings): batch, subnets and dropout
/// come from counter-based random numbers, so a trainer that is given the state of a checkpoint goes on as the one that
/// wrote it would have.
public final class Trainer {
    /// The network.
    public let supernet: any Supernet
    /// The trained parameters.
    public let values: FloatBuffer
    /// The optimiser with its moments.
    public let optimizer: any Optimizer
    /// Steps done.
    public internal(set) var step = 0
    /// Factor of the learning rate, lowered when training had diverged.
    public var rateFactor = 1.0

    let settings: TrainSettings
    private let sampler: any SubnetSampler
    private let rate: LearningRate
    private let pool: WorkerPool
    private let kernels: Kernels
    private let gradient: FloatBuffer
    private let batch: TrainingBatch
    private let runner: PassRunner
    private let dropout: CounterRandom
    private var source: BatchSource
    private let seed: UInt64

    /// Floats that one item of the update covers; a multiple of the widest vector.
    private static let updateChunk = 1 << 15

    /// Makes room for training and fills in initial weights.
    public init(
        supernet: any Supernet, settings: TrainSettings, source: BatchSource, seed: UInt64, pool: WorkerPool,
        kernels: Kernels
    ) {
        self.supernet = supernet
        self.settings = settings
        self.source = source
        self.seed = seed
        self.pool = pool
        self.kernels = kernels
        let count = supernet.layout.floatCount
        values = FloatBuffer(count: count)
        gradient = FloatBuffer(count: count)
        optimizer =
            switch settings.optimizer.name {
            case .adamw: AdamW(count: count, decay: Float(settings.optimizer.weightDecay))
            case .sgd:
                SGD(
                    count: count, momentum: Float(settings.optimizer.momentum),
                    decay: Float(settings.optimizer.weightDecay))
            }
        rate = LearningRate(
            peak: settings.optimizer.rate, warmup: settings.optimizer.warmup, steps: settings.steps,
            course: settings.optimizer.schedule == .cosine ? .cosine : .constant)
        sampler =
            switch settings.sampler {
            case .uniform: UniformSampler(space: supernet.space, seed: seed)
            case .sandwich(let random): SandwichSampler(space: supernet.space, seed: seed, random: random)
            }
        batch = TrainingBatch(count: source.batch, exampleSize: source.images.imageSize)
        runner = PassRunner(
            supernet: supernet, weights: SharedWeights(values: values, gradient: gradient), batch: batch,
            shards: settings.shards, pool: pool, kernels: kernels)
        dropout = CounterRandom(seed: seed, stream: .dropout)
        restart()
    }

    /// Goes back to step 0: initial weights and moments of 0; the rate factor stays.
    public func restart() {
        supernet.initialize(values, seed: seed)
        for moment in optimizer.moments { moment.values.values.update(repeating: 0) }
        gradient.values.update(repeating: 0)
        step = 0
    }

    /// The passes of a step: what is sampled, with the losses that the settings ask for.
    public func passes(of step: Int) -> [Pass] {
        let genomes = sampler.genomes(step: step)
        let smoothing = Float(settings.labelSmoothing)
        let plain = CrossEntropy(smoothing: smoothing)
        guard let distillation = settings.distillation, genomes.first == supernet.space.largest,
            Double(step) >= distillation.start * Double(settings.steps), distillation.weight > 0
        else { return genomes.map { Pass(genome: $0, loss: plain) } }
        let taught = CrossEntropy(
            smoothing: smoothing, softWeight: Float(distillation.weight),
            temperature: Float(distillation.temperature))
        return genomes.enumerated().map { index, genome in
            Pass(genome: genome, loss: index == 0 ? plain : taught, isTeacher: index == 0)
        }
    }

    /// Does the next step.
    public func trainStep() throws -> StepResult {
        try fillBatch(step: step)
        return train(passes(of: step))
    }

    /// Does a step with the given passes over the batch as it is.
    public func train(_ passes: [Pass]) -> StepResult {
        var losses: [Double] = []
        losses.reserveCapacity(passes.count)
        var correct = 0
        for (index, pass) in passes.enumerated() {
            let sums = runner.run(pass, dropout: dropout(ofPass: index))
            losses.append(sums.loss / Double(batch.count))
            if index == 0 { correct = sums.correct }
        }
        let norm = settings.optimizer.clip == nil ? nil : gradientNorm()
        var scale: Float = 1
        if let norm, let clip = settings.optimizer.clip, norm > clip { scale = Float(clip / norm) }
        update(gradientScale: scale)
        step += 1
        return StepResult(losses: losses, accuracy: Double(correct) / Double(batch.count), gradientNorm: norm)
    }

    /// Puts the examples of a step into the batch that `train` uses.
    public func fillBatch(step: Int) throws {
        try source.fillTraining(step: UInt64(step), pixels: batch.inputs.values, labels: batch.labels)
    }

    private func dropout(ofPass pass: Int) -> ((Int) -> Dropout)? {
        guard settings.dropout > 0 else { return nil }
        let rate = Float(settings.dropout), random = dropout, step = UInt64(step)
        return { Dropout(rate: rate, random: random, step: step, pass: pass, firstExample: $0) }
    }

    private func chunk(_ item: Int) -> Range<Int> {
        item * Self.updateChunk..<min((item + 1) * Self.updateChunk, values.count)
    }

    private var chunkCount: Int { (values.count + Self.updateChunk - 1) / Self.updateChunk }

    private func gradientNorm() -> Double {
        // Chunk by chunk in order: the same sum for any number of workers.
        (0..<chunkCount).reduce(0.0) { $0 + kernels.sumOfSquares(UnsafeBufferPointer(gradient[chunk($1)])) }
            .squareRoot()
    }

    /// Updates the weights and leaves a gradient of 0 behind.
    private func update(gradientScale: Float) {
        let rate = Float(self.rate.rate(at: step) * rateFactor)
        pool.run(chunkCount) { _, item in
            let range = chunk(item)
            optimizer.update(
                range, of: values, by: gradient, step: step + 1, rate: rate, gradientScale: gradientScale,
                with: kernels)
            gradient[range].update(repeating: 0)
        }
    }
}
