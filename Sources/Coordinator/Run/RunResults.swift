public import Runs
internal import SearchSpaces
public import Store

/// What a completed run leaves: its front, its best network, its CSV files.
public struct RunResults {
    private let store: any RunQueries
    private let directory: DataDirectory
    private let run: RunID
    private let specification: RunSpecification

    /// Reads the results of a run.
    public init(
        store: some RunQueries, directory: DataDirectory, run: RunID, specification: RunSpecification
    ) {
        self.store = store
        self.directory = directory
        self.run = run
        self.specification = specification
    }

    /// The front of the final weights, in ask order.
    public func front() throws(StoreError) -> [CandidateResult] {
        try store.front(
            run, weightsStep: specification.train.steps, objectives: specification.search.objectives,
            constraints: specification.search.constraints)
    }

    /// The finalist with the best validation accuracy, the cheaper of equal ones; nil where none was measured.
    public func best() throws(StoreError) -> CandidateResult? {
        Self.best(
            of: try store.finalists(run).filter { $0.candidate.weightsStep == specification.train.steps })
    }

    /// The path of a candidate's network.
    public func modelPath(_ candidate: Int) -> String { Self.modelPath(directory, run, candidate) }

    /// Writes `results.csv` and `front.csv` at the top of the data directory.
    ///
    /// - Returns: The two paths.
    public func writeCSV() throws(StoreError) -> (results: String, front: String) {
        let csv = ResultsCSV(
            objectives: specification.search.objectives, constraints: specification.search.constraints)
        let results = directory.path + "/results.csv", front = directory.path + "/front.csv"
        try csv.write(run, from: store, to: results)
        try csv.write(run, from: store, to: front, frontOnly: true)
        return (results, front)
    }

    static func best(of results: [CandidateResult]) -> CandidateResult? {
        let measured = results.filter { $0.measurement(.validationAccuracy)?.value != nil }
        return measured.max { left, right in
            let (a, b) = (accuracy(left), accuracy(right))
            return a != b ? a < b : left.candidate.cost.multiplyAdds > right.candidate.cost.multiplyAdds
        }
    }

    static func modelPath(_ directory: DataDirectory, _ run: RunID, _ candidate: Int) -> String {
        directory.modelDirectory(run) + "/candidate-\(candidate).safetensors"
    }

    private static func accuracy(_ result: CandidateResult) -> Double {
        result.measurement(.validationAccuracy)?.value ?? 0
    }
}
