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

    /// The finalist that is best by the run's main metric on all validation data, the cheaper of equal ones; nil where none
    /// was measured.
    ///
    /// - Throws: `StoreError`, or `DocumentError` for a run whose documents cannot be read any more.
    public func best() throws -> CandidateResult? {
        let metrics = try store.run(run).metrics()
        return Self.best(
            of: try store.finalists(run, by: metrics.main.metric).filter {
                $0.candidate.weightsStep == specification.train.steps
            }, by: metrics)
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

    static func best(of results: [CandidateResult], by metrics: RunMetrics) -> CandidateResult? {
        let sign = metrics.main.goal == .maximize ? 1.0 : -1.0
        func cost(_ result: CandidateResult) -> Int { metrics.usualCost.flatMap { result.candidate.cost[$0] } ?? 0 }
        return results.compactMap { result in
            result.value(of: metrics.main.metric, at: .validation).map { (result: result, value: sign * $0) }
        }.max { left, right in
            left.value != right.value ? left.value < right.value : cost(left.result) > cost(right.result)
        }?.result
    }

    static func modelPath(_ directory: DataDirectory, _ run: RunID, _ candidate: Int) -> String {
        directory.modelDirectory(run) + "/candidate-\(candidate).safetensors"
    }
}
