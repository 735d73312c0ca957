public import Foundation
public import Runs
internal import SearchSpaces

/// Everything that the next question of a search depends on, besides its space.
///
/// Random numbers are a function of (seed, round, generation), so no generator is part of the state.
public struct SearchState: Sendable {
    /// The algorithm with its own settings.
    public let algorithm: SearchAlgorithm
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
    /// Everything measured under the weights of the round: what was from the start, then what was told, in ask order.
    public internal(set) var archive: [SearchMember] = []
    /// Survivors and seeds that are still to be asked.
    public internal(set) var waiting: [Proposal] = []
    /// What was asked and not yet told.
    public internal(set) var pending: [Proposal] = []
    /// Whether candidates are moved into the windows of their costs: searches that earlier versions began do without.
    public internal(set) var isRepairing = false
    /// What stop rules have looked at; nil where there are none.
    public internal(set) var progress: SearchProgress?
    /// Why nothing more is asked although evaluations and architectures are left; nil as long as neither is so.
    public internal(set) var ending: SearchEnding?
    /// Everything asked or measured so far; follows from the rest.
    var known: Set<Genome> = []
    /// What the strategy keeps; nil for one that keeps nothing.
    private(set) var memory: (any StrategyMemory)?

    init(algorithm: SearchAlgorithm, parameters: SearchParameters) {
        self.algorithm = algorithm
        self.parameters = parameters
    }

    /// Reads a state from JSON.
    public init(json: Data) throws { try self.init(json: json, strategies: StrategyRegistry.all) }

    init(json: Data, strategies: [any SearchStrategy.Type]) throws {
        let decoder = JSONDecoder()
        if let key = Self.strategiesKey { decoder.userInfo[key] = strategies }
        self = try decoder.decode(Self.self, from: json)
    }

    /// Whether a genome in canonical form was asked or measured before.
    func isKnown(_ genome: Genome) -> Bool { known.contains(genome) }

    /// The state with its archive, which its JSON leaves out: whoever keeps the candidates has it already, and it would be
    /// written anew with every batch.
    ///
    /// - Parameter told: What was measured under the weights before the round, then what was asked and told, in ask order.
    public func withArchive(told: [SearchMember]) -> SearchState {
        var state = self
        state.archive = told
        return state
    }

    /// The state with a larger budget, so that a round that was over goes on, and stop rules look anew; a smaller one changes
    /// nothing.
    public func withBudget(_ evaluations: Int) -> SearchState {
        guard evaluations > parameters.evaluations else { return self }
        var state = self
        state.parameters.evaluations = evaluations
        state.ending = nil
        state.progress?.begin(after: asked)
        return state
    }

    /// The state as JSON with sorted keys, the archive left out: equal states have equal bytes.
    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return try encoder.encode(self)
    }

    mutating func remember(_ memory: some StrategyMemory) { self.memory = memory is NoMemory ? nil : memory }
}

extension SearchState: Hashable {
    /// Whether both ask the same questions from here on.
    public static func == (left: SearchState, right: SearchState) -> Bool {
        let isMemoryEqual =
            switch (left.memory, right.memory) {
            case (nil, nil): true
            case (let mine?, let theirs?): mine.isEqual(to: theirs)
            default: false
            }
        return isMemoryEqual && left.algorithm == right.algorithm && left.parameters == right.parameters
            && left.generation == right.generation && left.asked == right.asked
            && left.isExhausted == right.isExhausted && left.population == right.population
            && left.archive == right.archive && left.waiting == right.waiting && left.pending == right.pending
            && left.isRepairing == right.isRepairing && left.progress == right.progress && left.ending == right.ending
    }

    /// Mixes what differs between the states of a round.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(parameters)
        hasher.combine(generation)
        hasher.combine(population)
        hasher.combine(pending)
    }
}

extension SearchState: Codable {
    /// The strategies that a state may name, for tests that bring their own.
    private static let strategiesKey = CodingUserInfoKey(rawValue: "strategies")

    private enum CodingKeys: String, CodingKey {
        case kind
        case settings
        case parameters
        case generation
        case asked
        case isExhausted
        case population
        case waiting
        case pending
        case memory
        case isRepairing
        case progress
        case ending
    }

    /// Reads the value; throws on unknown kinds, missing keys and malformed genomes.
    ///
    /// Earlier versions wrote the settings of the algorithm among the parameters, and an archive of genomes without
    /// results, which nothing is read from.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let strategies =
            Self.strategiesKey.flatMap { decoder.userInfo[$0] } as? [any SearchStrategy.Type] ?? StrategyRegistry.all
        let kind = try container.decode(String.self, forKey: .kind)
        guard let strategy = strategies.strategy(ofKind: kind) else { throw SearchError.unknownAlgorithm(kind) }
        algorithm = try strategy.algorithm(
            from: container, forKey: container.contains(.settings) ? .settings : .parameters)
        memory = container.contains(.memory) ? try strategy.memory(from: container, forKey: .memory) : nil
        parameters = try container.decode(SearchParameters.self, forKey: .parameters)
        generation = try container.decode(Int.self, forKey: .generation)
        asked = try container.decode(Int.self, forKey: .asked)
        isExhausted = try container.decode(Bool.self, forKey: .isExhausted)
        population = try container.decode([SearchMember].self, forKey: .population)
        waiting = try container.decode([Proposal].self, forKey: .waiting)
        pending = try container.decode([Proposal].self, forKey: .pending)
        isRepairing = try container.decodeIfPresent(Bool.self, forKey: .isRepairing) ?? false
        progress = try container.decodeIfPresent(SearchProgress.self, forKey: .progress)
        ending = try container.decodeIfPresent(SearchEnding.self, forKey: .ending)
    }

    /// Writes the value; genomes become two hexadecimal digits for each choice.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(algorithm.kind, forKey: .kind)
        try container.encode(algorithm.settings, forKey: .settings)
        try container.encode(parameters, forKey: .parameters)
        try container.encode(generation, forKey: .generation)
        try container.encode(asked, forKey: .asked)
        try container.encode(isExhausted, forKey: .isExhausted)
        try container.encode(population, forKey: .population)
        try container.encode(waiting, forKey: .waiting)
        try container.encode(pending, forKey: .pending)
        if let memory { try container.encode(memory, forKey: .memory) }
        if isRepairing { try container.encode(true, forKey: .isRepairing) }
        try container.encodeIfPresent(progress, forKey: .progress)
        try container.encodeIfPresent(ending, forKey: .ending)
    }
}

extension SearchStrategy {
    fileprivate static func algorithm<Key>(
        from container: KeyedDecodingContainer<Key>, forKey key: Key
    ) throws -> SearchAlgorithm {
        SearchAlgorithm(try container.decode(Settings.self, forKey: key))
    }

    fileprivate static func memory<Key>(
        from container: KeyedDecodingContainer<Key>, forKey key: Key
    ) throws -> any StrategyMemory {
        try container.decode(Memory.self, forKey: key)
    }
}
