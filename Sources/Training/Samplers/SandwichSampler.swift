public import SearchSpaces

/// The largest, the smallest and some uniform random subnets in every step.
///
/// Source: Yu et al., "BigNAS: Scaling Up Neural Architecture Search with Big Single-Stage Models" (ECCV 2020),
/// section 3.1.
public final class SandwichSampler: SubnetSampler {
    public let space: SearchSpace
    public let bins: CostBins
    private let uniform: UniformDraws
    private let ends: [SubnetDraw]
    private let random: Int

    /// Creates a sampler of a run's seed.
    ///
    /// - Parameter random: Random subnets a step, 0 or more.
    public init(space: SearchSpace, seed: UInt64, random: Int) {
        self.space = space
        self.random = random
        uniform = UniformDraws(space: space, seed: seed)
        bins = CostBins(space, count: CostBins.usualCount)
        ends = [SubnetDraw(genome: space.largest), SubnetDraw(genome: space.smallest)]
    }

    public var teacher: TeacherPlace { .first }

    /// The subnets of a step, the largest first.
    public func draws(step: Int) -> [SubnetDraw] { ends + uniform.draws(random, step: step) }
}
