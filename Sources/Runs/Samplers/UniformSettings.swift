/// One random subnet a step.
public struct UniformSettings: SamplerSettings {
    /// Creates the settings, of which there are none.
    public init() {}

    public var kind: String { "uniform" }

    public func multiplyAdds(smallest: Double, mean: Double, largest: Double) -> Double { mean }

    public var resolvedKeys: [(key: String, value: String)] { [] }
}
