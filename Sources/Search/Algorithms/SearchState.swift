public import Foundation
public import SearchSpaces

/// Everything that the next question of a search algorithm depends on, besides its space.
///
/// Random numbers are a function of (seed, round, generation), so no generator is part of the state.
public struct SearchState: Sendable, Hashable {
    /// The algorithm.
    public let kind: SearchAlgorithmKind
    /// The settings of the round.
    public private(set) var parameters: SearchParameters
    /// The number of batches already told.
    public internal(set) var generation = 0
    /// How many candidates were asked, the pending ones included.
    public internal(set) var asked = 0
    /// Whether the space has no genome left to ask.
    public internal(set) var isExhausted = false
    /// The survivors so far, in ask order.
    public internal(set) var population: [SearchMember] = []
    /// Every genome that is not to be proposed again, in the order in which it became known.
    public internal(set) var archive: [Genome] = []
    /// Survivors and seeds that are still to be asked.
    public internal(set) var waiting: [Proposal] = []
    /// What was asked and not yet told.
    public internal(set) var pending: [Proposal] = []

    init(kind: SearchAlgorithmKind, parameters: SearchParameters) {
        self.kind = kind
        self.parameters = parameters
    }

    /// Reads a state from JSON.
    public init(json: Data) throws {
        self = try JSONDecoder().decode(Self.self, from: json)
    }

    /// The state with its archive, which its JSON leaves out: whoever keeps the candidates has it already, and it would be
    /// written anew with every batch.
    ///
    /// - Parameter told: What was asked and told, in ask order, after whatever was known from the start.
    public func withArchive(told: [Genome]) -> SearchState {
        var state = self
        state.archive = told + (pending + waiting).map(\.genome)
        return state
    }

    /// The state with a larger budget, so that a round that was over goes on; a smaller one changes nothing.
    public func withBudget(_ evaluations: Int) -> SearchState {
        guard evaluations > parameters.evaluations else { return self }
        var state = self
        state.parameters.evaluations = evaluations
        return state
    }

    /// The state as JSON with sorted keys, the archive left out: equal states have equal bytes.
    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return try encoder.encode(self)
    }
}

extension SearchState: Codable {
    private enum CodingKeys: String, CodingKey {
        case kind
        case parameters
        case generation
        case asked
        case isExhausted
        case population
        case archive
        case waiting
        case pending
    }

    /// Reads the value; throws on missing keys and malformed genomes.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        kind = try container.decode(SearchAlgorithmKind.self, forKey: .kind)
        parameters = try container.decode(SearchParameters.self, forKey: .parameters)
        generation = try container.decode(Int.self, forKey: .generation)
        asked = try container.decode(Int.self, forKey: .asked)
        isExhausted = try container.decode(Bool.self, forKey: .isExhausted)
        population = try container.decode([SearchMember].self, forKey: .population)
        // States of earlier versions have it.
        archive = try container.decodeIfPresent([GenomeText].self, forKey: .archive)?.map(\.genome) ?? []
        waiting = try container.decode([Proposal].self, forKey: .waiting)
        pending = try container.decode([Proposal].self, forKey: .pending)
    }

    /// Writes the value; genomes become two hexadecimal digits for each choice.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(kind, forKey: .kind)
        try container.encode(parameters, forKey: .parameters)
        try container.encode(generation, forKey: .generation)
        try container.encode(asked, forKey: .asked)
        try container.encode(isExhausted, forKey: .isExhausted)
        try container.encode(population, forKey: .population)
        try container.encode(waiting, forKey: .waiting)
        try container.encode(pending, forKey: .pending)
    }
}
