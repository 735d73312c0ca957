/// Stochastic gradient descent with momentum and weight decay in the gradient: v = momentum v + g + decay w; w -= rate v.
///
/// Source: Sutskever et al., "On the importance of initialization and momentum in deep learning" (ICML 2013), section 2,
/// with the rate outside of the velocity.
public struct SGD: Optimizer {
    /// Share of the velocity that stays, 0 to 1.
    public let momentum: Float
    /// Weight decay.
    public let decay: Float
    private let velocity: FloatBuffer

    /// Creates the optimiser of so many weights, its velocity 0.
    public init(count: Int, momentum: Float = 0.9, decay: Float = 0) {
        self.momentum = momentum
        self.decay = decay
        velocity = FloatBuffer(count: count)
    }

    /// The moments that a checkpoint holds.
    public var moments: [(name: String, values: FloatBuffer)] { [("velocity", velocity)] }

    /// Updates a range of the weights; see ``Optimizer``.
    public func update(
        _ range: Range<Int>, of weights: FloatBuffer, by gradient: FloatBuffer, step: Int, rate: Float,
        gradientScale: Float, with kernels: Kernels
    ) {
        kernels.sgd(
            weights: weights[range], gradient: UnsafeBufferPointer(gradient[range]), velocity: velocity[range],
            rate: rate, momentum: momentum, decay: decay, gradientScale: gradientScale)
    }
}
