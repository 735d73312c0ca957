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
            run, weightsStep: specification.weightsStep, objectives: specification.objectives,
            constraints: specification.constraints)
    }

    /// The finalist whose better network is best by the run's main metric on all validation data, the cheapest of equal ones; nil where none
    /// was measured. Where nothing is measured of finalists, the one of the front that is best by the first objective.
    ///
    /// - Throws: `StoreError`, or `DocumentError` for a run whose documents cannot be read any more.
    public func best() throws -> CandidateResult? {
        let metrics = try store.run(run).metrics()
        let finalists = try store.finalists(run, by: metrics.main.metric).filter {
            $0.candidate.weightsStep == specification.weightsStep
        }
        // A front takes a look at every candidate: it is read where finalists do not decide.
        let isValidated = specification.finalists > 0 && metrics.metrics(at: .validation).contains(metrics.main.metric)
        return Self.best(of: finalists, front: isValidated ? [] : try front(), by: metrics, specification)
    }

    /// The folder of the run's checkpoints.
    public var checkpointDirectory: String { directory.checkpointDirectory(run) }

    /// The path of a candidate's network.
    public func modelPath(_ candidate: Int) -> String { Self.modelPath(directory, run, candidate) }

    /// How the predicted latencies of finalists did on this machine; nil where none was timed.
    public func latencyCheck(_ inputs: RunInputs) throws(StoreError) -> LatencyCheck? {
        guard inputs.specification.latency?.kind == .predicted else { return nil }
        return LatencyCheck(
            try store.candidates(run, weightsStep: specification.weightsStep), inputs)
    }

    /// The path of what predicted latencies of finalists came to when they were timed.
    public var latencyPath: String { Self.latencyPath(directory, run) }

    static func latencyPath(_ directory: DataDirectory, _ run: RunID) -> String {
        directory.runDirectory(run) + "/latency-check.csv"
    }

    /// Writes `results.csv` and `front.csv` at the top of the data directory.
    ///
    /// - Returns: The two paths.
    public func writeCSV() throws(StoreError) -> (results: String, front: String) {
        let csv = ResultsCSV(
            objectives: specification.objectives, constraints: specification.constraints)
        let results = directory.path + "/results.csv", front = directory.path + "/front.csv"
        try csv.write(run, from: store, to: results)
        try csv.write(run, from: store, to: front, frontOnly: true)
        return (results, front)
    }

    static func best(
        of finalists: [CandidateResult], front: [CandidateResult], by metrics: RunMetrics,
        _ specification: RunSpecification
    ) -> CandidateResult? {
        let isValidated = specification.finalists > 0 && metrics.metrics(at: .validation).contains(metrics.main.metric)
        let price = metrics.price(of: specification.objectives)
        if specification.objectives.areWeighted {
            let sum = specification.objectives
            return best(of: isValidated ? finalists : front, by: .maximize, price) { result in
                sum.minimized { metric in
                    let validated = isValidated && metric == metrics.main.metric
                    return (validated ? result.best(by: metrics.main)?.value : nil) ?? result.value(of: metric)
                }?.first.map { -$0 }
            }
        }
        if isValidated { return best(of: finalists, by: metrics.main.goal, price) { $0.best(by: metrics.main)?.value } }
        return specification.objectives.first.flatMap { objective in
            best(of: front, by: objective.goal, price) { $0.value(of: objective.metric) }
        }
    }

    private static func best(
        of results: [CandidateResult], by goal: Objective.Goal, _ price: Metric?, value: (CandidateResult) -> Double?
    ) -> CandidateResult? {
        let sign = goal == .maximize ? 1.0 : -1.0
        return results.compactMap { result in
            value(result).map { (result: result, value: sign * $0) }
        }.max { left, right in
            left.value != right.value ? left.value < right.value : right.result.isCheaper(than: left.result, by: price)
        }?.result
    }

    static func modelPath(_ directory: DataDirectory, _ run: RunID, _ candidate: Int) -> String {
        directory.modelDirectory(run) + "/candidate-\(candidate).safetensors"
    }
}
