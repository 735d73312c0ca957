internal import Foundation
internal import Logging
internal import Runs
internal import SearchSpaces
internal import Store
internal import Supernets
internal import Training

/// The networks of finalists that are trained on, each alone: from the weights of the supernet, or from drawn ones.
///
/// Every training goes on from a checkpoint of its own in the folder `finalists` of the run, which has the weights until the run
/// is over; what was measured is in the store. So a kill costs the steps since the last checkpoint, and results are the same.
struct FinalistNetworks {
    let context: RunContext
    let evaluator: any CandidateEvaluator
    let weights: TrainedWeights

    private var folder: String { context.store.directory.runDirectory(context.run) + "/finalists" }

    /// Trains and measures what is missing; false when asked to stop.
    func run(_ finalists: [CandidateResult]) throws -> Bool {
        guard !context.specification.finalistTrainings.isEmpty else { return true }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        AtomicFile.removeLeftovers(in: folder)
        for training in context.specification.finalistTrainings {
            for finalist in finalists where !evaluator.isMeasured(finalist, at: training.stage) {
                guard try train(finalist, training) else { return false }
            }
            let names = evaluator.metrics(at: training.stage).map { training.stage.name(of: $0) }
            context.report(.validated(part: names.joined(separator: ", "), finalists: finalists.count))
        }
        return true
    }

    private func train(_ finalist: CandidateResult, _ training: FinalistTraining) throws -> Bool {
        let network = try network(of: finalist, training)
        let number = finalist.candidate.number, steps = training.train.steps
        let outcome: CandidateOutcome
        do {
            let isDone = try network.train(checkpoint: path(finalist, training), fingerprints(finalist, training)) {
                step in
                context.report(.finalist(candidate: number, stage: training.stage, step: step, of: steps))
            }
            guard isDone, let measured = try network.measure(at: training.stage) else { return false }
            outcome = measured
        } catch CoordinatorError.diverged {
            // Its other networks are as good as they were.
            outcome = .failed(reason: "diverged")
        }
        try context.store.recordMeasurements(
            context.run, evaluator.rows(of: finalist.candidate, outcome, at: training.stage), time: context.now)
        context.log.info(
            "finalist trained",
            metadata: [
                "candidate": .stringConvertible(number), "stage": "\(training.stage.rawValue)",
                "steps": .stringConvertible(steps),
            ])
        return true
    }

    /// A finalist's network of a stage, once it is trained; nil for the one with the weights of the supernet.
    ///
    /// A checkpoint that was lost is made again.
    func trained(_ finalist: CandidateResult, _ stage: MeasurementStage) throws -> LoneSubnet? {
        guard let training = context.specification.finalistTrainings.first(where: { $0.stage == stage }) else {
            return nil
        }
        let network = try network(of: finalist, training)
        let isDone = try network.train(
            checkpoint: path(finalist, training), fingerprints(finalist, training), report: { _ in })
        return isDone ? network : nil
    }

    /// Removes the checkpoints, once the networks that are handed over are written.
    func remove() { try? FileManager.default.removeItem(atPath: folder) }

    private func network(of finalist: CandidateResult, _ training: FinalistTraining) throws -> LoneSubnet {
        let genome = finalist.candidate.genome, isTuned = training.stage == .tuned
        return try LoneSubnet(
            genome, of: context.inputs, settings: training.train, seed: isTuned ? 1 : 2,
            start: isTuned ? try context.inputs.model(of: genome, in: weights, measured: [:]).weights : nil,
            teacher: weights, pool: context.pool, kernels: context.kernels, control: context.control)
    }

    private func path(_ finalist: CandidateResult, _ training: FinalistTraining) -> String {
        "\(folder)/\(training.stage.rawValue)-\(finalist.candidate.key).safetensors"
    }

    private func fingerprints(_ finalist: CandidateResult, _ training: FinalistTraining) -> Fingerprints {
        let known = context.inputs.fingerprints
        return Fingerprints(
            space: finalist.candidate.key, run: "\(known.run) \(context.plan.weightsStep) \(training.digest)",
            data: known.data)
    }
}
