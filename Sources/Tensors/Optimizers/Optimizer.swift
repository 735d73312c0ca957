internal import Foundation

/// How weights follow their gradient: an update rule with its moments, one flat buffer each.
///
/// An update is elementwise, so workers may update disjoint ranges in any order.
public protocol Optimizer: Sendable {
    /// The moments by name, each as large as the weights; all that a checkpoint must hold of the optimiser.
    var moments: [(name: String, values: FloatBuffer)] { get }

    /// Updates a range of the weights.
    ///
    /// - Parameters:
    ///   - step: The number of this update, counted from 1.
    ///   - rate: The learning rate.
    ///   - isDecayed: Whether the weights decay where the rule has a decay.
    ///   - gradientScale: A factor of the gradient, such as that of clipping.
    func update(
        _ range: Range<Int>, of weights: FloatBuffer, by gradient: FloatBuffer, step: Int, rate: Float,
        isDecayed: Bool, gradientScale: Float, with backend: any Backend)
}

extension Optimizer {
    /// Updates a range of weights that all decay.
    public func update(
        _ range: Range<Int>, of weights: FloatBuffer, by gradient: FloatBuffer, step: Int, rate: Float,
        gradientScale: Float, with backend: any Backend
    ) {
        update(
            range, of: weights, by: gradient, step: step, rate: rate, isDecayed: true, gradientScale: gradientScale,
            with: backend)
    }
}

/// Stochastic gradient descent with momentum and weight decay in the gradient: d = g + decay w; v = momentum v + d; w -= rate v,
/// or w -= rate (d + momentum v) by Nesterov.
///
/// Source: Sutskever et al., "On the importance of initialization and momentum in deep learning" (ICML 2013), section 2,
/// with the rate outside of the velocity, and where Nesterov's gradient is taken as the place of the weights.
public struct SGD: Optimizer {
    /// Share of the velocity that stays, 0 to 1.
    public let momentum: Float
    /// Weight decay.
    public let decay: Float
    /// Whether weights go where the velocity leads.
    public let isNesterov: Bool
    private let velocity: FloatBuffer

    /// Creates the optimiser of so many weights, its velocity 0.
    public init(count: Int, momentum: Float = 0.9, decay: Float = 0, isNesterov: Bool = false) {
        self.momentum = momentum
        self.decay = decay
        self.isNesterov = isNesterov
        velocity = FloatBuffer(count: count)
    }

    /// The moments that a checkpoint holds.
    public var moments: [(name: String, values: FloatBuffer)] { [("velocity", velocity)] }

    /// Updates a range of the weights; see ``Optimizer``.
    public func update(
        _ range: Range<Int>, of weights: FloatBuffer, by gradient: FloatBuffer, step: Int, rate: Float,
        isDecayed: Bool, gradientScale: Float, with backend: any Backend
    ) {
        backend.sgd(
            weights: weights[range], gradient: gradient[range], velocity: velocity[range],
            rate: rate, momentum: momentum, decay: isDecayed ? decay : 0, isNesterov: isNesterov,
            gradientScale: gradientScale)
    }
}

/// Adam with bias-corrected moments and decoupled weight decay, which acts on every weight.
///
/// Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization" (ICLR 2019), algorithm 2.
public struct AdamW: Optimizer {
    /// Decays of the two moments.
    public let betas: (first: Float, second: Float)
    /// Added to the root of the second moment.
    public let epsilon: Float
    /// Decoupled weight decay.
    public let decay: Float
    private let mean: FloatBuffer
    private let variance: FloatBuffer

    /// Creates the optimiser of so many weights, its moments 0.
    public init(count: Int, betas: (first: Float, second: Float) = (0.9, 0.999), epsilon: Float = 1e-8, decay: Float) {
        self.betas = betas
        self.epsilon = epsilon
        self.decay = decay
        mean = FloatBuffer(count: count)
        variance = FloatBuffer(count: count)
    }

    /// The moments that a checkpoint holds.
    public var moments: [(name: String, values: FloatBuffer)] { [("mean", mean), ("variance", variance)] }

    /// Updates a range of the weights; see ``Optimizer``.
    public func update(
        _ range: Range<Int>, of weights: FloatBuffer, by gradient: FloatBuffer, step: Int, rate: Float,
        isDecayed: Bool, gradientScale: Float, with backend: any Backend
    ) {
        backend.adamW(
            weights: weights[range], gradient: gradient[range], mean: mean[range],
            variance: variance[range],
            AdamWUpdate(
                step: step, rate: rate, beta1: betas.first, beta2: betas.second, epsilon: epsilon,
                decay: isDecayed ? decay : 0,
                gradientScale: gradientScale))
    }
}

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
