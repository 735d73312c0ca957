internal import Datasets
internal import Foundation
internal import Runs
internal import SearchSpaces
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
