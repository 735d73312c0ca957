/// One random subnet a step.
public struct UniformSettings: SamplerSettings {
    /// Creates the settings, of which there are none.
    public init() {}

    public var kind: String { "uniform" }

    public func multiplyAdds(of costs: SubnetCosts, batch: Int, shards: Int) -> Double { costs.mean }

    public var resolvedKeys: [(key: String, value: String)] { [] }
}
