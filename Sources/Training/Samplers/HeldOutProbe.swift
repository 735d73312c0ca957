internal import Datasets
internal import Runs
internal import SearchSpaces
internal import Tensors

/// Measures a trainer's subnets on the examples that were held out for the sampler, a window of them each time.
struct HeldOutProbe: SamplerProbe {
    let trainer: Trainer
    let evaluator: Evaluator
    let samples: Int

    func losses(_ genomes: [Genome], part: Int) throws -> [[Double]] {
        let indices = window(part, count: wholeChunks)
        trainer.countMeasured(genomes, examples: indices.count)
        return try evaluator.chunkLosses(
            genomes, values: trainer.values, on: trainer.source.examples, indices: indices)
    }

    /// Examples of a measurement: whole chunks, so that all chunks weigh the same.
    private var wholeChunks: Int {
        let count = min(samples, trainer.heldOut.count)
        return count < Evaluator.chunk ? count : count / Evaluator.chunk * Evaluator.chunk
    }

    func optionGradients(_ genome: Genome, part: Int) throws -> (now: OptionWeights, before: OptionWeights) {
        try trainer.heldOutGradients(genome, indices: window(part, count: trainer.settings.batch))
    }

    func rememberWeights() { trainer.rememberWeights() }

    /// So many held-out examples, each part the next ones; after the last the first again.
    private func window(_ part: Int, count: Int) -> [Int32] {
        let all = trainer.heldOut
        return (0..<count).map { all[(part * count + $0) % all.count] }
    }
}
