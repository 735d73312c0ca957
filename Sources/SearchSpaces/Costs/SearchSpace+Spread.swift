extension SearchSpace {
    /// Whether ``spread(_:using:)`` goes by multiply-adds: whether they can be counted.
    public var isSpreadByCost: Bool { CostDistribution.counts(self, by: .multiplyAdds) }

    /// Different architectures, in canonical form, over the whole range of multiply-adds: the smallest, the largest, and one at random out of
    /// each of as many equal bins between as are still wanted; fewer where bins are empty or the space has no more. Where
    /// multiply-adds cannot be counted, the others are drawn from the whole space.
    public func spread(_ count: Int, using generator: inout some RandomNumberGenerator) -> [Genome] {
        let (least, most) = (canonical(smallest), canonical(largest))
        var genomes = [least]
        if count > 1, most != least { genomes.append(most) }
        guard count > 2 else { return genomes }
        let bins = CostBins(self, count: count - 2)
        let distribution = isSpreadByCost ? CostDistribution(self, bins: bins) : nil
        for bin in 0..<bins.count {
            for _ in 0..<Self.spreadTries {
                let drawn =
                    if let distribution {
                        distribution.draw(bin, using: &generator).map(canonical)
                    } else {
                        canonical(randomGenome(using: &generator)) as Genome?
                    }
                guard let genome = drawn else { break }
                if genomes.contains(genome) { continue }
                genomes.append(genome)
                break
            }
        }
        return genomes
    }

    private static let spreadTries = 32
}
