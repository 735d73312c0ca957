public import SearchSpaces

/// A candidate that a search algorithm asks to have measured.
public struct Proposal: Sendable, Hashable {
    /// Where a candidate comes from; the raw value is the word in results files.
    public enum Origin: String, Sendable, Hashable, CaseIterable, Codable {
        /// Drawn uniformly, or the first unseen neighbour of a known genome once draws only repeat known ones.
        case random
        /// Made of two parents.
        case crossover
        /// Made of one or two parents and mutated.
        case mutation
        /// Given by the caller.
        case seed
        /// A survivor of an earlier round, measured anew.
        case elite
    }

    /// The candidate in canonical form.
    public let genome: Genome
    /// Where it comes from.
    public let origin: Origin

    /// Creates a proposal.
    public init(genome: Genome, origin: Origin) {
        self.genome = genome
        self.origin = origin
    }
}

extension Proposal: Codable {
    private enum CodingKeys: String, CodingKey {
        case genome
        case origin
    }

    /// Reads the value; throws on missing keys and malformed genomes.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        genome = try container.decode(GenomeText.self, forKey: .genome).genome
        origin = try container.decode(Origin.self, forKey: .origin)
    }

    /// Writes the value; genomes become two hexadecimal digits for each choice.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(GenomeText(genome: genome), forKey: .genome)
        try container.encode(origin, forKey: .origin)
    }
}
