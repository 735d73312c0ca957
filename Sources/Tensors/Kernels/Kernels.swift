internal import CKernels
internal import COpenBLAS

/// Every arithmetic loop over raw buffers: matrix products by vector kernels or OpenBLAS, the rest by vector kernels in C.
///
/// This is the one narrow interface that models and trainers compute through; an accelerator would plug in here.
/// Sizes that do not fit are programming errors and trap. No method allocates, but for the
/// addresses of a blend's sources and the inputs of the digest.
public struct Kernels: Sendable {
    /// Who computes matrix products.
    public enum Products: String, Sendable {
        /// The vector kernels: faster than OpenBLAS on AVX-512, with bits that do not depend on the product's size.
        case vector
        /// OpenBLAS.
        case blas
    }

    /// The instruction set of the vector kernels.
    public let path: VectorPath
    /// Who computes matrix products.
    public let products: Products
    /// The matrix library.
    public let blas: BLASLibrary
    /// - Invariant: the table is a constant of the program.
    private nonisolated(unsafe) let table: UnsafePointer<nk_kernels>

    var functions: nk_kernels { table.pointee }

    /// Creates the kernels of a path; a path that the processor lacks gives the best one below it.
    ///
    /// - Parameter products: Who computes products; by default whoever is faster on the path.
    /// - Throws: `BLASError` when OpenBLAS cannot be opened.
    public init(path: VectorPath = .best, products: Products? = nil) throws(BLASError) {
        self.path = min(path, .best)
        self.products = products ?? (self.path == .avx512 ? .vector : .blas)
        blas = try BLASLibrary.shared.get()
        table = nk_kernels_for(self.path.code)
    }

    /// The most workers that may multiply at a time.
    public var mostWorkers: Int { products == .blas ? min(Self.mostThreads, blas.mostThreads) : Self.mostThreads }

    /// The most workers that any setting may ask for.
    public static let mostThreads = 1024

    /// Address space that each worker's products take, in bytes.
    public var addressBytesOfWorker: Int { products == .blas ? BLASLibrary.addressBytesOfThread : 0 }

    /// c = op(a) op(b) + bias (row by row) + (c when accumulating).
    ///
    /// Shapes: op(a) (M, K), op(b) (K, N), c (M, N), bias (N). Unless accumulating, c may hold anything at first.
    public func multiply(
        _ a: MatrixView, transposed transposeA: Bool = false, _ b: MatrixView, transposed transposeB: Bool = false,
        into c: MatrixView, bias: UnsafePointer<Float>? = nil, accumulating: Bool = false
    ) {
        let inner = transposeA ? a.rows : a.columns
        precondition(
            (transposeA ? a.columns : a.rows) == c.rows && (transposeB ? b.rows : b.columns) == c.columns
                && (transposeB ? b.columns : b.rows) == inner && inner > 0, "the shapes of a product fit")
        guard c.rows > 0, c.columns > 0 else { return }
        if products == .vector {
            functions.multiply(
                c.rows, c.columns, inner, a.base, transposeA ? 1 : a.stride, transposeA ? a.stride : 1, b.base,
                transposeB ? 1 : b.stride, transposeB ? b.stride : 1, bias, accumulating ? 1 : 0, c.base, c.stride)
            return
        }
        blas.sgemm(
            CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
            blasint(c.rows), blasint(c.columns), blasint(inner), 1, a.base, blasint(max(1, a.stride)), b.base,
            blasint(max(1, b.stride)), accumulating ? 1 : 0, c.base, blasint(max(1, c.stride)))
        if let bias { addBias(bias, to: c) }
    }

    /// y[r][c] += bias[c].
    public func addBias(_ bias: UnsafePointer<Float>, to y: MatrixView) {
        functions.add_bias(y.rows, y.columns, y.base, y.stride, bias)
    }

    /// y = gelu(x + bias) in the exact erf form; `slope` receives dy/dx when given.
    public func biasGELU(_ x: MatrixView, bias: UnsafePointer<Float>, into y: MatrixView, slope: MatrixView? = nil) {
        checkSame(x, y)
        if let slope { checkSame(x, slope) }
        functions.bias_gelu(
            x.rows, x.columns, x.base, x.stride, bias, y.base, y.stride, slope?.base, slope?.stride ?? 0)
    }

    /// y = max(0, x + bias); `slope` receives dy/dx when given.
    public func biasReLU(_ x: MatrixView, bias: UnsafePointer<Float>, into y: MatrixView, slope: MatrixView? = nil) {
        checkSame(x, y)
        if let slope { checkSame(x, slope) }
        functions.bias_relu(
            x.rows, x.columns, x.base, x.stride, bias, y.base, y.stride, slope?.base, slope?.stride ?? 0)
    }

    /// x *= factor elementwise; `sums[c]` is raised by the column sums of the product.
    public func multiply(_ x: MatrixView, by factor: MatrixView, addingColumnSumsTo sums: UnsafeMutablePointer<Float>) {
        checkSame(x, factor)
        functions.multiply_sum(x.rows, x.columns, x.base, x.stride, factor.base, factor.stride, sums)
    }

    /// x *= factor elementwise.
    public func multiply(_ x: MatrixView, by factor: MatrixView) {
        checkSame(x, factor)
        functions.multiply_sum(x.rows, x.columns, x.base, x.stride, factor.base, factor.stride, nil)
    }

    /// `sums[c]` is raised by the sum of column c.
    public func addColumnSums(of x: MatrixView, to sums: UnsafeMutablePointer<Float>) {
        functions.column_sums(x.rows, x.columns, x.base, x.stride, sums)
    }

    /// y = layerNorm(x) * gain + offset over the columns; `statistics` (rows, 2) receives mean and 1/deviation.
    public func layerNorm(
        _ x: MatrixView, gain: UnsafePointer<Float>, offset: UnsafePointer<Float>, epsilon: Float = 1e-5,
        into y: MatrixView, statistics: UnsafeMutablePointer<Float>
    ) {
        checkSame(x, y)
        precondition(x.columns > 0, "a norm has columns")
        functions.residual_norm(
            x.rows, x.columns, x.base, x.stride, nil, 0, nil, gain, offset, epsilon, nil, 0, y.base, y.stride,
            statistics)
    }

    /// sum = x + branch (+ bias) and y = layerNorm(sum) * gain + offset, in one pass.
    public func residualLayerNorm(
        _ x: MatrixView, branch: MatrixView, bias: UnsafePointer<Float>?, gain: UnsafePointer<Float>,
        offset: UnsafePointer<Float>, epsilon: Float = 1e-5, sum: MatrixView, into y: MatrixView,
        statistics: UnsafeMutablePointer<Float>
    ) {
        checkSame(x, branch)
        checkSame(x, sum)
        checkSame(x, y)
        precondition(x.columns > 0, "a norm has columns")
        functions.residual_norm(
            x.rows, x.columns, x.base, x.stride, branch.base, branch.stride, bias, gain, offset, epsilon, sum.base,
            sum.stride, y.base, y.stride, statistics)
    }

    /// dx = upstream + the gradient of the layer norm of x; the gradients of gain and offset are raised.
    public func layerNormBackward(
        _ x: MatrixView, statistics: UnsafePointer<Float>, gain: UnsafePointer<Float>, dy: MatrixView,
        upstream: MatrixView?, into dx: MatrixView, gainGradient: UnsafeMutablePointer<Float>,
        offsetGradient: UnsafeMutablePointer<Float>
    ) {
        checkSame(x, dy)
        checkSame(x, dx)
        if let upstream { checkSame(x, upstream) }
        functions.norm_backward(
            x.rows, x.columns, x.base, x.stride, statistics, gain, dy.base, dy.stride, upstream?.base,
            upstream?.stride ?? 0, dx.base, dx.stride, gainGradient, offsetGradient)
    }

    /// Each row becomes softmax(scale * row); `scale` is positive.
    public func softmax(_ x: MatrixView, scale: Float = 1) {
        precondition(x.columns > 0 && scale > 0, "a softmax has columns and a positive scale")
        functions.softmax(x.rows, x.columns, x.base, x.stride, scale)
    }

    /// dx becomes scale * p * (dx - <dx, p>) row by row, the gradient before the scaled softmax.
    public func softmaxBackward(probabilities p: MatrixView, gradient dx: MatrixView, scale: Float = 1) {
        checkSame(p, dx)
        functions.softmax_backward(p.rows, p.columns, p.base, p.stride, dx.base, dx.stride, scale)
    }

    /// y += a * x.
    public func add(_ x: UnsafeBufferPointer<Float>, scaledBy a: Float = 1, to y: UnsafeMutableBufferPointer<Float>) {
        precondition(x.count == y.count, "both sides of a sum have one size")
        guard let source = x.baseAddress, let target = y.baseAddress else { return }
        functions.add_scaled(x.count, a, source, target)
    }

    /// x *= a.
    public func scale(_ x: UnsafeMutableBufferPointer<Float>, by a: Float) {
        guard let base = x.baseAddress else { return }
        functions.scale(x.count, a, base)
    }

    /// The sum of squares; blocks of 4096 in float, their totals in double.
    public func sumOfSquares(_ x: UnsafeBufferPointer<Float>) -> Double {
        guard let base = x.baseAddress else { return 0 }
        return functions.sum_of_squares(x.count, base)
    }

    /// y[i] = (y[i] when accumulating) + (sources[0][i] + sources[1][i] + …), in that order.
    public func sum(
        _ sources: UnsafeBufferPointer<UnsafePointer<Float>?>, accumulating: Bool,
        into y: UnsafeMutableBufferPointer<Float>
    ) {
        guard let list = sources.baseAddress, let base = y.baseAddress else { return }
        functions.sum_sources(y.count, list, sources.count, accumulating ? 1 : 0, base)
    }

    func checkSame(_ a: MatrixView, _ b: MatrixView) {
        precondition(a.rows == b.rows && a.columns == b.columns, "both matrices have one shape")
    }
}
