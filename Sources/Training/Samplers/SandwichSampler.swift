public import SearchSpaces

/// The largest, the smallest and some uniform random subnets in every step.
///
/// Source: Yu et al., "BigNAS: Scaling Up Neural Architecture Search with Big Single-Stage Models" (ECCV 2020),
/// section 3.1.
public struct SandwichSampler: SubnetSampler {
    private let uniform: UniformSampler
    private let bounds: [Genome]
    private let random: Int

    /// Creates a sampler of a run's seed.
    ///
    /// - Parameter random: Random subnets a step, 0 or more.
    public init(space: SearchSpace, seed: UInt64, random: Int) {
        uniform = UniformSampler(space: space, seed: seed)
        bounds = [space.largest, space.smallest]
        self.random = random
    }

    /// The subnets of a step, the largest first.
    public func genomes(step: Int) -> [Genome] { bounds + uniform.draws(random, step: step) }
}
