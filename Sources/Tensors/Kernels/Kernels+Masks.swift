internal import CKernels

extension Kernels {
    /// y[r, c] = x[r, c] * mask[c].
    func maskColumns(_ x: MatrixView, by mask: UnsafePointer<Float>, into y: MatrixView) {
        checkSame(x, y)
        functions.mask_columns(x.rows, x.columns, x.base, x.stride, mask, y.base, y.stride)
    }

    /// dx = (dx when accumulating) + dy * mask, column by column; the mask's gradient is raised by the column sums of
    /// dy * x.
    func maskColumnsBackward(
        _ x: MatrixView, mask: UnsafePointer<Float>, dy: MatrixView, into dx: MatrixView, accumulating: Bool,
        maskGradient: UnsafeMutablePointer<Float>
    ) {
        checkSame(x, dy)
        checkSame(x, dx)
        functions.mask_backward(
            x.rows, x.columns, x.base, x.stride, mask, dy.base, dy.stride, accumulating ? 1 : 0, dx.base, dx.stride,
            maskGradient)
    }

    /// sum = x + branch and y = mask * (norm(sum) * gain + offset), with mean and variance weighted by the mask.
    ///
    /// - Parameter branch: What is added first, and where the sum goes; nil for x alone.
    func maskedLayerNorm(
        _ x: MatrixView, branch: (value: MatrixView, sum: MatrixView)?, mask: UnsafePointer<Float>, maskSum: Float,
        gain: UnsafePointer<Float>, offset: UnsafePointer<Float>, epsilon: Float = 1e-5, into y: MatrixView,
        statistics: UnsafeMutablePointer<Float>
    ) {
        checkSame(x, y)
        precondition(x.columns > 0 && maskSum > 0, "a norm has columns that count")
        if let branch {
            checkSame(x, branch.value)
            checkSame(x, branch.sum)
        }
        functions.masked_norm(
            x.rows, x.columns, x.base, x.stride, branch?.value.base, branch?.value.stride ?? 0, mask, maskSum, gain,
            offset, epsilon, branch?.sum.base, branch?.sum.stride ?? 0, y.base, y.stride, statistics)
    }

    /// dx = upstream + the gradient of the masked layer norm of x; the gradients of mask, gain and offset are raised.
    func maskedLayerNormBackward(
        _ x: MatrixView, statistics: UnsafePointer<Float>, mask: UnsafePointer<Float>, maskSum: Float,
        gain: UnsafePointer<Float>, offset: UnsafePointer<Float>, epsilon: Float = 1e-5, dy: MatrixView,
        upstream: MatrixView?, into dx: MatrixView, gainGradient: UnsafeMutablePointer<Float>,
        offsetGradient: UnsafeMutablePointer<Float>, maskGradient: UnsafeMutablePointer<Float>
    ) {
        checkSame(x, dy)
        checkSame(x, dx)
        if let upstream { checkSame(x, upstream) }
        functions.masked_norm_backward(
            x.rows, x.columns, x.base, x.stride, statistics, mask, maskSum, gain, offset, epsilon, dy.base, dy.stride,
            upstream?.base, upstream?.stride ?? 0, dx.base, dx.stride, gainGradient, offsetGradient, maskGradient)
    }
}
