public import SearchSpaces

/// What a round knows before its first question; all genomes are of the round's space.
public struct SearchStart: Sendable, Hashable {
    /// Survivors of an earlier round: asked first, in this order, and counted in the budget.
    public let survivors: [Genome]
    /// Genomes of the caller's choice: asked next.
    public let seeds: [Genome]
    /// Genomes already measured under the same weights: never asked.
    public let measured: [Genome]

    /// Creates a start; repeated genomes count once, and `survivors` and `seeds` that are `measured` are not asked.
    public init(survivors: [Genome] = [], seeds: [Genome] = [], measured: [Genome] = []) {
        self.survivors = survivors
        self.seeds = seeds
        self.measured = measured
    }
}
