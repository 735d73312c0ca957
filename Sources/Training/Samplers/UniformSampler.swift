public import SearchSpaces
internal import Tensors

/// One subnet a step, every decision drawn uniformly.
///
/// Source: Guo et al., "Single path one-shot neural architecture search with uniform sampling" (ECCV 2020), section 3.2.
public struct UniformSampler: SubnetSampler {
    private let space: SearchSpace
    private let seed: UInt64

    /// Creates a sampler of a run's seed.
    public init(space: SearchSpace, seed: UInt64) {
        self.space = space
        self.seed = seed
    }

    /// The subnet of a step.
    public func genomes(step: Int) -> [Genome] { draws(1, step: step) }

    /// The first so many draws of a step.
    func draws(_ count: Int, step: Int) -> [Genome] {
        var generator = CounterGenerator(seed: seed, stream: .subnet, step: UInt64(step))
        return (0..<count).map { _ in space.randomGenome(using: &generator) }
    }
}
