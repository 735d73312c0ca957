public import SearchSpaces

/// A measured candidate.
public struct SearchMember: Sendable, Hashable {
    /// The candidate in canonical form.
    public let genome: Genome
    /// How good it is.
    public let fitness: Fitness

    /// Creates a member.
    public init(genome: Genome, fitness: Fitness) {
        self.genome = genome
        self.fitness = fitness
    }
}

extension SearchMember: Codable {
    private enum CodingKeys: String, CodingKey {
        case genome
        case fitness
    }

    /// Reads the value; throws on missing keys and malformed genomes.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        genome = try container.decode(GenomeText.self, forKey: .genome).genome
        fitness = try container.decode(Fitness.self, forKey: .fitness)
    }

    /// Writes the value; genomes become two hexadecimal digits for each choice.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(GenomeText(genome: genome), forKey: .genome)
        try container.encode(fitness, forKey: .fitness)
    }
}
