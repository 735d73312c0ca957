internal import Foundation

/// The numbers of one AdamW step that all weights share.
public struct AdamWUpdate: Sendable {
    /// Learning rate of this step.
    public var rate: Float
    /// Decay of the first moment.
    public var beta1: Float
    /// Decay of the second moment.
    public var beta2: Float
    /// Added to the root of the second moment.
    public var epsilon: Float
    /// Decoupled weight decay.
    public var decay: Float
    /// Every gradient is multiplied by this first (clipping, averaging).
    public var gradientScale: Float
    /// 1 - beta1^step.
    public let correction1: Float
    /// 1 - beta2^step.
    public let correction2: Float

    /// Creates the update of a step, counted from 1.
    public init(
        step: Int, rate: Float, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, decay: Float = 0,
        gradientScale: Float = 1
    ) {
        precondition(step >= 1, "steps count from 1")
        self.rate = rate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.decay = decay
        self.gradientScale = gradientScale
        correction1 = Float(1 - pow(Double(beta1), Double(step)))
        correction2 = Float(1 - pow(Double(beta2), Double(step)))
    }
}
