/// One number about the sampler at a step, such as how often an option was drawn.
public struct SamplerStatistic: Sendable, Hashable {
    /// The training step.
    public var step: Int
    /// What is counted, such as `block.2.heads`.
    public var name: String
    /// Which bin of it, from 0.
    public var bin: Int
    /// The finite value.
    public var value: Double

    /// Creates a number.
    public init(step: Int, name: String, bin: Int, value: Double) {
        self.step = step
        self.name = name
        self.bin = bin
        self.value = value
    }
}
