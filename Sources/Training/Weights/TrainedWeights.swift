public import SearchSpaces
public import Supernets
public import Tensors

/// A supernet with its parameters and what they were trained for: all that measuring and cutting out subnets takes, whoever
/// trained it.
public struct TrainedWeights {
    /// The network.
    public let supernet: any Supernet
    /// What is learned.
    public let task: any LearningTask
    /// The parameters, in the trained layout of the network; a trainer's change as it trains.
    public let values: FloatBuffer
    /// Who computes.
    public let kernels: any Backend
    private let pool: WorkerPool
    private let calibration: Calibration
    private let measuring = Measuring()

    /// What measures, once somebody asked for it: its memory is that of a forward on every worker.
    private final class Measuring {
        var evaluator: Evaluator?
    }

    init(
        supernet: any Supernet, task: any LearningTask, values: FloatBuffer, calibration: Calibration, pool: WorkerPool,
        kernels: any Backend
    ) {
        self.calibration = calibration
        self.supernet = supernet
        self.task = task
        self.values = values
        self.pool = pool
        self.kernels = kernels
    }

    /// Takes the parameters of a checkpoint.
    ///
    /// - Parameter calibration: What norms over examples are measured on.
    /// - Throws: `TrainingError.damagedCheckpoint`, or `TensorFileError.mismatch` for the weights of another network.
    public init(
        _ checkpoint: CheckpointFile, of supernet: any Supernet, task: any LearningTask, calibration: Calibration,
        pool: WorkerPool, kernels: any Backend
    ) throws {
        let values = FloatBuffer(count: supernet.trainedLayout.floatCount)
        try checkpoint.readWeights(of: supernet, into: values)
        self.init(
            supernet: supernet, task: task, values: values, calibration: calibration, pool: pool, kernels: kernels)
    }

    /// What a subnet computes with, in the layout of the network: the parameters as they are, or merged for it.
    public func weights(of genome: Genome) -> FloatBuffer {
        supernet.weights(values, pool: pool, kernels: kernels).prepare(for: genome, of: supernet)
    }

    /// The weights of a subnet with the statistics of its norms, as a network of its own needs them.
    ///
    /// - Throws: `DatasetError` when the calibration's examples cannot be had.
    public func finishedWeights(of genome: Genome) throws -> FloatBuffer {
        let values = weights(of: genome)
        guard supernet is any CalibratedSupernet else { return values }
        return try evaluator().withStatistics(of: genome, values: values)
    }

    /// What measures its subnets: one for all who ask.
    public func evaluator() -> Evaluator {
        if let known = measuring.evaluator { return known }
        let evaluator = Evaluator(
            supernet: supernet, task: task, statistics: .calibrated(calibration), pool: pool, kernels: kernels)
        measuring.evaluator = evaluator
        return evaluator
    }
}
