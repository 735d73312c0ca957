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
        gradientScale: Float, with kernels: Kernels
    ) {
        kernels.adamW(
            weights: weights[range], gradient: UnsafeBufferPointer(gradient[range]), mean: mean[range],
            variance: variance[range],
            AdamWUpdate(
                step: step, rate: rate, beta1: betas.first, beta2: betas.second, epsilon: epsilon, decay: decay,
                gradientScale: gradientScale))
    }
}
