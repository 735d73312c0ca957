internal import CKernels

extension Kernels {
    /// One AdamW update of a range: decoupled decay, bias-corrected moments.
    ///
    /// m = b1 m + (1-b1) g; v = b2 v + (1-b2) g^2; w = w (1 - rate decay) - rate m' / (sqrt(v') + epsilon), where m' and
    /// v' are divided by 1 - b1^step and 1 - b2^step.
    ///
    /// Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization" (ICLR 2019), algorithm 2.
    public func adamW(
        weights: UnsafeMutableBufferPointer<Float>, gradient: UnsafeBufferPointer<Float>,
        mean: UnsafeMutableBufferPointer<Float>, variance: UnsafeMutableBufferPointer<Float>,
        _ update: AdamWUpdate
    ) {
        precondition(
            weights.count == gradient.count && weights.count == mean.count && weights.count == variance.count,
            "weights, gradient and moments have one size")
        guard let w = weights.baseAddress, let g = gradient.baseAddress, let m = mean.baseAddress,
            let v = variance.baseAddress
        else { return }
        functions.adamw(
            weights.count, w, g, m, v, update.rate, update.beta1, update.beta2, update.epsilon, update.correction1,
            update.correction2, update.decay, update.gradientScale)
    }

    /// One SGD update of a range: v = momentum v + g + decay w; w = w - rate v.
    public func sgd(
        weights: UnsafeMutableBufferPointer<Float>, gradient: UnsafeBufferPointer<Float>,
        velocity: UnsafeMutableBufferPointer<Float>, rate: Float, momentum: Float, decay: Float,
        gradientScale: Float = 1
    ) {
        precondition(
            weights.count == gradient.count && weights.count == velocity.count,
            "weights, gradient and velocity have one size")
        guard let w = weights.baseAddress, let g = gradient.baseAddress, let v = velocity.baseAddress else { return }
        functions.sgd(weights.count, w, g, v, rate, momentum, decay, gradientScale)
    }
}
