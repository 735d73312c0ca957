/// What a training step came to.
public struct StepResult: Sendable, Equatable {
    /// Mean loss of each pass over the batch, in the order of the sampler.
    public let losses: [Double]
    /// Share of the batch that the first pass classified correctly, 0 to 1.
    public let accuracy: Double
    /// The norm of the gradient before clipping; nil where nothing clips.
    public let gradientNorm: Double?

    /// Mean over the passes.
    public var loss: Double { losses.isEmpty ? 0 : losses.reduce(0, +) / Double(losses.count) }

    /// Whether every number is finite; training that is not has diverged.
    public var isFinite: Bool { losses.allSatisfy(\.isFinite) && (gradientNorm?.isFinite ?? true) }
}
