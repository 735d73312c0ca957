internal import Documents

/// The largest, the smallest and some random subnets a step.
public struct SandwichSettings: SamplerSettings {
    /// Random subnets of a step; default 2.
    public let random: Int

    init(_ reader: SectionReader) { random = reader.integer("random", default: 2, in: 0...64) }

    public var kind: String { "sandwich" }

    public func multiplyAdds(smallest: Double, mean: Double, largest: Double) -> Double {
        largest + smallest + Double(random) * mean
    }

    public var resolvedKeys: [(key: String, value: String)] { [("random", String(random))] }
}
