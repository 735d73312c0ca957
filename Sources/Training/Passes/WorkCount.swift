internal import SearchSpaces
internal import Supernets

/// Counts the multiply-adds that training executes: for each example those of the network's products as they are computed,
/// forward once and backward twice.
///
/// Passes, teachers that only run forward, and what samplers measure count alike. A masked pass counts at full width with its
/// masks, see ``MaskableSupernet/maskedMultiplyAdds``; a subnet that is measured beside others counts in full, although
/// what they have in common is computed once. Norms, activations, the optimiser, the merging of experts and what a sampler
/// computes for itself are left out, as they are of an architecture's cost. Counts end at the greatest whole number.
struct WorkCount: Sendable {
    private let supernet: any Supernet
    private let batch: Int
    private let shards: Int
    /// Of one example forward at full width; 0 where nothing runs under masks.
    private let fullWidth: Int

    /// - Parameter isMasked: Whether there are masked passes, which take a while to count.
    init(_ supernet: any Supernet, batch: Int, shards: Int, isMasked: Bool) {
        self.supernet = supernet
        self.batch = batch
        self.shards = shards
        fullWidth = isMasked ? (supernet as? any MaskableSupernet)?.maskedMultiplyAdds ?? 0 : 0
    }

    /// Of a pass over the batch.
    func multiplyAdds(of pass: Pass) -> Int {
        let times = pass.isForward ? 1 : 3
        if pass.isMasked { return fullWidth.times(batch).times(times) }
        guard pass.genomes.count > 1 else {
            return forward(pass.genomes[0], examples: batch).times(times)
        }
        return pass.genomes.enumerated().reduce(0) { sum, own in
            let range = TrainingBatch.range(ofShard: own.offset, of: shards, count: batch)
            return sum.plus(forward(own.element, examples: range.count).times(times))
        }
    }

    /// Of the passes of a step.
    func multiplyAdds(of passes: [Pass]) -> Int { passes.reduce(0) { $0.plus(multiplyAdds(of: $1)) } }

    /// Of measuring subnets on so many examples.
    func multiplyAdds(measuring genomes: [Genome], examples: Int) -> Int {
        genomes.reduce(0) { $0.plus(forward($1, examples: examples)) }
    }

    private func forward(_ genome: Genome, examples: Int) -> Int {
        supernet.space.executedMultiplyAdds(of: genome).times(examples)
    }
}
