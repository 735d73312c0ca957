extension SearchAlgorithm {
    /// The settings of the algorithms that there are, one line each, in the order in which messages list them.
    ///
    /// Each has its strategy in `Search/Algorithms`.
    package static let known: [any SearchAlgorithmSettings.Type] = [
        EvolutionSettings.self,
        LinasSettings.self,
        NSGA2Settings.self,
        NSGA3Settings.self,
        UNSGA3Settings.self,
        AGEMOEASettings.self,
        AgingSettings.self,
        LocalSettings.self,
        BinsSettings.self,
        RandomSettings.self,
    ]

    /// The algorithm of a file that names none.
    static let usual = SearchAlgorithm(LinasSettings())

    /// Whose settings a file gives that gives some without a kind: those of what was usual before.
    static let kindless: any SearchAlgorithmSettings.Type = EvolutionSettings.self
}
