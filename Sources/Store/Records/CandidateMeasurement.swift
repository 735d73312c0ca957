/// One measured property of a candidate; once written it never changes.
public struct CandidateMeasurement: Sendable, Hashable {
    /// How a measurement ended.
    public enum Outcome: Sendable, Hashable {
        /// A finite value.
        case completed(Double)
        /// No value, and why, such as `nonfinite`.
        case failed(reason: String)
    }

    /// The candidate's number.
    public let candidate: Int
    /// What was measured.
    public let kind: MeasurementKind
    /// The value, when there is one.
    public let value: Double?
    /// Why there is no value, when there is none.
    public let reason: String?
    /// On how many samples.
    public let samples: Int

    /// Creates a measurement.
    public init(candidate: Int, kind: MeasurementKind, outcome: Outcome, samples: Int) {
        self.candidate = candidate
        self.kind = kind
        self.samples = samples
        switch outcome {
        case .completed(let value):
            self.value = value
            reason = nil
        case .failed(let reason):
            value = nil
            self.reason = reason
        }
    }

    /// Creates a measurement from a number; a non-finite one becomes the failure `nonfinite`.
    public init(candidate: Int, kind: MeasurementKind, value: Double, samples: Int) {
        self.init(
            candidate: candidate, kind: kind,
            outcome: value.isFinite ? .completed(value) : .failed(reason: "nonfinite"), samples: samples)
    }

    /// How it ended.
    public var outcome: Outcome {
        if let value { .completed(value) } else { .failed(reason: reason ?? "") }
    }
}
