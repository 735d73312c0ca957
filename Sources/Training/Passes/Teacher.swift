public import SearchSpaces
internal import Supernets
internal import Tensors

/// A subnet with weights that nobody changes any more, which teaches another network on the same batches.
public final class Teacher {
    private let network: TrainedWeights
    private let genome: Genome
    private let weights: FloatBuffer
    private let shards: Int
    private let pool: WorkerPool
    private let tapes: [Tape]

    /// Makes room for batches of so many examples in so many shards.
    public init(_ network: TrainedWeights, as genome: Genome, batch: Int, shards: Int, pool: WorkerPool) {
        self.network = network
        self.genome = genome
        self.shards = shards
        self.pool = pool
        weights = network.weights(of: genome)
        let largest = (0..<shards).map { TrainingBatch.range(ofShard: $0, of: shards, count: batch).count }.max() ?? 0
        let floats = network.supernet.arenaFloats(batch: largest, for: .training)
        tapes = (0..<pool.count).map { _ in Tape(backend: network.kernels, arena: Arena(floats: floats)) }
    }

    /// Writes what it answers to the examples of a batch.
    ///
    /// - Parameter outputs: Shape (examples, outputs).
    func answer(_ batch: TrainingBatch, into outputs: MatrixView) {
        // No gradient is recorded, so that those of the store are never touched.
        let store = ParameterStore(values: weights, gradients: weights)
        pool.run(shards) { worker, shard in
            let range = batch.range(ofShard: shard, of: shards), tape = tapes[worker]
            tape.begin(recording: false)
            let logits = network.supernet.forward(batch.inputs(range), as: genome, with: store, on: tape)
            network.kernels.copy(
                logits.value,
                to: outputs.block(row: range.lowerBound, column: 0, rows: range.count, columns: outputs.columns))
        }
    }
}
