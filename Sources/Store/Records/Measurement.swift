public import SearchSpaces

extension MeasurementStage {
    /// Whether the networks are no longer those of the supernet.
    var isOfFurtherTraining: Bool { self == .tuned || self == .retrained }
}

/// What was measured, as it is stored: the name of a metric's value of a stage, or of a latency with how it came about.
public struct MeasurementKind: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The stored name, such as `accuracy`, `testRmse`, `tuned:accuracy` or `latency:measured`.
    public let rawValue: String

    /// Takes a stored name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A metric's value of a stage.
    public init(_ metric: Metric, _ stage: MeasurementStage = .search) {
        // Behind a colon, so that it is no name that a user can have given a metric of an earlier version.
        rawValue = stage.isOfFurtherTraining ? "\(stage.rawValue):\(metric.name)" : stage.name(of: metric)
    }

    /// Milliseconds of one forward pass; `how` is told in the column `latencyKind`.
    public static func latency(_ how: String) -> MeasurementKind { MeasurementKind(rawValue: latencyPrefix + how) }

    /// The best that a metric can come to of a candidate whose measurement was stopped.
    public static func bound(_ metric: Metric) -> MeasurementKind {
        MeasurementKind(rawValue: boundPrefix + metric.name)
    }

    /// Whether it bounds what was not measured to the end.
    var isBound: Bool { rawValue.hasPrefix(Self.boundPrefix) }

    /// The part of the data that it was measured on.
    public var stage: MeasurementStage { further?.stage ?? MeasurementStage(ofName: rawValue) }

    /// The name of the value in tables, such as `tunedAccuracy`.
    public var name: String {
        further.map { $0.metric.prefix(1).uppercased() + $0.metric.dropFirst() }.map { stage.rawValue + $0 } ?? rawValue
    }

    /// The stage of further training, and the metric; nil for any other kind.
    private var further: (stage: MeasurementStage, metric: Substring)? {
        guard let colon = rawValue.firstIndex(of: ":"),
            let stage = MeasurementStage(rawValue: String(rawValue[..<colon])), stage.isOfFurtherTraining
        else { return nil }
        return (stage, rawValue[rawValue.index(after: colon)...])
    }

    /// How a latency came about; nil for any other kind.
    public var latencyKind: String? {
        rawValue.hasPrefix(Self.latencyPrefix) ? String(rawValue.dropFirst(Self.latencyPrefix.count)) : nil
    }

    /// Whether the search itself measured it, always to the same bits.
    var isOfSearch: Bool { stage == .search && latencyKind != Self.timed }

    /// The stored name.
    public var description: String { rawValue }

    /// How a latency came about that a table of results has.
    public static let tabulated = "table"
    /// How a latency came about that a worker of the user has answered.
    public static let answered = "worker"

    /// How a latency came about that a device was asked for.
    public static let timed = "measured"

    private static let latencyPrefix = "latency:"
    private static let boundPrefix = "bound:"
}

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
