public import SearchSpaces

/// A candidate that a search asks to have measured.
public struct Proposal: Sendable, Hashable {
    /// Where a candidate comes from; the raw value is the word in results files.
    public enum Origin: String, Sendable, Hashable, CaseIterable, Codable {
        /// Drawn uniformly, or the first unseen neighbour of a known genome once draws only repeat known ones.
        case random
        /// Made of two parents.
        case crossover
        /// Made of one or two parents and mutated.
        case mutation
        /// Chosen among many by what is predicted of it.
        case predicted
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

/// A genome as text: two hexadecimal digits for each choice.
struct GenomeText: Codable {
    let genome: Genome

    init(genome: Genome) {
        self.genome = genome
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let digits = Array(try container.decode(String.self).utf8)
        var choices: [UInt8] = []
        for start in stride(from: 0, to: digits.count, by: 2) {
            let pair = String(decoding: digits[start..<min(start + 2, digits.count)], as: UTF8.self)
            guard pair.utf8.count == 2, let choice = UInt8(pair, radix: 16) else {
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "A genome has two hexadecimal digits for each choice.")
            }
            choices.append(choice)
        }
        genome = Genome(choices)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        let text = genome.choices.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        try container.encode(text)
    }
}
