internal import Datasets
internal import Foundation
internal import Runs
internal import SearchSpaces
internal import Store
internal import Supernets
public import Tensors
public import Training

/// How fast a machine trains a run, measured before its first step: what turns minutes into steps.
public enum TrainingPace {
    /// Measures the multiply-adds that a training executes in a second; nil when asked to stop before that is known.
    public typealias Measure = (RunInputs, WorkerPool, Kernels, RunControl) throws -> Double?

    /// Steps that are not counted: the first ones find memory and caches cold.
    private static let coldSteps = 2
    private static let leastSteps = 3
    private static let mostSteps = 25
    private static let enoughSeconds = 4.0

    /// The median over some steps of the run's own training, on weights that are thrown away.
    ///
    /// - Throws: What keeps the run's data from being read, and `CoordinatorError.noData`.
    public static func measure(
        _ inputs: RunInputs, pool: WorkerPool, kernels: Kernels, control: RunControl
    ) throws -> Double? {
        // As a long run would begin.
        let specification = try inputs.specification.settled(steps: RunSpecification.mostSteps)
        guard let train = specification.train, let dataset = inputs.dataset else { throw CoordinatorError.noData }
        let trainer = try Trainer(
            supernet: inputs.space.supernet(),
            task: try inputs.task(over: dataset), settings: train,
            source: try dataset.batches(of: train.batch, seed: UInt64(specification.seed)),
            heldOut: dataset.split.sampler, seed: UInt64(specification.seed), pool: pool, kernels: kernels)
        var paces: [Double] = []
        let begin = ContinuousClock.now
        for step in 0..<coldSteps + mostSteps {
            guard !control.isAsked else { return nil }
            let start = ContinuousClock.now
            let passes = trainer.passes(of: trainer.step), multiplyAdds = trainer.multiplyAdds(of: passes)
            try trainer.fillBatch(step: trainer.step)
            _ = trainer.train(passes)
            let seconds = max(1e-9, start.duration(to: .now) / .seconds(1))
            guard step >= coldSteps else { continue }
            paces.append(Double(multiplyAdds) / seconds)
            if paces.count >= leastSteps, begin.duration(to: .now) / .seconds(1) > enoughSeconds { break }
        }
        return paces.sorted()[paces.count / 2]
    }
}

extension RunInputs {
    /// The same inputs with what the run file leaves open until the run begins: the number of steps that it has by its budget,
    /// the weights of another run that it searches, or those that it begins with. What the store holds of it, or else what is found out here and now, and
    /// stored before anything is trained or measured.
    ///
    /// - Parameter note: Takes the run with all of it, to be stored as a run file.
    /// - Returns: Nil when asked to stop before the number of steps was known.
    /// - Throws: `RunError.unfitSetting` where the budget comes to no training that the settings go with.
    func settled(
        as run: StoredRun, in store: RunStore, pool: WorkerPool, kernels: Kernels, control: RunControl,
        measure: TrainingPace.Measure, note: (RunSpecification) throws -> Void
    ) throws -> RunInputs? {
        let continued = try with(specification.continuing(run.specification()))
        if specification.supernet != nil {
            return try continued.withAdoptedCheckpoint(of: run, in: store, note: note)
        }
        try continued.adoptStart(by: run, in: store)
        guard continued.specification.isBudgetOpen else { return continued }
        guard let pace = try measure(self, pool, kernels, control) else { return nil }
        let settled = try specification.settled(in: space, multiplyAddsPerSecond: pace)
        try note(settled)
        return with(settled)
    }

    /// The same inputs under settings whose steps are known.
    func with(_ settled: RunSpecification) -> RunInputs {
        guard settled != specification else { return self }
        var inputs = self
        inputs.specification = settled
        inputs.fingerprints = Fingerprints(
            space: fingerprints.space, run: settled.fingerprint, data: fingerprints.data)
        return inputs
    }
}
