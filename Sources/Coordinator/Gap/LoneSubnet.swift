internal import Datasets
internal import Runs
internal import SearchSpaces
internal import Supernets
internal import Training

/// A subnet that is trained as a network of its own, and measured as it goes.
struct LoneSubnet {
    /// The subnet, a genome of the supernet's space.
    let genome: Genome
    /// Its training.
    let trainer: Trainer
    private let measurer: SupernetEvaluator

    /// Begins at initial weights.
    ///
    /// - Parameter seed: Of weights and of the order of batches, beside the run's own.
    init(_ genome: Genome, of network: TrainedSupernet, settings: TrainSettings, seed: Int) throws {
        let inputs = network.inputs
        // Far from the run's own seed, whose order of batches the supernet has seen.
        let own = UInt64(inputs.specification.seed) &+ UInt64(seed) << 32
        self.genome = genome
        trainer = try Trainer(
            supernet: inputs.space.standalone(genome), task: network.trainer.task, settings: settings,
            source: try network.dataset.batches(of: settings.batch, seed: own), seed: own, pool: network.pool,
            kernels: network.trainer.kernels)
        measurer = SupernetEvaluator(
            trainer: trainer, dataset: network.dataset,
            metrics: RunMetrics(inputs.specification, space: inputs.space), samples: 0, pool: network.pool,
            kernels: network.trainer.kernels, control: RunControl())
    }

    /// A training step.
    func step() throws -> StepResult { try trainer.trainStep(as: genome) }

    /// Its task's metrics on all validation examples.
    func validate() throws -> Evaluation {
        guard let evaluation = try measurer.validate([genome])?.first else {
            throw DatasetError.empty(file: "validation examples")
        }
        return evaluation
    }
}
