public import SearchSpaces

/// The search algorithms by the names that run files use.
public enum SearchAlgorithmKind: String, Sendable, Hashable, CaseIterable, Codable {
    /// Uniform draws without repetition.
    case random
    /// An elitist evolution of the first objective.
    case evolution
    /// NSGA-II over all objectives.
    case nsga2

    /// A new round of this algorithm.
    public func start(
        in space: some GenomeSpace, parameters: SearchParameters, from start: SearchStart = SearchStart()
    ) -> any SearchAlgorithm {
        switch self {
        case .random: RandomSearch(space: space, parameters: parameters, start: start)
        case .evolution: EvolutionSearch(space: space, parameters: parameters, start: start)
        case .nsga2: NSGA2(space: space, parameters: parameters, start: start)
        }
    }

    /// The round of a saved state, continued with whatever algorithm saved it.
    ///
    /// Throws when the state's genomes are not of the space.
    public static func resume(
        _ state: SearchState, in space: some GenomeSpace
    ) throws(SearchError) -> any SearchAlgorithm {
        switch state.kind {
        case .random: try RandomSearch(space: space, state: state)
        case .evolution: try EvolutionSearch(space: space, state: state)
        case .nsga2: try NSGA2(space: space, state: state)
        }
    }
}
