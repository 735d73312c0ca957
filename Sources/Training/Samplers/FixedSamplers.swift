public import SearchSpaces
internal import Tensors

/// One subnet a step, every decision drawn uniformly.
///
/// Source: Guo et al., "Single path one-shot neural architecture search with uniform sampling" (ECCV 2020), section 3.2.
public final class UniformSampler: SubnetSampler {
    public let space: SearchSpace
    public let bins: CostBins
    private let seed: UInt64

    /// Creates a sampler of a run's seed.
    public init(space: SearchSpace, seed: UInt64) {
        self.space = space
        self.seed = seed
        bins = CostBins(space, count: CostBins.usualCount)
    }

    /// The subnet of a step.
    public func draws(step: Int) -> [SubnetDraw] { draws(1, step: step) }

    /// The first so many draws of a step.
    func draws(_ count: Int, step: Int) -> [SubnetDraw] {
        var generator = CounterGenerator(seed: seed, stream: .subnet, step: UInt64(step))
        return (0..<count).map { _ in SubnetDraw(genome: space.randomGenome(using: &generator)) }
    }
}

/// The largest, the smallest and some uniform random subnets in every step.
///
/// Source: Yu et al., "BigNAS: Scaling Up Neural Architecture Search with Big Single-Stage Models" (ECCV 2020),
/// section 3.1.
public final class SandwichSampler: SubnetSampler {
    public var space: SearchSpace { uniform.space }
    public var bins: CostBins { uniform.bins }
    private let uniform: UniformSampler
    private let ends: [SubnetDraw]
    private let random: Int

    /// Creates a sampler of a run's seed.
    ///
    /// - Parameter random: Random subnets a step, 0 or more.
    public init(space: SearchSpace, seed: UInt64, random: Int) {
        uniform = UniformSampler(space: space, seed: seed)
        ends = [SubnetDraw(genome: space.largest), SubnetDraw(genome: space.smallest)]
        self.random = random
    }

    public var teacher: TeacherPlace { .first }

    /// The subnets of a step, the largest first.
    public func draws(step: Int) -> [SubnetDraw] { ends + uniform.draws(random, step: step) }
}
