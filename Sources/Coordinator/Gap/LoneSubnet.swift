internal import Datasets
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
    private let measurer: SupernetEvaluator

    /// Begins at initial weights.
    ///
    /// - Parameter seed: Of weights and of the order of batches, beside the run's own.
    init(
        _ genome: Genome, of inputs: RunInputs, settings: TrainSettings, seed: Int, pool: WorkerPool,
        kernels: any Backend
    ) throws {
        guard let dataset = inputs.dataset else { throw CoordinatorError.noData }
        // Far from the run's own seed, whose order of batches the supernet has seen.
        let own = UInt64(inputs.specification.seed) &+ UInt64(seed) << 32
        self.genome = genome
        trainer = try Trainer(
            supernet: inputs.space.standalone(genome), task: try inputs.task(over: dataset), settings: settings,
            source: try dataset.batches(of: settings.batch, seed: own), seed: own, pool: pool, kernels: kernels)
        measurer = SupernetEvaluator(
            trainer.trained, dataset: dataset, metrics: RunMetrics(inputs.specification, space: inputs.space),
            samples: 0,
            control: RunControl())
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
