public import Datasets
public import Runs
public import SearchSpaces
public import Supernets
public import Tensors

/// Trains a supernet step by step.
///
/// Everything a step does is a function of (weights, moments, step, rate factor, sampler's state, settings): batch, subnets
/// and dropout come from counter-based random numbers, so a trainer that is given the state of a checkpoint goes on as the
/// one that wrote it would have.
public final class Trainer {
    /// The network.
    public let supernet: any Supernet
    /// The trained parameters.
    public let values: FloatBuffer
    /// The optimiser with its moments.
    public let optimizer: any Optimizer
    /// Steps done.
    public internal(set) var step = 0
    /// Multiply-adds executed so far: every pass, and what the sampler measured, as ``WorkCount`` counts them; nil after a
    /// checkpoint of an earlier version, which did not count.
    public var multiplyAdds: Int? = 0
    /// Factor of the learning rate, lowered when training had diverged.
    public var rateFactor = 1.0

    /// What decides which subnets are trained.
    public let sampler: any SubnetSampler
    /// What is learned.
    public let task: any LearningTask

    let settings: TrainSettings
    /// Training examples that the sampler learns from, which are not trained on.
    let heldOut: [Int32]
    private(set) var source: TrainingBatches
    private let rate: LearningRate
    private let pool: WorkerPool
    /// Who computes.
    public let kernels: any Backend
    private let gradient: FloatBuffer
    private let batch: TrainingBatch
    private let runner: PassRunner
    private let dropout: CounterRandom
    /// What the parameters are before the first step, where they are not drawn.
    private let start: FloatBuffer?
    /// Measures for the sampler that learns.
    private let evaluator: Evaluator?
    /// The weights at the last update of the sampler, for the estimator that asks for them.
    let rememberedValues: FloatBuffer?
    private let seed: UInt64
    private let calibration: CalibrationExtent
    private let plan: UpdatePlan
    private let stepPlan: StepPlan
    private let work: WorkCount

    /// Makes room for training and fills in initial weights.
    ///
    /// - Parameters:
    ///   - heldOut: Examples of the source that a sampler which learns measures on.
    ///   - start: The weights that it begins with; nil for drawn ones.
    ///   - calibration: On how many examples norms of its subnets are measured.
    /// - Throws: `TrainingError.noSampler` for a sampler that this program does not have, and what is wrong with the weights.
    public init(
        supernet: any Supernet, task: any LearningTask, settings: TrainSettings, source: TrainingBatches,
        heldOut: [Int32] = [], seed: UInt64, start: StartWeights? = nil,
        calibration: CalibrationExtent = .usual, pool: WorkerPool, kernels: any Backend
    ) throws {
        self.supernet = supernet
        self.task = task
        self.settings = settings
        self.source = source
        self.heldOut = heldOut
        self.calibration = calibration
        self.seed = seed
        self.pool = pool
        self.kernels = kernels
        let count = supernet.trainedLayout.floatCount
        values = FloatBuffer(count: count)
        gradient = FloatBuffer(count: count)
        plan = UpdatePlan(supernet)
        optimizer =
            switch settings.optimizer.name {
            case .adamw: AdamW(count: count, decay: Float(settings.optimizer.weightDecay))
            case .sgd:
                SGD(
                    count: count, momentum: Float(settings.optimizer.momentum),
                    decay: Float(settings.optimizer.weightDecay), isNesterov: settings.optimizer.isNesterov)
            }
        rate = LearningRate(
            peak: settings.optimizer.rate, warmup: settings.optimizer.warmup, steps: settings.steps,
            course: settings.optimizer.schedule == .cosine ? .cosine : .constant)
        let choice = settings.sampler.settings
        precondition(
            choice.heldOutSamples == 0 || !heldOut.isEmpty, "a sampler that learns has examples to learn from")
        sampler = try settings.sampler.sampler(
            in: supernet.space, steps: settings.steps, shards: settings.shards, seed: seed, kernels: kernels)
        evaluator =
            choice.heldOutSamples > 0
            ? Evaluator(supernet: supernet, task: task, statistics: .chunks, pool: pool, kernels: kernels) : nil
        rememberedValues = choice.keepsWeights ? FloatBuffer(count: count) : nil
        stepPlan = StepPlan(supernet: supernet, settings: settings, sampler: sampler, steps: settings.steps)
        work = WorkCount(
            supernet, batch: source.batch, shards: settings.shards, isMasked: choice.hasMaskedPasses)
        batch = TrainingBatch(count: source.batch, shape: source.examples.shape, backend: kernels)
        runner = PassRunner(
            supernet: supernet, task: task,
            weights: supernet.weights(
                values, gradient: gradient, subnets: choice.subnets(ofShards: settings.shards), pool: pool,
                kernels: kernels), batch: batch,
            shards: settings.shards, isMasked: choice.hasMaskedPasses, pool: pool, kernels: kernels)
        dropout = CounterRandom(seed: seed, stream: .dropout)
        if let start {
            let values = FloatBuffer(count: count)
            supernet.initialize(values, seed: seed, on: kernels)
            try start.copy(to: values, of: supernet, on: kernels)
            self.start = values
        } else {
            self.start = nil
        }
        restart()
    }

    /// The network with its parameters, which go on changing with every step.
    public private(set) lazy var trained = TrainedWeights(
        supernet: supernet, task: task, values: values,
        calibration: Calibration(examples: source.examples, trained: source.trained, extent: calibration),
        pool: pool, kernels: kernels)

    /// Goes back to step 0: initial or given weights and moments of 0; the rate factor stays.
    public func restart() {
        fillWithInitial(values)
        for buffer in optimizer.moments.map(\.values) + [gradient] + [rememberedValues].compactMap({ $0 }) {
            kernels.fill(buffer.whole, with: 0)
        }
        sampler.restart()
        step = 0
        multiplyAdds = 0
    }

    /// Fills in what the parameters are before the first step.
    private func fillWithInitial(_ values: FloatBuffer) {
        if let start {
            kernels.copy(start.whole, to: values.whole)
        } else {
            supernet.initialize(values, seed: seed, on: kernels)
        }
    }

    /// The passes of a step: what is sampled, with the losses that the settings ask for.
    ///
    /// For a sampler that learns, of the next step.
    public func passes(of step: Int) -> [Pass] { stepPlan.passes(of: step) }

    /// Multiply-adds that passes over a batch execute.
    public func multiplyAdds(of passes: [Pass]) -> Int { work.multiplyAdds(of: passes) }

    /// Does the next step, and what the sampler learns after it.
    ///
    /// - Throws: `DatasetError` when an index is not of the set.
    public func trainStep() throws -> StepResult { try trainStep(passes(of: step)) }

    /// Does the next step, whose passes somebody has asked for already, and what the sampler learns after it.
    ///
    /// - Throws: `DatasetError` when an index is not of the set.
    public func trainStep(_ passes: [Pass]) throws -> StepResult {
        if sampler.sortsChannels(before: step) { sortChannels() }
        try fillBatch(step: step)
        for genome in passes.last?.genomes ?? [] { sampler.note(genome, step: step) }
        let result = train(passes)
        try updateSampler()
        return result
    }

    /// Puts the channels that matter most first, with what the optimiser knows of them.
    private func sortChannels() {
        guard let supernet = supernet as? any SortableSupernet, supernet.mixture == nil else { return }
        supernet.sortChannels(of: values, with: optimizer.moments.map(\.values), on: kernels)
    }

    /// Does the next step with one subnet alone, whatever the sampler would draw.
    ///
    /// - Parameter teacher: Who teaches it, as much as the settings say; nil for nobody.
    /// - Throws: `DatasetError` when an index is not of the set.
    public func trainStep(as genome: Genome, taughtBy teacher: Teacher? = nil) throws -> StepResult {
        try fillBatch(step: step)
        var teaching = Teaching(smoothing: Float(settings.labelSmoothing))
        if let teacher, let distillation = settings.distillation, distillation.weight > 0 {
            runner.learn(from: teacher)
            teaching = Teaching(
                smoothing: teaching.smoothing, softWeight: Float(distillation.weight),
                temperature: Float(distillation.temperature))
        }
        return train([Pass(genome: genome, teaching: teaching)])
    }

    /// Measures for the sampler and moves its probabilities, where that is due after so many steps.
    ///
    /// - Throws: `DatasetError` when an index is not of the set.
    public func updateSampler() throws {
        guard let evaluator, sampler.isUpdateDue(step) else { return }
        let samples = settings.sampler.settings.heldOutSamples
        try sampler.update(step: step, probe: HeldOutProbe(trainer: self, evaluator: evaluator, samples: samples))
    }

    /// Does a step with the given passes over the batch as it is.
    public func train(_ passes: [Pass]) -> StepResult {
        var losses: [Double] = []
        losses.reserveCapacity(passes.count)
        for (index, pass) in passes.enumerated() {
            let tally = runner.run(pass, routing: routerDropout(ofPass: index), dropout: dropout(ofPass: index))
            count(work.multiplyAdds(of: pass))
            if pass.isMasked { sampler.learn(step: step, options: runner.optionGradient(of: pass.genomes[0])) }
            if pass.genomes.count > 1 {
                sampler.learn(step: step, genomes: pass.genomes, losses: runner.shardLosses)
            }
            if !pass.isForward { losses.append(tally.loss / Double(batch.count)) }
        }
        let norm = settings.optimizer.clip == nil ? nil : gradientNorm()
        var scale: Float = 1
        if let norm, let clip = settings.optimizer.clip, norm > clip { scale = Float(clip / norm) }
        let rate = learningRate(ofStep: step + 1)
        update(rate: Float(rate), gradientScale: scale)
        step += 1
        return StepResult(
            losses: losses, gradientNorm: norm, learningRate: rate)
    }

    /// The learning rate that a step has with the rate factor as it is.
    ///
    /// - Parameter step: The step's number, from 1.
    public func learningRate(ofStep step: Int) -> Double { rate.rate(at: step - 1) * rateFactor }

    /// What the sampler did in some steps that were just done: how often it drew each bin of cost, and what it learned;
    /// and what routers make of architectures, and experts have learned.
    ///
    /// A function of the steps and the trainer's state alone, so that it is told the same after a replay.
    public func samplerStatistics(of steps: Range<Int>) -> [SamplerStatistic] {
        let own = sampler.statistics(of: steps)
        guard let mixture = supernet.mixture else { return own }
        let routers = RouterStatistics(mixture: mixture, supernet: supernet, kernels: kernels)
        // Those of an earlier version, which counted nothing, began with other values.
        guard multiplyAdds != nil else { return own + routers.statistics(step: steps.upperBound, values: values) }
        // Between steps the gradient is 0, and room for what the experts began with.
        fillWithInitial(gradient)
        defer { kernels.fill(gradient.whole, with: 0) }
        return own + routers.statistics(step: steps.upperBound, values: values, initial: gradient)
    }

    /// The gradients of the held-out loss of a genome by its option weights, with the weights as they are and with those
    /// that were remembered.
    func heldOutGradients(_ genome: Genome, indices: [Int32]) throws -> (now: OptionWeights, before: OptionWeights) {
        try batch.fill { try source.examples.fill($0, with: indices[...]) }
        func gradients(_ values: FloatBuffer) -> OptionWeights {
            let pass = Pass(genome: genome, isMasked: true)
            count(work.multiplyAdds(of: pass))
            _ = runner.run(
                pass, with: supernet.weights(values, gradient: gradient, pool: pool, kernels: kernels))
            // Held-out examples teach no weight.
            kernels.fill(gradient.whole, with: 0)
            return runner.optionGradient(of: genome)
        }
        let now = gradients(values)
        return (now, rememberedValues.map(gradients) ?? now)
    }

    /// Counts subnets that were measured for the sampler on so many examples.
    func countMeasured(_ genomes: [Genome], examples: Int) {
        count(work.multiplyAdds(measuring: genomes, examples: examples))
    }

    private func count(_ executed: Int) { multiplyAdds = multiplyAdds.map { $0.plus(executed) } }

    func rememberWeights() {
        if let rememberedValues { kernels.copy(values.whole, to: rememberedValues.whole) }
    }

    /// Puts the examples of a step into the batch that `train` uses.
    public func fillBatch(step: Int) throws {
        try batch.fill { try source.fill($0, step: UInt64(step)) }
    }

    /// What routers drop in a pass; passes of the network's own dropout are numbered below.
    private func routerDropout(ofPass pass: Int) -> Dropout? {
        guard let rate = supernet.mixture?.settings.dropout, rate > 0 else { return nil }
        return Dropout(
            rate: Float(rate), random: dropout, step: UInt64(step), pass: pass + (1 << 15), firstExample: 0)
    }

    private func dropout(ofPass pass: Int) -> ((Int) -> Dropout)? {
        guard settings.dropout > 0 else { return nil }
        let rate = Float(settings.dropout), random = dropout, step = UInt64(step)
        return { Dropout(rate: rate, random: random, step: step, pass: pass, firstExample: $0) }
    }

    private func gradientNorm() -> Double {
        // Piece by piece in order: the same sum for any number of workers.
        plan.pieces.reduce(0.0) { $0 + kernels.sumOfSquares(gradient[$1.range]) }.squareRoot()
    }

    /// Updates the weights and leaves a gradient of 0 behind.
    private func update(rate: Float, gradientScale: Float) {
        pool.run(plan.pieces.count) { _, item in
            let piece = plan.pieces[item]
            optimizer.update(
                piece.range, of: values, by: gradient, step: step + 1, rate: rate * piece.rate,
                isDecayed: piece.isDecayed, gradientScale: gradientScale, with: kernels)
            kernels.fill(gradient[piece.range], with: 0)
        }
    }
}
