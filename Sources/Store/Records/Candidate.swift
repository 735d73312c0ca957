internal import Runs
public import SearchSpaces

/// An architecture that a search asked for.
public struct Candidate: Sendable, Hashable {
    /// 1… per run, in ask order.
    public let number: Int
    /// The key of the architecture; equal for equal architectures.
    public let key: String
    /// The readable genome, such as `embed=96;depth=5`.
    public let genomeText: String
    /// The choices.
    public let genome: Genome
    /// How the search came to it, such as `random` or `mutation`.
    public let origin: String
    /// The round that asked.
    public let round: Int
    /// The training step of the weights it is measured on.
    public let weightsStep: Int
    /// Its exact costs, those that its run keeps.
    public internal(set) var cost: ArchitectureCost

    /// Creates a candidate.
    public init(
        number: Int, key: String, genomeText: String, genome: Genome, origin: String, round: Int, weightsStep: Int,
        cost: ArchitectureCost
    ) {
        self.number = number
        self.key = key
        self.genomeText = genomeText
        self.genome = genome
        self.origin = origin
        self.round = round
        self.weightsStep = weightsStep
        self.cost = cost
    }
}

/// A candidate with everything measured of it so far.
public struct CandidateResult: Sendable, Hashable {
    /// The candidate.
    public let candidate: Candidate
    /// Its measurements, in the order of their kinds' names.
    public let measurements: [CandidateMeasurement]
    /// When the last of them was made; nil while there is none, or where that was not noted.
    public let measured: Timestamp?
    /// How many of its rows have no digest to be held against, since an earlier version wrote them.
    var unverifiedRows = 0

    /// The measurement of a kind.
    public func measurement(_ kind: MeasurementKind) -> CandidateMeasurement? {
        measurements.first { $0.kind == kind }
    }

    /// The measurement of a metric at a stage; of a latency the one that the search went by, whatever was timed later.
    public func measurement(of metric: Metric, at stage: MeasurementStage = .search) -> CandidateMeasurement? {
        let name = MeasurementKind(metric, stage).rawValue
        if name == Metric.latencyMilliseconds.name, let latency { return latency }
        return measurements.first { $0.kind.rawValue == name }
    }

    /// The latency that the search went by: one that was predicted or looked up before one that a device was asked for.
    private var latency: CandidateMeasurement? {
        let all = measurements.filter { $0.kind.latencyKind != nil }
        return all.first { $0.kind.latencyKind != MeasurementKind.timed } ?? all.first
    }

    /// The best that a metric can come to, where the search stopped measuring it; nil for what was never stopped.
    public func bound(of metric: Metric) -> Double? { measurement(.bound(metric))?.value }

    /// The value of a metric, when it is known and finite.
    public func value(of metric: Metric, at stage: MeasurementStage = .search) -> Double? {
        if stage == .search, let cost = candidate.cost[metric] { return Double(cost) }
        return measurement(of: metric, at: stage)?.value
    }

    /// Which of a finalist's networks is better by a quality on all validation data, and its value: the one with the weights of the
    /// supernet among equal ones; nil for what was not measured.
    public func best(by objective: Objective) -> (stage: MeasurementStage, value: Double)? {
        var best: (stage: MeasurementStage, value: Double)?
        for stage in MeasurementStage.ofNetworks {
            guard let value = value(of: objective.metric, at: stage) else { continue }
            guard let known = best?.value else {
                best = (stage, value)
                continue
            }
            if objective.goal == .maximize ? value > known : value < known { best = (stage, value) }
        }
        return best
    }

    /// Whether it comes first where the cheapest does, equal ones in ask order; what has no price comes last.
    ///
    /// - Parameter price: The metric that is paid in, `RunMetrics.price`; nil where there is none.
    public func isCheaper(than other: CandidateResult, by price: Metric?) -> Bool {
        func paid(_ result: CandidateResult) -> Double { price.flatMap { result.value(of: $0) } ?? .infinity }
        return (paid(self), candidate.number) < (paid(other), other.candidate.number)
    }

    /// How a latency came about; nil where there is none.
    public var latencyKind: String? { latency?.kind.latencyKind }

    /// On how many samples the search measured it; nil before it did.
    public var samples: Int? { measurements.lazy.filter(\.kind.isOfSearch).map(\.samples).max() }

    /// The sum of the violations of all constraints; nil while a bounded metric is unknown.
    public func violation(of constraints: [Constraint]) -> Double? {
        var sum = 0.0
        for constraint in constraints {
            guard let value = value(of: constraint.metric) else { return nil }
            sum += constraint.violation(of: value)
        }
        return sum
    }

    /// `pending`, `completed`, `stopped` where only bounds are known, or `failed: ` and the reason of the search's own measurements.
    ///
    /// Later measurements of finalists and latencies do not change it.
    public var stateText: String {
        let own = measurements.filter(\.kind.isOfSearch)
        if own.isEmpty { return "pending" }
        // What is known beforehand is known of those that were stopped, too.
        if own.contains(where: \.kind.isBound), own.allSatisfy({ $0.kind.isBound || $0.kind.latencyKind != nil }) {
            return "stopped"
        }
        return failureReason.map { "failed: \($0)" } ?? "completed"
    }

    /// Why the search has no measurement of it; nil for one that is pending or was measured.
    public var failureReason: String? { measurements.lazy.filter(\.kind.isOfSearch).compactMap(\.reason).first }
}

/// One round of a search.
public struct SearchRound: Sendable, Hashable {
    /// Whether a round goes on.
    public enum State: String, Sendable, Hashable, CaseIterable, Codable {
        /// Candidates are still asked for.
        case running
        /// Over; the row never changes again.
        case completed
    }

    /// Its number.
    public var round: Int
    /// The training step of its weights.
    public var weightsStep: Int
    /// Whether it goes on.
    public var state: State
    /// The state of the search algorithm, as JSON.
    public var searchState: String
    /// Evaluations so far.
    public var evaluations: Int
    /// The hypervolume, when known.
    public var hypervolume: Double?

    /// Creates a round.
    public init(
        round: Int, weightsStep: Int, state: State, searchState: String, evaluations: Int, hypervolume: Double? = nil
    ) {
        self.round = round
        self.weightsStep = weightsStep
        self.state = state
        self.searchState = searchState
        self.evaluations = evaluations
        self.hypervolume = hypervolume
    }
}
