internal import Datasets
internal import Foundation
internal import Runs
internal import SearchSpaces
internal import Store
internal import Supernets
public import Tensors
public import Training

/// What a comparison of samplers does.
public struct SamplerComparisonSettings: Sendable, Equatable {
    /// Multiply-adds that each training of an arm may execute.
    public let multiplyAdds: Int
    /// Trainings of each arm, of seeds 1 up to this.
    public let seeds: Int
    /// Rates to choose from; none for that of the run file or the arm.
    public let rates: [Double]
    /// Batches to choose from; none for that of the run file or the arm.
    public let batches: [Int]
    /// Share of the multiply-adds that a trial may execute, above 0 and at most 1.
    public let trialShare: Double
    /// Training examples that trials are measured on instead of training on them; nil for as many as validate, or a fifth of
    /// those that train if that is less.
    public let trialExamples: Int?
    /// Bins of multiply-adds.
    public let bins: Int
    /// Subnets that are drawn of each bin.
    public let perBin: Int

    /// Trials of an arm at most.
    public static let mostTrials = 6

    /// Takes the settings.
    ///
    /// - Throws: ``SamplerComparisonError/invalidSettings(reason:)``.
    public init(
        multiplyAdds: Int, seeds: Int = 5, rates: [Double] = [], batches: [Int] = [], trialShare: Double = 0.25,
        trialExamples: Int? = nil, bins: Int = 6, perBin: Int = 6
    ) throws(SamplerComparisonError) {
        func check(_ isGood: Bool, _ expected: String) throws(SamplerComparisonError) {
            if !isGood { throw .invalidSettings(reason: "expected \(expected)") }
        }
        try check(multiplyAdds >= 1, "--multiply-adds of at least 1, such as 4T")
        try check((1...1000).contains(seeds), "--seeds from 1 to 1000")
        try check(rates.allSatisfy { $0 > 0 && $0 <= 1000 }, "--rates above 0 and at most 1000")
        try check(batches.allSatisfy { (1...1_000_000).contains($0) }, "--batches from 1 to 1000000")
        try check(
            Set(rates).count == rates.count && Set(batches).count == batches.count, "each rate and each batch once")
        try check(
            max(1, rates.count) * max(1, batches.count) <= Self.mostTrials,
            "at most \(Self.mostTrials) pairs of --rates and --batches")
        try check(trialShare > 0 && trialShare <= 1, "--trial-share above 0 and at most 1")
        try check(trialExamples ?? 1 >= 1, "--trial-examples of at least 1")
        try check(
            (1...256).contains(bins) && (1...1000).contains(perBin), "1 to 256 bins and 1 to 1000 subnets of each")
        self.multiplyAdds = multiplyAdds
        self.seeds = seeds
        self.rates = rates
        self.batches = batches
        self.trialShare = trialShare
        self.trialExamples = trialExamples
        self.bins = bins
        self.perBin = perBin
    }

    /// The recipes that trials try, in order.
    var recipes: [SamplerRecipe] {
        let rates = rates.isEmpty ? [nil] : rates.map(Optional.some)
        let batches = batches.isEmpty ? [nil] : batches.map(Optional.some)
        return batches.flatMap { batch in rates.map { SamplerRecipe(rate: $0, batch: batch) } }
    }

    /// Multiply-adds of a trial.
    var trialMultiplyAdds: Int { max(1, Int(Double(multiplyAdds) * trialShare)) }
}

/// Samplers against one another at equal executed multiply-adds: rate and batch chosen for each by short trials, then trainings
/// of several seeds, measured on the same subnets of every bin of cost.
///
/// Trials train on a part of the training examples and are measured on the rest of them, so that they never see what figures are
/// of. What is finished is kept in `comparison.json` of a folder, a training that was interrupted in a checkpoint beside it;
/// the same comparison, or one of more arms or seeds, goes on from there. Figures depend on neither the interruptions nor
/// the number of workers.
public final class SamplerComparison {
    /// What is going on.
    public enum Progress: Sendable {
        /// A training, or a trial.
        case training(arm: String, isTrial: Bool, seed: Int, step: Int, of: Int)
        /// A trial or a training is finished, or was before; the loss is the mean over bins of what it was measured on.
        case done(SamplerRecord, arm: String, loss: Double)
    }

    private let inputs: RunInputs
    private let dataset: any Dataset
    private let base: RunSpecification
    private let arms: [SamplerArm]
    private let settings: SamplerComparisonSettings
    private let directory: String
    private let panel: SubnetPanel
    private let members: [SubnetPanel.Member]
    private let pool: WorkerPool
    private let kernels: Kernels
    private let control: RunControl
    private let report: (Progress) -> Void

    /// Training examples that trials are measured on.
    private let choice: [Int32]

    /// Checks that the arms can be trained and compared; nothing is trained yet.
    ///
    /// - Parameters:
    ///   - inputs: A run that trains; its search is left out.
    ///   - directory: The folder of what is finished, made where it is missing.
    ///   - report: Called on this thread.
    /// - Throws: ``SamplerComparisonError``, and what is wrong with an arm.
    public init(
        _ inputs: RunInputs, arms: [SamplerArm], settings: SamplerComparisonSettings, directory: String,
        pool: WorkerPool, kernels: Kernels, control: RunControl = RunControl(),
        report: @escaping (Progress) -> Void = { _ in }
    ) throws {
        guard inputs.specification.train != nil else { throw CoordinatorError.noNetworks }
        guard let dataset = inputs.dataset else { throw CoordinatorError.noData }
        guard !dataset.split.validation.isEmpty else { throw SamplerComparisonError.noValidation }
        guard let panel = SubnetPanel(inputs.space, bins: settings.bins, perBin: settings.perBin) else {
            throw SamplerComparisonError.noBins(space: inputs.space.name)
        }
        self.inputs = inputs
        self.dataset = dataset
        base = inputs.specification.withoutSearch
        self.arms = arms
        self.settings = settings
        self.directory = directory
        self.panel = panel
        members = panel.distinct(in: inputs.space)
        self.pool = pool
        self.kernels = kernels
        self.control = control
        self.report = report
        let training = dataset.split.train.count
        let wanted = settings.trialExamples ?? max(1, min(dataset.split.validation.count, training / 5))
        choice = dataset.split.choice(wanted, seed: UInt64(base.seed))
        for arm in arms {
            for recipe in settings.recipes {
                let run = try arm.specification(base, steps: base.steps, recipe: recipe).settled(in: inputs.space)
                try RunInputs.check(run, in: inputs.space)
                let needed = MemoryEstimate.bytes(
                    run, inputs.space, dataBytes: dataset.memoryBytes, workers: pool.count)
                guard needed <= MachineMemory.bytes else {
                    throw CoordinatorError.littleMemory(
                        neededBytes: needed, dataBytes: dataset.memoryBytes, presentBytes: MachineMemory.bytes)
                }
            }
            if try needsTrials(arm), training <= wanted {
                throw SamplerComparisonError.fewExamples(training: training, wanted: wanted)
            }
        }
    }

    /// Does what is missing.
    ///
    /// - Returns: The figures; nil when it was asked to stop, after a checkpoint.
    public func run() throws -> SamplerComparisonReport? {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let lock = open(directory + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(lock) }
        guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            throw SamplerComparisonError.inUse(directory: directory)
        }
        AtomicFile.removeLeftovers(in: directory)
        var file = try SamplerComparisonFile.read(directory)
        var plans: [Plan] = []
        for arm in arms {
            guard let plan = try plan(arm, &file) else { return nil }
            plans.append(plan)
        }
        // Seed by seed, so that what there is of an interrupted comparison is paired.
        var records: [[SamplerRecord]] = arms.map { _ in [] }
        for seed in 1...settings.seeds {
            for (index, plan) in plans.enumerated() {
                let job = try job(plan, seed: seed)
                guard let record = try finish(job, &file) else { return nil }
                records[index].append(record)
            }
        }
        return SamplerComparisonReport(
            arms: zip(arms, zip(plans, records)).map {
                .init(name: $0.name, trials: $1.0.trials, records: $1.1)
            }, panel: panel, metrics: metrics)
    }

    /// The loss and the main metric, where that is another.
    private var metrics: [Metric] {
        let main = base.task(in: inputs.space)?.mainMetric ?? .loss
        return [.loss] + [main].filter { $0 != .loss }
    }

    // MARK: Trials

    /// How an arm is trained.
    private struct Plan {
        let arm: SamplerArm
        let recipe: SamplerRecipe
        /// How much of what was expected its steps executed.
        let expense: Double
        let trials: [SamplerRecord]
    }

    /// Whether there is anything to choose, or to be learned of what steps execute.
    private func needsTrials(_ arm: SamplerArm) throws -> Bool {
        try settings.recipes.count > 1 || !budget(arm, recipe: settings.recipes[0], seed: 0).budget.isExact
    }

    /// Chooses by the mean loss over bins; of equal ones the first. Nil when it was asked to stop.
    private func plan(_ arm: SamplerArm, _ file: inout SamplerComparisonFile) throws -> Plan? {
        guard try needsTrials(arm) else {
            return Plan(arm: arm, recipe: settings.recipes[0], expense: 1, trials: [])
        }
        var best: (recipe: SamplerRecipe, record: SamplerRecord, loss: Double)?
        var trials: [SamplerRecord] = []
        for recipe in settings.recipes {
            let job = try job(Plan(arm: arm, recipe: recipe, expense: 1, trials: []), seed: 0, isTrial: true)
            guard let record = try finish(job, &file) else { return nil }
            trials.append(record)
            let loss = record.mean(Metric.loss.name, on: ArmTraining.choicePart)
            if loss.isFinite, loss < best?.loss ?? .infinity { best = (recipe, record, loss) }
        }
        guard let best else { throw SamplerComparisonError.noFiniteTrial(arm: arm.name) }
        let isExact = try budget(arm, recipe: best.recipe, seed: 0).budget.isExact
        let executed = Double(best.record.multiplyAdds) / Double(best.record.steps)
        let expected = Double(settings.trialMultiplyAdds) / Double(best.record.plannedSteps)
        return Plan(arm: arm, recipe: best.recipe, expense: isExact ? 1 : executed / expected, trials: trials)
    }

    // MARK: Trainings

    private func budget(
        _ arm: SamplerArm, recipe: SamplerRecipe, seed: Int
    ) throws -> (budget: StepBudget, batch: Int) {
        // Draws follow from no number of steps, where they are known beforehand.
        let run = try arm.specification(base, steps: base.steps, recipe: recipe)
        guard let train = run.train else { throw CoordinatorError.noNetworks }
        let budget = try StepBudget(
            supernet: inputs.space.supernet(), settings: train, seed: UInt64(seed), kernels: kernels)
        return (budget, train.batch)
    }

    /// The training of an arm by its plan.
    private func job(_ plan: Plan, seed: Int, isTrial: Bool = false) throws -> ArmTraining {
        let limit = isTrial ? settings.trialMultiplyAdds : settings.multiplyAdds
        let (budget, _) = try budget(plan.arm, recipe: plan.recipe, seed: seed)
        let steps = budget.steps(within: Int(Double(limit) / plan.expense))
        guard steps > 0 else {
            throw SamplerComparisonError.smallBudget(arm: plan.arm.name, multiplyAdds: limit)
        }
        guard steps < StepBudget.mostSteps else {
            throw SamplerComparisonError.largeBudget(
                arm: plan.arm.name, multiplyAdds: limit, mostSteps: StepBudget.mostSteps)
        }
        let run = try plan.arm.specification(base, steps: steps, recipe: plan.recipe).settled(in: inputs.space)
        guard let train = run.train else { throw CoordinatorError.noNetworks }
        var key = StableHash()
        for part in [
            inputs.space.fingerprint, run.fingerprint, inputs.fingerprints.data, "\(seed) \(limit) \(isTrial)",
            "\(settings.bins) \(settings.perBin)", isTrial ? "\(choice.count)" : "",
        ] { key.combine(part + "\n") }
        return ArmTraining(
            key: key.hexadecimal, arm: plan.arm, train: train, seed: seed, multiplyAdds: limit, isTrial: isTrial)
    }

    /// The record of a training, which is done where it is not yet finished; nil when it was asked to stop.
    private func finish(_ job: ArmTraining, _ file: inout SamplerComparisonFile) throws -> SamplerRecord? {
        if file[job.key] == nil {
            guard !control.isAsked, let record = try train(job) else { return nil }
            file.records.append(record)
            try file.write(to: directory)
            // Only what is kept elsewhere may go.
            unlink(checkpoint(job))
        }
        guard let record = file[job.key] else { return nil }
        let part = job.isTrial ? ArmTraining.choicePart : EvaluationPart.validation.rawValue
        report(.done(record, arm: job.arm.name, loss: record.mean(Metric.loss.name, on: part)))
        return record
    }

    private func checkpoint(_ job: ArmTraining) -> String { "\(directory)/training-\(job.key).safetensors" }

    /// Trains until the multiply-adds are spent, from a checkpoint where there is one; nil when it was asked to stop.
    private func train(_ job: ArmTraining) throws -> SamplerRecord? {
        let trainer = try Trainer(
            supernet: inputs.space.supernet(),
            task: try LearningTasks.task(base.task(in: inputs.space), over: dataset.goal), settings: job.train,
            source: try dataset.batches(
                of: job.train.batch, leavingOut: job.isTrial ? choice : [], seed: UInt64(job.seed)),
            heldOut: dataset.split.sampler, seed: UInt64(job.seed), pool: pool, kernels: kernels)
        let path = checkpoint(job)
        let own = Fingerprints(space: inputs.space.fingerprint, run: job.key, data: inputs.fingerprints.data)
        let numerics = Numerics.fingerprint(kernels)
        // One that is torn only costs the time that it would have saved.
        var spent = Spent()
        if FileManager.default.fileExists(atPath: path) {
            if let header = try? trainer.restore(from: path, fingerprints: own), header.numerics == numerics,
                let known = header.search.flatMap(Spent.init(json:))
            {
                spent = known
            } else {
                trainer.restart()
                trainer.rateFactor = 1
            }
        }
        var start = ContinuousClock.now
        func stopClock() {
            spent.seconds += start.duration(to: .now).seconds
            start = .now
        }
        func keep() throws {
            stopClock()
            guard trainer.isFinite else { return }
            try trainer.writeCheckpoint(to: path, fingerprints: own, numerics: numerics, search: try spent.json())
            start = .now
        }
        while trainer.step < job.train.steps {
            let before = trainer.multiplyAdds ?? 0, passes = trainer.multiplyAdds(ofStep: trainer.step)
            let isMeasured = trainer.sampler.isUpdateDue(trainer.step + 1)
            guard before.plus(passes).plus(isMeasured ? spent.dearestMeasurement : 0) <= job.multiplyAdds else { break }
            let result = try trainer.trainStep()
            spent.dearestMeasurement = max(spent.dearestMeasurement, (trainer.multiplyAdds ?? 0) - before - passes)
            if !result.isFinite || trainer.step == job.train.steps && !trainer.isFinite {
                stopClock()
                // A trial tells that its rate is too great; a training goes on as a run would, from the beginning.
                if job.isTrial {
                    return job.record(of: trainer, seconds: spent.seconds, numerics: numerics, scores: [])
                }
                let factor = trainer.rateFactor / 2
                guard factor >= 1 / Double(1 << TrainingPhase.mostRollbacks) else {
                    throw CoordinatorError.diverged(step: trainer.step, rollbacks: TrainingPhase.mostRollbacks)
                }
                trainer.restart()
                trainer.rateFactor = factor
                spent.dearestMeasurement = 0
                continue
            }
            report(
                .training(
                    arm: job.arm.name, isTrial: job.isTrial, seed: job.seed, step: trainer.step, of: job.train.steps))
            if control.isAsked, trainer.step < job.train.steps {
                try keep()
                return nil
            }
            if trainer.step % job.train.checkpointEvery == 0 { try keep() }
        }
        stopClock()
        return job.record(
            of: trainer, seconds: spent.seconds, numerics: numerics, scores: try scores(of: trainer, for: job))
    }

    // MARK: Measuring

    private func scores(of trainer: Trainer, for job: ArmTraining) throws -> [SamplerRecord.Score] {
        let evaluator = Evaluator(supernet: trainer.supernet, task: trainer.task, pool: pool, kernels: kernels)
        let genomes = members.map(\.genome)
        func evaluate(_ source: any Examples, _ indices: [Int32]) throws -> [Evaluation] {
            try evaluator.measure(genomes, values: trainer.values, on: source, indices: indices) ?? []
        }
        var parts: [(name: String, evaluations: [Evaluation])] = []
        if job.isTrial {
            parts.append((ArmTraining.choicePart, try evaluate(dataset.trainingExamples, choice)))
        } else {
            parts.append(
                (
                    EvaluationPart.validation.rawValue,
                    try evaluate(dataset.trainingExamples, dataset.split.validation)
                ))
            if dataset.testCount > 0 {
                let all = (0..<Int32(dataset.testCount)).map { $0 }
                parts.append((EvaluationPart.test.rawValue, try evaluate(dataset.testExamples, all)))
            }
        }
        return members.enumerated().map { index, member in
            var values: [String: [String: Double]] = [:]
            for part in parts {
                values[part.name] = Dictionary(
                    uniqueKeysWithValues: metrics.map { ($0.name, part.evaluations[index][$0]) })
            }
            return SamplerRecord.Score(
                bin: member.bin, genome: inputs.space.text(of: member.genome), values: values)
        }
    }
}

/// What a training that is not finished has spent, in its checkpoint.
private struct Spent: Codable {
    var seconds = 0.0
    /// Multiply-adds of the sampler's dearest measurement, which the next one is expected to execute.
    var dearestMeasurement = 0

    init() {}

    init?(json: String) {
        guard let known = try? JSONDecoder().decode(Self.self, from: Data(json.utf8)) else { return nil }
        self = known
    }

    func json() throws -> String { String(decoding: try JSONEncoder().encode(self), as: UTF8.self) }
}

/// One training of an arm, or one trial, and what names it.
private struct ArmTraining {
    /// What the scores of a trial are of.
    static let choicePart = "choice"

    let key: String
    let arm: SamplerArm
    let train: TrainSettings
    let seed: Int
    /// What it may execute.
    let multiplyAdds: Int
    let isTrial: Bool

    func record(
        of trainer: Trainer, seconds: Double, numerics: String, scores: [SamplerRecord.Score]
    ) -> SamplerRecord {
        SamplerRecord(
            key: key, arm: arm.text, isTrial: isTrial, seed: seed, rate: train.optimizer.rate, batch: train.batch,
            plannedSteps: train.steps, steps: trainer.step, multiplyAdds: trainer.multiplyAdds ?? 0,
            rateFactor: trainer.rateFactor, seconds: seconds, numerics: numerics, scores: scores)
    }
}
