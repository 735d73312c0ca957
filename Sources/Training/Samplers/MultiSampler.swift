internal import Runs
public import SearchSpaces
internal import Tensors

/// A subnet of its own for each shard of a step, in one pass: each shard is an exact slice, gradients are summed over what any
/// of them uses, and the weights are updated once.
///
/// Source: Liao et al., "Searching for Efficient Multi-Stage Vision Transformers" (ViT-ResNAS, 2021), section 3.3,
/// multi-architectural sampling, there by masks over examples.
public final class MultiSampler: SubnetSampler {
    public let space: SearchSpace
    public let bins: CostBins
    private let shards: Int
    private let seed: UInt64
    /// What two shards train in every step.
    private let ends: [Genome]
    /// Draws from bins; nil where every decision is drawn by itself.
    private let table: CostDistribution?

    /// Creates a sampler of a run's seed.
    ///
    /// - Parameter shards: Parts of a batch, at least one.
    init(space: SearchSpace, settings: MultiSettings, shards: Int, seed: UInt64) {
        self.space = space
        self.shards = shards
        self.seed = seed
        bins = CostBins(space, count: CostBins.usualCount)
        ends = settings.hasEnds ? [space.largest, space.smallest] : []
        table = settings.draw == .bins ? CostDistribution(space, bins: bins) : nil
    }

    /// The largest subnet is in no step's batch as a whole.
    public var teacher: TeacherPlace { .forward }

    /// One draw: a subnet for each shard, the ends first.
    public func draws(step: Int) -> [SubnetDraw] {
        var generator = CounterGenerator(seed: seed, stream: .subnet, step: UInt64(step))
        let kept = ends.prefix(shards)
        return [SubnetDraw(ofShards: kept + (kept.count..<shards).map { _ in subnet(using: &generator) })]
    }

    private func subnet(using generator: inout CounterGenerator) -> Genome {
        guard let table else { return space.randomGenome(using: &generator) }
        // A bin without architectures passes its turn on.
        for _ in 0..<8 * bins.count {
            if let genome = table.draw(Int.random(in: 0..<bins.count, using: &generator), using: &generator) {
                return genome
            }
        }
        return space.randomGenome(using: &generator)
    }
}
