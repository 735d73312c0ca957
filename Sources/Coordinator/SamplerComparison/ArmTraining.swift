internal import Datasets
internal import Foundation
internal import Runs
internal import SearchSpaces
internal import Store
internal import Supernets
internal import Tensors
internal import Training

/// One training of an arm, or one trial, and what names it.
struct ArmTraining {
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

/// Trains arms and measures their subnets, with checkpoints in the folder of the comparison.
struct ArmTrainer {
    let inputs: RunInputs
    let dataset: any Dataset
    let members: [SubnetPanel.Member]
    /// Training examples that trials are measured on.
    let choice: [Int32]
    /// What subnets are measured by.
    let metrics: [Metric]
    let directory: String
    let pool: WorkerPool
    let kernels: Kernels
    let control: RunControl
    let report: (SamplerComparison.Progress) -> Void

    /// What results are computed by, rounding and all.
    var numerics: String { Numerics.fingerprint(kernels, for: inputs.space) }

    func checkpoint(_ job: ArmTraining) -> String { "\(directory)/training-\(job.key).safetensors" }

    /// Trains until the multiply-adds are spent, from a checkpoint where there is one; nil when it was asked to stop.
    func train(_ job: ArmTraining) throws -> SamplerRecord? {
        let trainer = try inputs.trainer(
            job.train, leavingOut: job.isTrial ? choice : [], seed: UInt64(job.seed), pool: pool, kernels: kernels)
        var spent = restored(trainer, of: job)
        func record(_ scores: [SamplerRecord.Score]) -> SamplerRecord {
            job.record(of: trainer, seconds: spent.seconds, numerics: numerics, scores: scores)
        }
        while trainer.step < job.train.steps {
            let start = ContinuousClock.now
            let passes = trainer.passes(of: trainer.step)
            let before = trainer.multiplyAdds ?? 0, planned = trainer.multiplyAdds(of: passes)
            let measurement = trainer.sampler.isUpdateDue(trainer.step + 1) ? spent.dearestMeasurement : 0
            guard before.plus(planned).plus(measurement) <= job.multiplyAdds else { break }
            let result = try trainer.trainStep(passes)
            spent.seconds += start.duration(to: .now).seconds
            spent.dearestMeasurement = max(spent.dearestMeasurement, (trainer.multiplyAdds ?? 0) - before - planned)
            guard result.isFinite, trainer.step < job.train.steps || trainer.isFinite else {
                // A trial tells that its rate is too great; a training goes on as a run would, from the beginning.
                if job.isTrial { return record([]) }
                try beginAgain(trainer)
                spent.dearestMeasurement = 0
                continue
            }
            report(
                .training(
                    arm: job.arm.name, isTrial: job.isTrial, seed: job.seed, step: trainer.step, of: job.train.steps))
            let isStopped = control.isAsked && trainer.step < job.train.steps
            if isStopped || trainer.step % job.train.checkpointEvery == 0 { try keep(trainer, of: job, spent) }
            if isStopped { return nil }
        }
        if let scores = try scores(of: trainer, for: job) { return record(scores) }
        try keep(trainer, of: job, spent)
        return nil
    }

    private func fingerprints(_ job: ArmTraining) -> Fingerprints {
        Fingerprints(space: inputs.space.fingerprint, run: job.key, data: inputs.fingerprints.data)
    }

    /// Takes a checkpoint up, where there is one; one that is torn only costs the time that it would have saved.
    private func restored(_ trainer: Trainer, of job: ArmTraining) -> Spent {
        let path = checkpoint(job)
        guard FileManager.default.fileExists(atPath: path) else { return Spent() }
        if let header = try? trainer.restore(from: path, fingerprints: fingerprints(job)),
            header.numerics == numerics, let known = header.search.flatMap(Spent.init(json:))
        {
            return known
        }
        trainer.restart()
        trainer.rateFactor = 1
        return Spent()
    }

    private func keep(_ trainer: Trainer, of job: ArmTraining, _ spent: Spent) throws {
        trainer.sampler.forgetStatistics()
        guard trainer.isFinite else { return }
        try trainer.writeCheckpoint(
            to: checkpoint(job), fingerprints: fingerprints(job), numerics: numerics,
            search: try spent.json())
    }

    /// Goes back to the first step with half the rate.
    private func beginAgain(_ trainer: Trainer) throws {
        let factor = trainer.rateFactor / 2
        guard factor >= 1 / Double(1 << TrainingPhase.mostRollbacks) else {
            throw CoordinatorError.diverged(step: trainer.step, rollbacks: TrainingPhase.mostRollbacks)
        }
        trainer.restart()
        trainer.rateFactor = factor
    }

    // MARK: Measuring

    /// What each subnet comes to; nil when it was asked to stop.
    private func scores(of trainer: Trainer, for job: ArmTraining) throws -> [SamplerRecord.Score]? {
        let evaluator = trainer.trained.evaluator()
        let genomes = members.map(\.genome)
        var asked: [(name: String, source: any Examples, indices: [Int32])] = []
        if job.isTrial {
            asked.append((ArmTraining.choicePart, dataset.trainingExamples, choice))
        } else {
            asked.append((EvaluationPart.validation.rawValue, dataset.trainingExamples, dataset.split.validation))
            let test = (0..<Int32(dataset.testCount)).map { $0 }
            if !test.isEmpty { asked.append((EvaluationPart.test.rawValue, dataset.testExamples, test)) }
        }
        var parts: [(name: String, evaluations: [Evaluation])] = []
        for part in asked {
            let found = try evaluator.measure(
                genomes, values: trainer.values, on: part.source, indices: part.indices,
                for: .finalists, shouldStop: { [control] in control.isAsked })
            guard let found else { return nil }
            parts.append((part.name, found))
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
