internal import Foundation
internal import Search
internal import SearchSpaces

/// The search between two rounds, as a checkpoint holds it.
struct RoundState: Codable {
    /// The number of the last finished round.
    let round: Int
    private let state: SearchState

    init(round: Int, state: SearchState) {
        self.round = round
        self.state = state
    }

    init(json: String) throws { self = try JSONDecoder().decode(Self.self, from: Data(json.utf8)) }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// How many candidates the round measured.
    var evaluations: Int { state.asked }

    /// The population, which the next round measures anew, in its order.
    var survivors: [Genome] { state.population.map(\.genome) }
}
