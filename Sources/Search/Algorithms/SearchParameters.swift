/// The settings of one round of search.
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
    /// The probability that a child has two parents, 0 to 1.
    public let crossoverRate: Double
    /// The lower bound of the probability that mutation changes a choice, 0 to 1.
    public let mutationRate: Double
    /// How many candidates compete to be a parent; at least 1.
    public let tournament: Int

    /// Creates settings; values outside a range are moved to its nearest end.
    public init(
        population: Int, evaluations: Int, objectives: Int, seed: UInt64, round: Int = 0,
        crossoverRate: Double = 0.9, mutationRate: Double = 0, tournament: Int = 2
    ) {
        self.population = max(population, 1)
        self.evaluations = max(evaluations, 0)
        self.objectives = max(objectives, 1)
        self.seed = seed
        self.round = min(max(round, 0), 0xFF_FFFF)
        self.crossoverRate = min(max(crossoverRate, 0), 1)
        self.mutationRate = min(max(mutationRate, 0), 1)
        self.tournament = max(tournament, 1)
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
        case crossoverRate
        case mutationRate
        case tournament
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
            crossoverRate: try container.decode(Double.self, forKey: .crossoverRate),
            mutationRate: try container.decode(Double.self, forKey: .mutationRate),
            tournament: try container.decode(Int.self, forKey: .tournament))
    }
}
