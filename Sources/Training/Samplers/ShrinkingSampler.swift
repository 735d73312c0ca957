internal import Runs
public import SearchSpaces
internal import Tensors

/// A subnet of its own for each shard of a step: at first the largest, then with any kernels, then with any depths, too, and at last
/// with any widths.
///
/// Source: Cai et al., "Once-for-All: Train One Network and Specialize it for Efficient Deployment" (ICLR 2020), section 3.2,
/// progressive shrinking, there with resolutions that are open from the beginning, as decisions of no dimension are here.
public final class ShrinkingSampler: SubnetSampler {
    public let space: SearchSpace
    public let bins: CostBins
    private let shards: Int
    private let seed: UInt64
    private let sortingStep: Int?
    /// The step from which each decision is open.
    private let openings: [Int]

    init(space: SearchSpace, settings: ShrinkingSettings, steps: Int, shards: Int, seed: UInt64) {
        self.space = space
        self.shards = shards
        self.seed = seed
        bins = CostBins(space, count: CostBins.usualCount)
        openings = space.dimensions.map { $0.map { settings.opening(of: $0, in: steps) } ?? 0 }
        let width = settings.opening(of: .width, in: steps)
        // Where widths are open from the first step there is nothing to go by.
        sortingStep = settings.sortsChannels && (1..<steps).contains(width) ? width : nil
    }

    /// The largest subnet is in no step's batch as a whole.
    public var teacher: TeacherPlace { .forward }

    /// One draw: a subnet for each shard.
    public func draws(step: Int) -> [SubnetDraw] {
        var generator = CounterGenerator(seed: seed, stream: .subnet, step: UInt64(step))
        let genomes = (0..<shards).map { _ in
            // Canonical once depths are as they will be: what a cut block has is drawn with it.
            space.canonical(
                Genome(
                    space.decisions.indices.map { place in
                        let options = space.decisions[place].options.count
                        let option = Int.random(in: 0..<options, using: &generator)
                        return UInt8(step < openings[place] ? options - 1 : option)
                    }))
        }
        return [SubnetDraw(ofShards: genomes)]
    }

    public func sortsChannels(before step: Int) -> Bool { step == sortingStep }
}
