internal import Foundation
internal import Runs
internal import SearchSpaces
internal import Store

/// The processes of a run's command, which train and measure alike: started when somebody first asks them, and ended once.
final class WorkerCrew {
    private var pool: SlotPool?
    /// What the weights that are measured were kept as; nil for a run whose worker trains nothing.
    var weights: HeldState?

    /// The processes, made where they are not there yet.
    func pool(_ make: () throws -> SlotPool) rethrows -> SlotPool {
        if let pool { return pool }
        let made = try make()
        pool = made
        return made
    }

    /// Training goes back: of what is kept again under a name that was there before, no process has what it seems to have.
    func forgetWeights() {
        pool?.held = [:]
        pool?.loading = [:]
    }

    /// Ends the processes.
    func end() {
        pool?.end()
        pool = nil
    }
}

extension WorkerMeans {
    /// The processes of a run's command.
    ///
    /// - Throws: `CoordinatorError.noEvaluator` where nothing of the run is a command.
    func pool(of inputs: RunInputs, _ metrics: RunMetrics) throws -> SlotPool {
        try crew.pool {
            let specification = inputs.specification, space = inputs.space
            guard let command = try specification.command(among: commands, isOwner: commands.isEmpty) else {
                throw CoordinatorError.noEvaluator(kind: specification.evaluator.kind)
            }
            func measured(_ stage: MeasurementStage) -> [Metric] {
                metrics.metrics(at: stage).filter { !metrics.costs.contains($0) }
            }
            let asked = measured(.search), stages = MeasurementStage.ofEvaluators.filter { !measured($0).isEmpty }
            let training = specification.workerTraining
            let states = KeptStates(run, in: store.directory)
            if training != nil { try states.create() }
            let place = command.states.map { states.folder(below: $0, of: run) } ?? Self.absolute(states.folder)
            let needed = training.map { $0.sampler.settings.heldOutSamples > 0 ? ["train", "probe"] : ["train"] } ?? []
            let further = training?.sampler.settings.measured(in: space) == nil ? [] : [MeasuredCosts.stage]
            return try SlotPool(
                command, self, seed: specification.seed,
                hello: { slot, folder in
                    WorkerMessage.hello(
                        space, run: specification.name, seed: specification.seed, slot: slot, metrics: asked,
                        folder: command.connects ? folder : Self.absolute(folder), states: training.map { _ in place })
                },
                check: { message throws(WorkerFault) in
                    try WorkerHello(message, asking: asked, at: stages, further: further, training: needed)
                })
        }
    }

    /// A path for whoever is started elsewhere.
    private static func absolute(_ path: String) -> String { URL(filePath: path).standardizedFileURL.path }
}
