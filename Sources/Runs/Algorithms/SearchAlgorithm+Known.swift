extension SearchAlgorithm {
    /// The settings of the algorithms that there are, one line each, in the order in which messages list them.
    ///
    /// Each has its strategy in `Search/Algorithms`.
    package static let known: [any SearchAlgorithmSettings.Type] = [
        EvolutionSettings.self,
        LinasSettings.self,
        NSGA2Settings.self,
        RandomSettings.self,
    ]

    /// Kinds that are not offered yet.
    static let later = ["nsga3", "aging", "local"]

    /// The algorithm of a file that names none.
    static let usual = SearchAlgorithm(EvolutionSettings())
}
