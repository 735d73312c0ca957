internal import CKernels

// What each method does is said at `Backend`.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Kernels {
    public func mask(_ x: MatrixView, by mask: MatrixView, factors: MatrixView, into y: MatrixView) {
        checkSame(x, y)
        check(factors, columns: x.columns)
        let unit = x.columns / mask.columns
        for column in 0..<x.columns { factors.base[column] = mask.base[column / unit] }
        functions.mask_columns(x.rows, x.columns, x.base, x.stride, factors.base, y.base, y.stride)
    }

    public func maskBackward(
        _ x: MatrixView, factors: MatrixView, dy: MatrixView, into dx: Accumulator, sums: MatrixView,
        maskGradient: MatrixView
    ) {
        checkSame(x, dy)
        checkSame(x, dx.view)
        check(factors, columns: x.columns)
        check(sums, columns: x.columns)
        fill(sums, with: 0)
        functions.mask_backward(
            x.rows, x.columns, x.base, x.stride, factors.base, dy.base, dy.stride, dx.accumulating ? 1 : 0,
            dx.view.base, dx.view.stride, sums.base)
        let unit = x.columns / maskGradient.columns
        for column in 0..<x.columns { maskGradient.base[column / unit] += sums.base[column] }
    }

    public func maskedLayerNorm(
        _ x: MatrixView, branch: (value: MatrixView, sum: MatrixView)?, mask: MatrixView, gain: MatrixView,
        offset: MatrixView, into y: MatrixView, statistics: MatrixView
    ) {
        checkSame(x, y)
        checkNorm(x, gain, offset, statistics)
        if let branch {
            checkSame(x, branch.value)
            checkSame(x, branch.sum)
        }
        functions.masked_norm(
            x.rows, x.columns, x.base, x.stride, branch?.value.base, branch?.value.stride ?? 0, mask.base,
            total(ofMask: mask, columns: x.columns), gain.base, offset.base, Self.epsilon, branch?.sum.base,
            branch?.sum.stride ?? 0, y.base, y.stride, statistics.base)
    }

    public func maskedLayerNormBackward(
        _ x: MatrixView, statistics: MatrixView, mask: MatrixView, gain: MatrixView, offset: MatrixView,
        dy: MatrixView, upstream: MatrixView?, into dx: MatrixView, gainGradient: MatrixView,
        offsetGradient: MatrixView, maskGradient: MatrixView
    ) {
        checkSame(x, dy)
        checkSame(x, dx)
        checkNorm(x, gain, offset, statistics)
        checkNorm(x, gainGradient, offsetGradient, statistics)
        check(maskGradient, columns: x.columns)
        if let upstream { checkSame(x, upstream) }
        functions.masked_norm_backward(
            x.rows, x.columns, x.base, x.stride, statistics.base, mask.base,
            total(ofMask: mask, columns: x.columns), gain.base, offset.base, Self.epsilon, dy.base, dy.stride,
            upstream?.base, upstream?.stride ?? 0, dx.base, dx.stride, gainGradient.base, offsetGradient.base,
            maskGradient.base)
    }

    private func total(ofMask mask: MatrixView, columns: Int) -> Float {
        check(mask, columns: columns)
        let total = sum(of: mask)
        precondition(total > 0, "a norm has columns that count")
        return total
    }
}
