internal import Foundation
internal import Logging
internal import Runs
internal import SearchSpaces
internal import Store
internal import Tensors
internal import Training

/// The training of a supernet that a worker has: this program draws what each step trains and learns from what it brings, the worker
/// executes it and keeps its own state.
///
/// Some steps are asked at once, as many as are drawn whatever they bring; that changes nothing of what is drawn.
final class WorkerTrainer: RunTrainer {
    /// Steps of a request at most, and the subnets of all of them.
    private static let mostSteps = 256, mostGenomes = 1 << 13
    /// How long a request is to take: what a stop waits for.
    private static let requestSeconds = 0.5...2.0
    private static let saveTries = 3
    /// How long a stop waits for a save.
    private static let savingSeconds = 30

    private struct Trained {
        let passes: [DrawnPass]
        let losses: [Double]
        let rate: Double
        let seconds: Double
    }

    /// Thrown through a sampler that measures, when the run is told to stop.
    private struct Stopped: Error {}

    private(set) var sampler: any SubnetSampler
    private(set) var step = 0
    var rateFactor = 1.0
    private(set) var lastSeconds: Double?
    private let settings: WorkerTraining
    private let inputs: RunInputs
    private let metrics: RunMetrics
    private let means: WorkerMeans
    private let control: RunControl
    private let states: KeptStates
    private let kernels: Kernels
    private var passes: DrawnPasses
    /// Steps that the worker has done and nobody was told yet.
    private var ahead: [Trained] = []
    /// Steps that the next request asks for.
    private var span = 1
    /// What the last checkpoint has of the worker.
    private var kept = HeldState(step: 0, name: nil)
    private var remark = ""

    init(_ settings: WorkerTraining, _ context: RunContext, _ means: WorkerMeans) throws {
        self.settings = settings
        self.means = means
        inputs = context.inputs
        metrics = context.metrics
        control = context.control
        states = KeptStates(context.run, in: context.store.directory)
        kernels = context.kernels
        sampler = try Self.sampler(settings, inputs, kernels)
        passes = DrawnPasses(sampler, settings.distillation, steps: settings.steps)
        restart()
    }

    private static func sampler(
        _ settings: WorkerTraining, _ inputs: RunInputs, _ kernels: Kernels, measured: ((Genome) -> Double?)? = nil
    ) throws(TrainingError) -> any SubnetSampler {
        try settings.sampler.sampler(
            in: inputs.space, steps: settings.steps, shards: settings.shards, seed: UInt64(inputs.specification.seed),
            kernels: kernels, measured: measured)
    }

    /// Has the worker measure what the sampler's bins are of, where nobody else knows it.
    func prepare() throws -> Bool {
        guard let wanted = settings.sampler.settings.measured(in: inputs.space) else { return true }
        let costs = MeasuredCosts(inputs: inputs, metrics: metrics, means: means)
        let values = try costs.values(of: wanted.metric, count: wanted.count, shouldStop: shouldStop)
        guard let values else { return false }
        sampler = try Self.sampler(settings, inputs, kernels, measured: values)
        passes = DrawnPasses(sampler, settings.distillation, steps: settings.steps)
        return true
    }

    var isRepeatable: Bool { false }
    var isWhole: Bool { ahead.isEmpty }

    private var seed: Int { inputs.specification.seed }
    private var shouldStop: () -> Bool { { [control] in control.isAsked } }
    private var pool: SlotPool { get throws { try means.pool(of: inputs, metrics) } }

    func learningRate(ofStep step: Int) -> Double { 0 }

    // MARK: Steps

    func nextStep(until milestone: Int) throws -> StepResult? {
        if ahead.isEmpty, try !trainAhead(until: milestone) { return nil }
        let trained = ahead.removeFirst()
        for genome in trained.passes.last?.genomes ?? [] { sampler.note(genome, step: step) }
        step += 1
        lastSeconds = trained.seconds
        let result = StepResult(losses: trained.losses, gradientNorm: nil, learningRate: trained.rate)
        // What diverged is not measured: training goes back.
        guard result.isFinite, sampler.isUpdateDue(step) else { return result }
        do {
            try sampler.update(step: step, probe: self)
        } catch is Stopped {
            return nil
        }
        return result
    }

    /// Has the worker train the next steps, up to one before which nothing is to be learned and nothing kept; false when told to stop.
    private func trainAhead(until milestone: Int) throws -> Bool {
        let pool = try pool
        if !pool.hasTrained(step) {
            guard step == kept.step else { throw TrainingSetback("the worker that trained has lost its weights") }
            guard try pool.load(kept, shouldStop: shouldStop) else { return false }
        }
        var steps: [[DrawnPass]] = [], genomes = 0
        while steps.count < min(span, milestone - step) {
            let drawn = passes.passes(of: step + steps.count)
            genomes += drawn.reduce(0) { $0 + $1.genomes.count }
            if !steps.isEmpty, genomes > Self.mostGenomes { break }
            steps.append(drawn)
            if sampler.isUpdateDue(step + steps.count) { break }
        }
        let begin = SuspendingClock.Instant.now
        let answer = try pool.answer(
            to: WorkerMessage.train(
                steps, from: step, settings, seed: seed, rateFactor: rateFactor, in: inputs.space),
            at: step, leaving: .trained(step: step + steps.count), shouldStop: shouldStop)
        guard let answer else { return false }
        let told = try TrainedSteps(answer, of: steps)
        let seconds = begin.duration(to: .now) / .seconds(1)
        remark = told.remark
        ahead = steps.indices.map {
            Trained(
                passes: steps[$0], losses: told.losses[$0], rate: told.rates[$0], seconds: seconds / Double(steps.count)
            )
        }
        if seconds < Self.requestSeconds.lowerBound { span = min(2 * span, Self.mostSteps) }
        if seconds > Self.requestSeconds.upperBound { span = max(1, span / 2) }
        return true
    }

    func samplerStatistics(of steps: Range<Int>) -> [Training.SamplerStatistic] { sampler.statistics(of: steps) }

    // MARK: Checkpoints

    func restart() {
        sampler.restart()
        means.crew.forgetWeights()
        step = 0
        hold(HeldState(step: 0, name: nil))
    }

    func restore(from file: String, fingerprints: Fingerprints) throws -> CheckpointHeader {
        let (header, state) = try SamplerCheckpoint.restore(
            sampler, from: file, fingerprints: fingerprints, steps: settings.steps)
        try states.check(state)
        means.crew.forgetWeights()
        step = header.step
        rateFactor = header.rateFactor
        hold(HeldState(step: step, name: state.name))
        return header
    }

    func writeCheckpoint(
        to path: String, fingerprints: Fingerprints, numerics: String, search: String?, results: String?
    ) throws -> CheckpointHeader {
        let state = try save()
        let checkpoint = SamplerCheckpoint(
            step: step, rateFactor: rateFactor, sampler, kept: state, fingerprints: fingerprints, numerics: numerics,
            search: search, results: results)
        let file = try AtomicFile(path: path)
        try checkpoint.write { bytes throws(StoreError) in try file.write(bytes) }
        try file.commit()
        hold(HeldState(step: step, name: state.name))
        if !remark.isEmpty {
            means.log.info("worker", metadata: ["step": .stringConvertible(step), "tells": "\(remark)"])
        }
        return checkpoint.header
    }

    /// Has the worker keep its state.
    private func save() throws -> KeptState {
        let name = KeptStates.name(step: step), pool = try pool
        for attempt in 1... {
            do {
                let answer = try pool.answer(
                    to: WorkerMessage.save(step: step, name: name), at: step,
                    leaving: .kept(HeldState(step: step, name: name)), isLostByErrors: false,
                    shouldStop: stopWhileSaving())
                guard answer != nil else { throw TrainingSetback("the worker did not save in time for a stop") }
                return try states.keep(name)
            } catch let setback as TrainingSetback {
                // A worker that refused has what it had, and may be asked again.
                guard attempt < Self.saveTries, pool.hasTrained(step) else { throw setback }
            }
        }
        throw TrainingSetback("nothing was saved")
    }

    /// A stop waits for what was trained, which would be lost, but not for ever.
    private func stopWhileSaving() -> () -> Bool {
        var asked: SuspendingClock.Instant?
        return { [control] in
            guard control.isAsked else { return false }
            asked = asked ?? .now
            return asked.map { $0 + .seconds(Self.savingSeconds) < .now } ?? false
        }
    }

    /// The weights that the next step begins with, and candidates are measured on.
    private func hold(_ state: HeldState) {
        kept = state
        ahead = []
        means.crew.weights = state
    }

    func keepOnly(_ steps: Set<Int>) { states.remove(except: steps) }
}

/// Held-out losses of a worker's subnets.
extension WorkerTrainer: SamplerProbe {
    func losses(_ genomes: [Genome], part: Int) throws -> [[Double]] {
        let answer = try pool.answer(
            to: WorkerMessage.probe(
                genomes, samples: settings.sampler.settings.heldOutSamples, part: part, seed: seed, in: inputs.space),
            at: step, leaving: .trained(step: step), shouldStop: shouldStop)
        guard let answer else { throw Stopped() }
        return try ProbedLosses.read(answer, of: genomes.count)
    }

    /// Samplers that ask for gradients are refused with a worker.
    func optionGradients(_ genome: Genome, part: Int) throws -> (now: OptionWeights, before: OptionWeights) {
        throw TrainingSetback("a worker tells no gradients")
    }

    func rememberWeights() {}
}
