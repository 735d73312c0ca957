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

    init(supernet: any Supernet, task: any LearningTask, values: FloatBuffer, pool: WorkerPool, kernels: any Backend) {
        self.supernet = supernet
        self.task = task
        self.values = values
        self.pool = pool
        self.kernels = kernels
    }

    /// Takes the parameters of a checkpoint.
    ///
    /// - Throws: `TrainingError.damagedCheckpoint`, or `TensorFileError.mismatch` for the weights of another network.
    public init(
        _ checkpoint: CheckpointFile, of supernet: any Supernet, task: any LearningTask, pool: WorkerPool,
        kernels: any Backend
    ) throws {
        let values = FloatBuffer(count: supernet.trainedLayout.floatCount)
        try checkpoint.readWeights(of: supernet, into: values)
        self.init(supernet: supernet, task: task, values: values, pool: pool, kernels: kernels)
    }

    /// What a subnet computes with, in the layout of the network: the parameters as they are, or merged for it.
    public func weights(of genome: Genome) -> FloatBuffer {
        supernet.weights(values, pool: pool, kernels: kernels).prepare(for: genome, of: supernet)
    }

    /// What measures its subnets.
    public func evaluator() -> Evaluator { Evaluator(supernet: supernet, task: task, pool: pool, kernels: kernels) }
}
