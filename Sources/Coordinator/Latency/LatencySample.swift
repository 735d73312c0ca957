public import SearchSpaces
internal import Tensors

/// Which architectures of a space are timed: the ends, then in turn one drawn from the whole space and one whose multiply-adds are
/// drawn from their whole range, so that few as well as many tell how latency depends on size and on everything else.
///
/// The first so many are the same whatever the number: a file that is to have more goes on.
public enum LatencySample {
    /// How often a known architecture is drawn before the sample has no more.
    private static let tries = 1000

    /// Different architectures in canonical form; fewer where the space has no more.
    public static func genomes(of space: SearchSpace, count: Int, seed: Int) -> [Genome] {
        var genomes: [Genome] = [], known: Set<Genome> = []
        for end in [space.smallest, space.largest].map(space.canonical) where known.insert(end).inserted {
            genomes.append(end)
        }
        let distribution = space.isSpreadByCost ? CostDistribution(space, bins: CostBins(space, count: bins)) : nil
        var generator = CounterGenerator(seed: UInt64(seed), stream: .search, step: 0)
        var attempts = 0
        while genomes.count < count, attempts < tries {
            let bin = Int.random(in: 0..<bins, using: &generator)
            let drawn = genomes.count % 2 == 0 ? nil : distribution?.draw(bin, using: &generator)
            let genome = space.canonical(drawn ?? space.randomGenome(using: &generator))
            if known.insert(genome).inserted {
                genomes.append(genome)
                attempts = 0
            } else {
                attempts += 1
            }
        }
        return Array(genomes.prefix(count))
    }

    /// What others are compared with where nobody names it: an architecture in the middle of the range of multiply-adds, or the
    /// smallest where these cannot be counted.
    static func reference(of space: SearchSpace) -> Genome {
        guard space.isSpreadByCost else { return space.smallest }
        var generator = CounterGenerator(seed: 0, stream: .search, step: 1)
        let distribution = CostDistribution(space, bins: CostBins(space, count: bins))
        // From the middle outwards: a bin may be empty.
        for bin in (0..<bins).sorted(by: { abs(2 * $0 - bins) < abs(2 * $1 - bins) }) {
            if let genome = distribution.draw(bin, using: &generator) { return genome }
        }
        return space.smallest
    }

    private static let bins = 16
}
