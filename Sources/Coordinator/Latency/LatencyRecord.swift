public import SearchSpaces

/// What was measured of one architecture on one device: a line of a latency file.
public struct LatencyRecord: Sendable, Hashable {
    /// The architecture in canonical form.
    public let genome: Genome
    /// The duration of a forward pass, in milliseconds.
    public let milliseconds: Double
    /// Its median absolute deviation; nil where nobody told.
    public let deviation: Double?
    /// How it compares with the reference that was timed in turns with it; nil where there was none.
    public let comparison: Comparison?
    /// The share of passes that did not count, since the system took a processor away meanwhile; nil where nobody told.
    public let disturbed: Double?
    /// The device in words; records of different ones are never mixed. Empty where nobody told.
    public let device: String
    /// When, as RFC 3339; empty where nobody told.
    public let time: String

    /// How often as long a network took as the reference.
    public struct Comparison: Sendable, Hashable {
        /// The reference, as in results.csv.
        public let reference: String
        /// The duration of its pass meanwhile, in milliseconds.
        public let milliseconds: Double
        /// The ratio of the two, by the fastest tenth of the passes of each.
        public let ratio: Double
        /// The median absolute deviation of the ratio.
        public let deviation: Double?
    }

    /// What timing an architecture came to.
    public init(_ genome: Genome, _ timing: LatencyTiming, reference: String, device: String, time: String) {
        self.genome = genome
        milliseconds = timing.milliseconds
        deviation = timing.deviation
        comparison = Comparison(
            reference: reference, milliseconds: timing.referenceMilliseconds, ratio: timing.ratio,
            deviation: timing.ratioDeviation)
        disturbed = timing.disturbed
        self.device = device
        self.time = time
    }

    init(
        _ genome: Genome, milliseconds: Double, deviation: Double?, comparison: Comparison?, disturbed: Double?,
        device: String,
        time: String
    ) {
        self.genome = genome
        self.milliseconds = milliseconds
        self.deviation = deviation
        self.comparison = comparison
        self.disturbed = disturbed
        self.device = device
        self.time = time
    }

    /// The duration on the device as it is when the reference takes so long: what else the machine did cancels out. As it was
    /// measured where there was no reference.
    public func milliseconds(whereReferenceTakes reference: Double?) -> Double {
        guard let comparison, let reference else { return milliseconds }
        return comparison.ratio * reference
    }
}
