internal import Datasets
internal import Foundation
internal import Runs
internal import SearchSpaces
internal import Supernets
internal import Tensors
internal import Training

/// A subnet that is trained as a network of its own, and measured as it goes.
struct LoneSubnet {
    /// The subnet, a genome of the supernet's space.
    let genome: Genome
    /// Its training.
    let trainer: Trainer
    private let settings: TrainSettings
    private let teacher: Teacher?
    private let measurer: SupernetEvaluator
    private let control: RunControl

    /// Makes room for its training.
    ///
    /// - Parameters:
    ///   - seed: Of weights and of the order of batches, beside the run's own.
    ///   - start: The weights that it begins with, in the layout of its network; nil for drawn ones.
    ///   - teacher: The supernet whose largest subnet teaches it, where the settings have a teacher.
    ///   - control: Told when it is to stop.
    init(
        _ genome: Genome, of inputs: RunInputs, settings: TrainSettings, seed: Int, start: FloatBuffer? = nil,
        teacher: TrainedWeights? = nil, pool: WorkerPool, kernels: any Backend, control: RunControl = RunControl()
    ) throws {
        guard let dataset = inputs.dataset else { throw CoordinatorError.noData }
        // Far from the run's own seed, whose order of batches the supernet has seen.
        let own = UInt64(inputs.specification.seed) &+ UInt64(seed) << 32
        self.genome = genome
        self.settings = settings
        self.control = control
        trainer = try Trainer(
            supernet: inputs.space.standalone(genome), task: try inputs.task(over: dataset), settings: settings,
            source: try dataset.batches(of: settings.batch, seed: own), seed: own,
            start: start.map { StartWeights($0) }, calibration: inputs.specification.calibration,
            pool: pool, kernels: kernels)
        self.teacher = settings.distillation.flatMap { _ in teacher }.map {
            Teacher($0, as: $0.supernet.space.largest, batch: settings.batch, shards: settings.shards, pool: pool)
        }
        measurer = SupernetEvaluator(
            trainer.trained, dataset: dataset, metrics: RunMetrics(inputs.specification, space: inputs.space),
            samples: 0,
            control: control)
    }

    /// A training step.
    func step() throws -> StepResult { try trainer.trainStep(as: genome, taughtBy: teacher) }

    /// Trains to the end, from the checkpoint of an earlier start where there is a whole one; one that is torn or of other settings
    /// only costs the time that it would have saved. What diverges begins anew with half the rate.
    ///
    /// - Parameters:
    ///   - checkpoint: A file of its own, which has the trained weights in the end.
    ///   - report: Called with the steps that are done.
    /// - Returns: False when told to stop, with a checkpoint.
    /// - Throws: `CoordinatorError.diverged` where it does so whatever the rate.
    func train(checkpoint: String, _ fingerprints: Fingerprints, report: (Int) -> Void) throws -> Bool {
        if FileManager.default.fileExists(atPath: checkpoint),
            (try? trainer.restore(from: checkpoint, fingerprints: fingerprints)) == nil
        {
            trainer.restart()
        }
        while trainer.step < settings.steps {
            guard !control.isAsked else {
                try write(checkpoint, fingerprints)
                return false
            }
            let result = try step()
            if !result.isFinite || trainer.step == settings.steps && !trainer.isFinite {
                let factor = trainer.rateFactor / 2
                guard factor >= 1 / Double(1 << TrainingPhase.mostRollbacks) else {
                    throw CoordinatorError.diverged(step: trainer.step, rollbacks: TrainingPhase.mostRollbacks)
                }
                trainer.restart()
                trainer.rateFactor = factor
                continue
            }
            report(trainer.step)
            if trainer.step % settings.checkpointEvery == 0 || trainer.step == settings.steps {
                try write(checkpoint, fingerprints)
            }
        }
        return true
    }

    private func write(_ checkpoint: String, _ fingerprints: Fingerprints) throws {
        guard trainer.isFinite else { return }
        try trainer.writeCheckpoint(to: checkpoint, fingerprints: fingerprints, numerics: "", search: nil)
    }

    /// Its task's metrics on all validation examples.
    func validate() throws -> Evaluation {
        guard let evaluation = try measurer.validate([genome])?.first else {
            throw DatasetError.empty(file: "validation examples")
        }
        return evaluation
    }

    /// What it comes to at a stage; nil when told to stop.
    func measure(at stage: MeasurementStage) throws -> CandidateOutcome? {
        try measurer.measure([genome], at: stage)?.first
    }
}
