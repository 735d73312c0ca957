internal import Documents

/// The largest, the smallest and some random subnets a step.
public struct SandwichSettings: SamplerSettings {
    /// Random subnets of a step; default 2.
    public let random: Int

    init(_ reader: SectionReader) {
        reader.describe(["random": "random subnets of a step, beside the largest and the smallest"])
        random = reader.integer("random", default: 2, in: 0...64)
    }

    public var kind: String { "sandwich" }

    public func multiplyAdds(of costs: SubnetCosts, batch: Int, shards: Int) -> Double {
        costs.largest + costs.smallest + Double(random) * costs.mean
    }

    public var resolvedKeys: [(key: String, value: String)] { [("random", String(random))] }
}
