public import SearchSpaces

/// One subnet a step, every decision drawn uniformly.
///
/// Source: Guo et al., "Single path one-shot neural architecture search with uniform sampling" (ECCV 2020), section 3.2.
public final class UniformSampler: SubnetSampler {
    public let space: SearchSpace
    public let bins: CostBins
    private let uniform: UniformDraws

    /// Creates a sampler of a run's seed.
    public init(space: SearchSpace, seed: UInt64) {
        self.space = space
        uniform = UniformDraws(space: space, seed: seed)
        bins = CostBins(space, count: CostBins.usualCount)
    }

    public func draws(step: Int) -> [SubnetDraw] { uniform.draws(1, step: step) }
}
