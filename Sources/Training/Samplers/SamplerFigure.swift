/// One number about the sampler at a step, such as how often a bin was drawn.
public struct SamplerFigure: Sendable, Hashable, Codable {
    /// Steps done when it was taken.
    public let step: Int
    /// What it is.
    public let name: String
    /// The bin or other place that it is of; 0 for one of the whole.
    public let bin: Int
    /// The number.
    public let value: Double
}
