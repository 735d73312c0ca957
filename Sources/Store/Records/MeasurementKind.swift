/// What was measured; the closed columns of the CSV are named here, further kinds are free.
public struct MeasurementKind: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The stored name.
    public let rawValue: String

    /// Names a kind.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Share classified correctly on the search's prefix of the validation split.
    public static let accuracy = MeasurementKind(rawValue: "accuracy")
    /// Mean loss on the search's prefix of the validation split.
    public static let loss = MeasurementKind(rawValue: "loss")
    /// Share classified correctly on the whole validation split.
    public static let validationAccuracy = MeasurementKind(rawValue: "validationAccuracy")
    /// Share classified correctly on the test split.
    public static let testAccuracy = MeasurementKind(rawValue: "testAccuracy")
    /// Milliseconds of one forward pass; `how` is told in the column `latencyKind`.
    public static func latency(_ how: String) -> MeasurementKind { MeasurementKind(rawValue: latencyPrefix + how) }

    /// How a latency came about; nil for any other kind.
    public var latencyKind: String? {
        rawValue.hasPrefix(Self.latencyPrefix) ? String(rawValue.dropFirst(Self.latencyPrefix.count)) : nil
    }

    /// The stored name.
    public var description: String { rawValue }

    private static let latencyPrefix = "latency:"
}
