internal import Runs
public import SearchSpaces

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

    /// The value of a metric, when it is known and finite.
    public func value(of metric: Metric) -> Double? {
        candidate.cost[metric].map(Double.init) ?? measurement(MeasurementKind(rawValue: metric.name))?.value
    }

    /// The sum of the violations of all constraints; nil while a bounded metric is unknown.
    public func violation(of constraints: [Constraint]) -> Double? {
        var sum = 0.0
        for constraint in constraints {
            guard let value = value(of: constraint.metric) else { return nil }
            sum += constraint.violation(of: value)
        }
        return sum
    }

    /// `pending`, `completed`, or `failed: ` and the reason of the search's own measurements.
    ///
    /// Later measurements of finalists and latencies do not change it.
    public var stateText: String {
        let own = measurements.filter {
            $0.kind != .validationAccuracy && $0.kind != .testAccuracy && $0.kind.latencyKind == nil
        }
        if own.isEmpty { return "pending" }
        for measurement in own {
            if let reason = measurement.reason { return "failed: \(reason)" }
        }
        return "completed"
    }
}
