public import SearchSpaces

/// The settings of one round of search that every algorithm has.
public struct SearchParameters: Sendable, Hashable {
    /// How many candidates survive a generation and how many a full batch asks for; at least 1.
    public let population: Int
    /// The budget: how many candidates are measured in this round, seeds and survivors included; at least 0.
    public internal(set) var evaluations: Int
    /// The number of objectives of every fitness; at least 1.
    public let objectives: Int
    /// The seed of the run.
    public let seed: UInt64
    /// The number of the round, below 2^24.
    public let round: Int
    /// The most candidates that are asked and not yet told, at least 2: new ones are asked as soon as half of them are told. Nil
    /// where a generation is told as a whole before the next one is asked.
    public let pending: Int?

    /// Creates settings; values outside a range are moved to its nearest end.
    public init(
        population: Int, evaluations: Int, objectives: Int, seed: UInt64, round: Int = 0, pending: Int? = nil
    ) {
        self.population = max(population, 1)
        self.evaluations = max(evaluations, 0)
        self.objectives = max(objectives, 1)
        self.seed = seed
        self.round = min(max(round, 0), 0xFF_FFFF)
        self.pending = pending.map { max($0, 2) }
    }

    /// The step of the random stream for one generation: `round * 2^32 + generation`, so that no two collide.
    func step(generation: Int) -> UInt64 {
        UInt64(round) << 32 | UInt64(UInt32(truncatingIfNeeded: generation))
    }
}

extension SearchParameters: Codable {
    private enum CodingKeys: String, CodingKey {
        case population
        case evaluations
        case objectives
        case seed
        case round
        case pending
    }

    /// Reads settings; values outside a range are moved to its nearest end.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            population: try container.decode(Int.self, forKey: .population),
            evaluations: try container.decode(Int.self, forKey: .evaluations),
            objectives: try container.decode(Int.self, forKey: .objectives),
            seed: try container.decode(UInt64.self, forKey: .seed),
            round: try container.decode(Int.self, forKey: .round),
            pending: try container.decodeIfPresent(Int.self, forKey: .pending))
    }
}

/// What a round knows before its first question; all genomes are of the round's space.
public struct SearchStart: Sendable, Hashable {
    /// Survivors of an earlier round: asked first, in this order, and counted in the budget.
    public let survivors: [Genome]
    /// Genomes of the caller's choice: asked next, by strategies that take any.
    public let seeds: [Genome]
    /// What was measured under the same weights before: never asked, and known to strategies that learn.
    public let measured: [SearchMember]

    /// Creates a start; repeated genomes count once, and `survivors` and `seeds` that are `measured` are not asked.
    public init(survivors: [Genome] = [], seeds: [Genome] = [], measured: [SearchMember] = []) {
        self.survivors = survivors
        self.seeds = seeds
        self.measured = measured
    }
}
