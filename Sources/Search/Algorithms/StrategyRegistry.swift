import Runs
import SearchSpaces

/// The strategies that there are, one line each: the only place outside of their folders that names them.
///
/// Their kinds are those of the run files (`SearchAlgorithm.known`).
enum StrategyRegistry {
    static let all: [any SearchStrategy.Type] = [
        Evolution.self,
        Linas.self,
        NSGA2.self,
        NSGA3.self,
        UNSGA3.self,
        AGEMOEA.self,
        AgingEvolution.self,
        LocalSearch.self,
        BinElites.self,
        RandomDraws.self,
    ]
}

extension [any SearchStrategy.Type] {
    /// The strategy of a kind.
    func strategy(ofKind kind: String) -> (any SearchStrategy.Type)? {
        first { $0.kind == kind }
    }

    /// The strategy of an algorithm with its settings, for a space.
    func strategy(of algorithm: SearchAlgorithm, in space: any GenomeSpace) throws(SearchError) -> any SearchStrategy {
        guard let strategy = strategy(ofKind: algorithm.kind)?.made(of: algorithm.settings, in: space) else {
            throw .unknownAlgorithm(algorithm.kind)
        }
        return strategy
    }
}

extension SearchStrategy {
    /// The kind that run files name.
    static var kind: String { Settings.kind }

    fileprivate static func made(of settings: any SearchAlgorithmSettings, in space: any GenomeSpace) -> Self? {
        (settings as? Settings).map { Self($0, in: space) }
    }
}
