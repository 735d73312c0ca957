internal import Datasets
internal import Runs
internal import SearchSpaces
internal import Tensors
internal import Training

/// Settings of an evaluator that can measure: each kind does it in a folder of its own.
protocol UsableEvaluator: EvaluatorSettings {
    /// Bytes of memory that what it reads takes at most, by names and sizes of files.
    ///
    /// - Throws: `DatasetError`.
    func memoryBytes(in folder: DataFolder) throws -> Int
    /// Reads what it measures by, beside the data that networks are trained on, and holds it against the space; nil for
    /// nothing.
    ///
    /// - Throws: `DatasetError`, or `RunError` for what the space does not have.
    func read(for space: SearchSpace, in folder: DataFolder) throws -> (any EvaluatorData)?
    /// Makes the evaluator of a run.
    ///
    /// - Throws: `CoordinatorError.noNetworks` where it measures networks and the run has none, and what keeps its processes from
    ///   starting.
    func evaluator(_ means: EvaluatorMeans) throws -> any CandidateEvaluator
    /// Seconds that a candidate takes on any machine; nil where that follows from multiply-adds.
    var secondsPerCandidate: Double? { get }
}

extension UsableEvaluator {
    func memoryBytes(in folder: DataFolder) throws -> Int { 0 }
    func read(for space: SearchSpace, in folder: DataFolder) throws -> (any EvaluatorData)? { nil }
    var secondsPerCandidate: Double? { nil }
}

/// What an evaluator has read before a run begins: part of the run's data.
protocol EvaluatorData: Sendable {
    /// A digest of the bytes that results depend on.
    var digest: String { get }
    /// What a person may want to know of it.
    var remark: String { get }
    /// What about it is probably not meant.
    var warnings: [String] { get }
    /// The metrics of the search, with the ends of their values.
    var metrics: [Metric] { get }
}

/// What a run has to measure with.
struct EvaluatorMeans {
    let inputs: RunInputs
    let metrics: RunMetrics
    /// The supernet; nil for a run without networks.
    let weights: TrainedWeights?
    let control: RunControl
    /// What processes of the user's own are started with; nil where none may be.
    var workers: WorkerMeans?
}

extension EvaluatorChoice {
    /// The settings as what can measure.
    ///
    /// - Throws: `CoordinatorError.noEvaluator` for a kind that has settings alone.
    func usable() throws(CoordinatorError) -> any UsableEvaluator {
        guard let usable = settings as? any UsableEvaluator else { throw .noEvaluator(kind: kind) }
        return usable
    }
}
