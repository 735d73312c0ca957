internal import Datasets
internal import Foundation
internal import Runs
internal import SearchSpaces
internal import Store
internal import Supernets
public import Tensors
public import Training

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
        /// A trial or a training is finished, or was before, the index-th of all; the loss is the mean over bins of what it was
        /// measured on.
        case done(SamplerRecord, arm: String, loss: Double, index: Int, of: Int)
    }

    private let inputs: RunInputs
    private let dataset: any Dataset
    private let base: RunSpecification
    private let arms: [SamplerArm]
    private let settings: SamplerComparisonSettings
    private let directory: String
    private let panel: SubnetPanel
    private let kernels: Kernels
    private let control: RunControl
    private let report: (Progress) -> Void

    private let trainer: ArmTrainer
    /// Trials and trainings, and those that are finished.
    private var all = 0
    private var done = 0

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
        guard !inputs.specification.isBudgetOpen else {
            throw SamplerComparisonError.invalidSettings(
                reason: "expected train.steps in the run file, since minutes are other steps on each machine: "
                    + "--set train.steps=1000, of which the schedule's warm-up is a share")
        }
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
        self.kernels = kernels
        self.control = control
        self.report = report
        let training = dataset.split.train.count
        let wanted = settings.trialExamples ?? max(1, min(dataset.split.validation.count, training / 5))
        trainer = ArmTrainer(
            inputs: inputs, dataset: dataset, members: panel.distinct(in: inputs.space),
            choice: dataset.split.choice(wanted, seed: UInt64(base.seed)), metrics: Self.metrics(inputs),
            directory: directory, pool: pool, kernels: kernels, control: control, report: report)
        for arm in arms {
            for recipe in settings.recipes {
                let run = try arm.specification(base, steps: base.steps, recipe: recipe).settled(in: inputs.space)
                try RunInputs.check(run, in: inputs.space)
                let data = dataset.memoryBytes
                let needed = MemoryEstimate.bytes(run, inputs.space, dataBytes: data, workers: pool.count)
                try MemoryEstimate.check(needed: needed, data: data)
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
        let tried = try arms.count { try needsTrials($0) }
        (all, done) = (tried * settings.recipes.count + arms.count * settings.seeds, 0)
        var plans: [Plan] = []
        for arm in arms {
            guard let plan = try plan(arm, &file) else { return nil }
            plans.append(plan)
        }
        // Seed by seed, so that what there is of an interrupted comparison is paired.
        var records: [[SamplerRecord]] = arms.map { _ in [] }
        for seed in 1...settings.seeds {
            for (index, plan) in plans.enumerated() {
                guard let job = try job(plan, seed: seed), let record = try finish(job, &file) else { return nil }
                records[index].append(record)
            }
        }
        return SamplerComparisonReport(
            arms: zip(arms, zip(plans, records)).map {
                .init(name: $0.name, trials: $1.0.trials, records: $1.1)
            }, panel: panel, metrics: trainer.metrics)
    }

    /// The loss and the main metric, where that is another.
    private static func metrics(_ inputs: RunInputs) -> [Metric] {
        let main = inputs.specification.task(in: inputs.space)?.mainMetric ?? .loss
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
        try settings.recipes.count > 1 || !budget(arm, recipe: settings.recipes[0], seed: 0).isExact
    }

    /// Chooses by the mean loss over bins; of equal ones the first. Nil when it was asked to stop.
    private func plan(_ arm: SamplerArm, _ file: inout SamplerComparisonFile) throws -> Plan? {
        guard try needsTrials(arm) else {
            return Plan(arm: arm, recipe: settings.recipes[0], expense: 1, trials: [])
        }
        var best: (recipe: SamplerRecipe, record: SamplerRecord, loss: Double)?
        var trials: [SamplerRecord] = []
        for recipe in settings.recipes {
            let plan = Plan(arm: arm, recipe: recipe, expense: 1, trials: [])
            guard let job = try job(plan, seed: 0, isTrial: true), let record = try finish(job, &file) else {
                return nil
            }
            trials.append(record)
            let loss = record.mean(Metric.loss.name, on: ArmTraining.choicePart)
            if loss.isFinite, loss < best?.loss ?? .infinity { best = (recipe, record, loss) }
        }
        guard let best else { throw SamplerComparisonError.noFiniteTrial(arm: arm.name) }
        let isExact = try budget(arm, recipe: best.recipe, seed: 0).isExact
        let executed = Double(best.record.multiplyAdds) / Double(best.record.steps)
        let expected = Double(settings.trialMultiplyAdds) / Double(best.record.plannedSteps)
        return Plan(arm: arm, recipe: best.recipe, expense: isExact ? 1 : executed / expected, trials: trials)
    }

    // MARK: Trainings

    private func budget(
        _ arm: SamplerArm, recipe: SamplerRecipe, seed: Int
    ) throws -> StepBudget {
        let run = try arm.specification(base, steps: base.steps, recipe: recipe)
        guard let train = run.train else { throw CoordinatorError.noNetworks }
        return try StepBudget(
            supernet: inputs.space.supernet(), settings: train, seed: UInt64(seed), kernels: kernels)
    }

    /// The training of an arm by its plan; nil when it was asked to stop.
    private func job(_ plan: Plan, seed: Int, isTrial: Bool = false) throws -> ArmTraining? {
        let limit = isTrial ? settings.trialMultiplyAdds : settings.multiplyAdds
        let budget = try budget(plan.arm, recipe: plan.recipe, seed: seed)
        let steps = try budget.steps(within: Int(Double(limit) / plan.expense)) { control.isAsked }
        guard !control.isAsked else { return nil }
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
            "\(settings.bins) \(settings.perBin)", trainer.numerics,
            isTrial ? "\(trainer.choice.count)" : "",
        ] { key.combine(part + "\n") }
        return ArmTraining(
            key: key.hexadecimal, arm: plan.arm, train: train, seed: seed, multiplyAdds: limit, isTrial: isTrial)
    }

    /// The record of a training, which is done where it is not yet finished; nil when it was asked to stop.
    private func finish(_ job: ArmTraining, _ file: inout SamplerComparisonFile) throws -> SamplerRecord? {
        if file[job.key] == nil {
            guard !control.isAsked, let record = try trainer.train(job) else { return nil }
            file.records.append(record)
            try file.write(to: directory)
            // Only what is kept elsewhere may go.
            unlink(trainer.checkpoint(job))
        }
        guard let record = file[job.key] else { return nil }
        let part = job.isTrial ? ArmTraining.choicePart : EvaluationPart.validation.rawValue
        done += 1
        report(
            .done(
                record, arm: job.arm.name, loss: record.mean(Metric.loss.name, on: part), index: done, of: all))
        return record
    }
}
