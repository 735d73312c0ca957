internal import Datasets
internal import SearchSpaces
internal import Tensors

/// Measures a trainer's subnets on the examples that were held out for the sampler, a window of them each time.
struct HeldOutProbe: ShiftProbe {
    let trainer: Trainer
    let evaluator: Evaluator
    let samples: Int

    func losses(_ genomes: [Genome], visit: Int) throws -> [[Double]] {
        try evaluator.chunkLosses(
            genomes, values: trainer.values, on: trainer.source,
            indices: window(visit, count: wholeChunks))
    }

    /// Examples of a measurement: whole chunks, so that all chunks weigh the same.
    private var wholeChunks: Int {
        let count = min(samples, trainer.heldOut.count)
        return count < Evaluator.chunk ? count : count / Evaluator.chunk * Evaluator.chunk
    }

    func optionGradients(_ genome: Genome, visit: Int) throws -> (now: OptionWeights, before: OptionWeights) {
        try trainer.heldOutGradients(genome, indices: window(visit, count: trainer.settings.batch))
    }

    func rememberWeights() { trainer.rememberWeights() }

    /// So many held-out examples, each visit the next ones; after the last the first again.
    private func window(_ visit: Int, count: Int) -> [Int32] {
        let all = trainer.heldOut
        return (0..<count).map { all[(visit * count + $0) % all.count] }
    }
}
