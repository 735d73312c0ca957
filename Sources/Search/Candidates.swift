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
    /// Why it is asked, beyond that.
    public let reason: ProposalReason

    /// Creates a proposal.
    public init(genome: Genome, origin: Origin, reason: ProposalReason = ProposalReason()) {
        self.genome = genome
        self.origin = origin
        self.reason = reason
    }
}

/// Why a candidate is asked, beyond where it comes from: what it was made of, and what was expected of it.
public struct ProposalReason: Sendable, Hashable {
    /// What a candidate is taken for among many of which predictions are at hand; the raw value is the word that is stored.
    public enum Aim: String, Sendable, Hashable, CaseIterable, Codable {
        /// The hypervolume that it is expected to add.
        case hypervolume
        /// The expected improvement of the first objective that is measured, alone.
        case objective
        /// That predictions of it are unsure.
        case uncertainty
    }

    /// What is predicted of an objective, to be minimised.
    public struct Prediction: Sendable, Hashable, Codable {
        /// The expected value.
        public let mean: Double
        /// The standard deviation of the prediction, 0 or more.
        public let spread: Double

        /// Creates a prediction.
        public init(mean: Double, spread: Double) {
            self.mean = mean
            self.spread = spread
        }
    }

    /// The genomes that it was made of, in canonical form, each once; none where it was drawn, chosen or given.
    public let parents: [Genome]
    /// What it was taken for; nil where nothing was predicted.
    public let aim: Aim?
    /// What was predicted of each objective; nil for one that is known exactly, and empty where nothing was predicted.
    public let predictions: [Prediction?]
    /// Whether it was moved into the windows of exact costs before it was asked.
    public let isRepaired: Bool

    /// Creates a reason; parents that are the same count once.
    public init(
        parents: [Genome] = [], aim: Aim? = nil, predictions: [Prediction?] = [], isRepaired: Bool = false
    ) {
        var seen = Set<Genome>()
        self.parents = parents.filter { seen.insert($0).inserted }
        self.aim = aim
        self.predictions = predictions
        self.isRepaired = isRepaired
    }

    /// The reason of the same candidate after it was moved.
    func repaired() -> ProposalReason {
        ProposalReason(parents: parents, aim: aim, predictions: predictions, isRepaired: true)
    }
}

extension ProposalReason: Codable {
    private enum CodingKeys: String, CodingKey {
        case parents
        case aim
        case predictions
        case isRepaired
    }

    /// Reads the value; throws on malformed genomes.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            parents: try container.decodeIfPresent([GenomeText].self, forKey: .parents)?.map(\.genome) ?? [],
            aim: try container.decodeIfPresent(Aim.self, forKey: .aim),
            predictions: try container.decodeIfPresent([Prediction?].self, forKey: .predictions) ?? [],
            isRepaired: try container.decodeIfPresent(Bool.self, forKey: .isRepaired) ?? false)
    }

    /// Writes what there is.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        if !parents.isEmpty { try container.encode(parents.map(GenomeText.init), forKey: .parents) }
        try container.encodeIfPresent(aim, forKey: .aim)
        if !predictions.isEmpty { try container.encode(predictions, forKey: .predictions) }
        if isRepaired { try container.encode(true, forKey: .isRepaired) }
    }
}

extension Proposal: Codable {
    private enum CodingKeys: String, CodingKey {
        case genome
        case origin
        case reason
    }

    /// Reads the value; throws on missing keys and malformed genomes. Earlier versions wrote no reason.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        genome = try container.decode(GenomeText.self, forKey: .genome).genome
        origin = try container.decode(Origin.self, forKey: .origin)
        reason = try container.decodeIfPresent(ProposalReason.self, forKey: .reason) ?? ProposalReason()
    }

    /// Writes the value; genomes become two hexadecimal digits for each choice.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(GenomeText(genome: genome), forKey: .genome)
        try container.encode(origin, forKey: .origin)
        if reason != ProposalReason() { try container.encode(reason, forKey: .reason) }
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
