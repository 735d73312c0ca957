extension SearchSpace {
    /// Different architectures over the whole range of multiply-adds: the smallest, the largest, and one at random out of
    /// each of as many equal bins between as are still wanted; fewer where bins are empty or the space has no more.
    public func spread(_ count: Int, using generator: inout some RandomNumberGenerator) -> [Genome] {
        var genomes = [smallest]
        if count > 1, largest != smallest { genomes.append(largest) }
        guard count > 2 else { return genomes }
        let bins = CostBins(self, count: count - 2)
        let distribution = CostDistribution(self, bins: bins)
        for bin in 0..<bins.count {
            for _ in 0..<Self.spreadTries {
                guard let genome = distribution.draw(bin, using: &generator).map(canonical) else { break }
                if genomes.contains(genome) { continue }
                genomes.append(genome)
                break
            }
        }
        return genomes
    }

    private static let spreadTries = 32
}
