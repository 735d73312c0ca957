internal import Runs
internal import SearchSpaces
internal import Store
internal import Training

/// Measures architectures: subnets of a supernet, entries of a table, whatever else tells numbers of a genome.
///
/// What a genome comes to is always the same, in whichever generation it is asked for and whatever was asked before: replays
/// and promises of a run rest on it.
protocol CandidateEvaluator {
    /// What it measures at a stage, with the ends of the values where these are known; nothing at a stage that it cannot.
    func metrics(at stage: MeasurementStage) -> [Metric]
    /// How the latencies that it tells came about, such as `table`; nil where it tells none.
    var latencyKind: String? { get }
    /// Whether what a genome comes to depends on those that are measured with it or on their order, so that a generation that
    /// was cut short has to be measured as a whole once more.
    var dependsOnGeneration: Bool { get }

    /// Measures genomes, in the order given.
    ///
    /// - Returns: An outcome for each genome, or nil when it was told to stop.
    func measure(_ genomes: [Genome], at stage: MeasurementStage) throws -> [CandidateOutcome]?

    /// Ends whatever it has running; it measures no more.
    func end()
}

extension CandidateEvaluator {
    var latencyKind: String? { nil }
    var dependsOnGeneration: Bool { false }

    func end() {}

    /// What is kept of an outcome: a row for each metric of the stage; none of what a measured one has no value of.
    func rows(
        of candidate: Candidate, _ outcome: CandidateOutcome, at stage: MeasurementStage
    ) -> [CandidateMeasurement] {
        metrics(at: stage).compactMap { metric in
            let kind = kind(of: metric, at: stage)
            return switch outcome {
            case .measured(let values, let samples):
                values[metric].map {
                    CandidateMeasurement(candidate: candidate.number, kind: kind, value: $0, samples: samples)
                }
            case .stopped(let bounds, let samples):
                bounds[metric].map {
                    CandidateMeasurement(
                        candidate: candidate.number, kind: .bound(metric), value: $0, samples: samples)
                }
            case .failed(let reason):
                CandidateMeasurement(
                    candidate: candidate.number, kind: kind, outcome: .failed(reason: reason), samples: 0)
            }
        }
    }

    /// Whether a stage of a candidate is stored. The rows of a stage are written at once, a failure has some, and what was
    /// measured without a value has none: so one row tells that it is done.
    func isMeasured(_ result: CandidateResult, at stage: MeasurementStage) -> Bool {
        let metrics = metrics(at: stage)
        return metrics.isEmpty || metrics.contains { result.measurement(of: $0, at: stage) != nil }
    }

    /// Whether the search has done with a candidate, be it that it stopped measuring it.
    func isSearched(_ result: CandidateResult) -> Bool {
        isMeasured(result, at: .search) || metrics(at: .search).contains { result.bound(of: $0) != nil }
    }

    private func kind(of metric: Metric, at stage: MeasurementStage) -> MeasurementKind {
        guard metric == .latencyMilliseconds, stage == .search, let latencyKind else {
            return MeasurementKind(metric, stage)
        }
        return .latency(latencyKind)
    }
}

/// Measures architectures example by example, and so can stop where one has missed too many.
protocol RacingEvaluator: CandidateEvaluator {
    /// The metric of the search that every missed example costs a share of; nil where there is none.
    var counted: Metric? { get }
    /// How many examples a search measures on.
    var searchExamples: Int { get }

    /// By how much each genome answers some of the examples wrongly, given by their places; nil when told to stop.
    func shortfalls(_ genomes: [Genome], among places: [Int]) throws -> [[Float]]?
    /// What genomes come to on some of the chunks of `Evaluator.chunk` examples, ascending; nil when told to stop.
    func chunkScores(_ genomes: [Genome], chunks: [Int]) throws -> [ChunkScores]?
    /// What all chunks together come to: what the search measures, to the bit.
    func outcome(of chunks: [Tally]) -> CandidateOutcome
}

/// What measuring a genome came to.
enum CandidateOutcome {
    /// Values by metric, on so many examples; one that is not finite is kept as such, and one that is not there is none.
    case measured([Metric: Double], samples: Int)
    /// The best that values can come to, after so many examples, where it was not worth to go on.
    case stopped([Metric: Double], samples: Int)
    /// Nothing, and why.
    case failed(reason: String)

    /// The values, or the best that they can come to; none where it failed.
    var values: [Metric: Double] {
        switch self {
        case .measured(let values, _), .stopped(let values, _): values
        case .failed: [:]
        }
    }

    /// Whether nothing was measured.
    var isFailed: Bool { if case .failed = self { true } else { false } }

    /// The same with a value more, unless it failed.
    func adding(_ value: Double, of metric: Metric) -> CandidateOutcome {
        switch self {
        case .measured(let values, let samples): .measured(values.merging([metric: value]) { $1 }, samples: samples)
        case .stopped(let bounds, let samples): .stopped(bounds.merging([metric: value]) { $1 }, samples: samples)
        case .failed: self
        }
    }

    /// Whether measuring it was stopped.
    var isStopped: Bool { if case .stopped = self { true } else { false } }
}
