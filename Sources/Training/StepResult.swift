/// What a training step came to.
public struct StepResult: Sendable, Equatable {
    /// Mean loss of each pass over the batch, in the order of the sampler.
    public let losses: [Double]
    /// The norm of the gradient before clipping; nil where nothing clips.
    public let gradientNorm: Double?
    /// The learning rate of the step, lowered where training had diverged.
    public let learningRate: Double

    /// Creates the result of a step.
    package init(losses: [Double], gradientNorm: Double?, learningRate: Double) {
        self.losses = losses
        self.gradientNorm = gradientNorm
        self.learningRate = learningRate
    }

    /// Mean over the passes.
    public var loss: Double { losses.isEmpty ? 0 : losses.reduce(0, +) / Double(losses.count) }

    /// Whether every number is finite; training that is not has diverged.
    public var isFinite: Bool { losses.allSatisfy(\.isFinite) && (gradientNorm?.isFinite ?? true) }
}
