internal import SearchSpaces
internal import Store

/// Measures several candidates at a time, each for itself, which end in any order.
protocol SlottedEvaluator: CandidateEvaluator {
    /// Takes candidates beside those that are under way, and returns at once.
    func begin(_ candidates: [Candidate], at stage: MeasurementStage) throws
    /// What has come to an end since it was last asked for, at least one; nil when told to stop.
    func finished() throws -> [FinishedMeasurement]?
}

/// What measuring one of several candidates came to.
struct FinishedMeasurement {
    /// The number of the candidate.
    let number: Int
    let outcome: CandidateOutcome
    /// How long it took, or the mean of those that were measured together.
    let seconds: Double
    /// How many were measured together.
    let together: Int
}

/// Measures what has been begun all together, by an evaluator that has no slots.
final class TogetherEvaluator: SlottedEvaluator {
    private let evaluator: any CandidateEvaluator
    private var begun: [Candidate] = []
    private var stage = MeasurementStage.search

    init(_ evaluator: any CandidateEvaluator) { self.evaluator = evaluator }

    var latencyKind: String? { evaluator.latencyKind }

    func metrics(at stage: MeasurementStage) -> [Metric] { evaluator.metrics(at: stage) }

    func measure(_ genomes: [Genome], at stage: MeasurementStage) throws -> [CandidateOutcome]? {
        try evaluator.measure(genomes, at: stage)
    }

    func begin(_ candidates: [Candidate], at stage: MeasurementStage) {
        begun += candidates
        self.stage = stage
    }

    func finished() throws -> [FinishedMeasurement]? {
        let candidates = begun, clock = ContinuousClock(), start = clock.now
        begun = []
        guard let outcomes = try evaluator.measure(candidates.map(\.genome), at: stage) else { return nil }
        let seconds = start.duration(to: clock.now) / .seconds(max(candidates.count, 1))
        return zip(candidates, outcomes).map {
            FinishedMeasurement(number: $0.number, outcome: $1, seconds: seconds, together: candidates.count)
        }
    }
}
