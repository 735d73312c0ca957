public import SearchSpaces
internal import Tensors

/// Subnets of every bin of multiply-adds, the same for every run of a space, so that measurements can be paired.
public struct SubnetPanel: Sendable {
    /// A subnet of a bin.
    public struct Member: Sendable, Equatable {
        /// The bin that it was drawn from.
        public let bin: Int
        /// The subnet.
        public let genome: Genome
    }

    /// The bins.
    public let bins: CostBins
    /// What was drawn, bin by bin; an architecture may be drawn again.
    public let draws: [Member]

    /// Draws so many of each bin, uniformly within it; nil where the space's multiply-adds cannot be counted.
    public init?(_ space: SearchSpace, bins count: Int, perBin: Int) {
        bins = CostBins(space, count: count)
        guard CostDistribution.counts(space, by: bins.metric) else { return nil }
        let distribution = CostDistribution(space, bins: bins)
        var generator = CounterGenerator(seed: 0, stream: .search, step: 0)
        draws = (0..<count).flatMap { bin in
            (0..<perBin).compactMap { _ in
                distribution.draw(bin, using: &generator).map { Member(bin: bin, genome: $0) }
            }
        }
    }

    /// What was drawn, each architecture once.
    func distinct(in space: SearchSpace) -> [Member] {
        var seen: Set<Genome> = []
        return draws.filter { seen.insert(space.canonical($0.genome)).inserted }
    }
}
