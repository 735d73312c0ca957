internal import CKernels
internal import COpenBLAS

/// The processor as a ``Backend``: matrix products by vector kernels or OpenBLAS, the rest by vector kernels in C.
///
/// No method allocates, but for the addresses of a blend's sources and the inputs of the digest.
public final class Kernels: Sendable {
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
}

// What each method does is said at `Backend`.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Kernels: Backend {
    // MARK: Products

    public var hasIndependentRows: Bool { products == .vector }

    public func product(
        _ a: MatrixView, _ transposeA: Bool, _ b: MatrixView, _ transposeB: Bool, into c: MatrixView,
        bias: MatrixView?, accumulating: Bool
    ) {
        let inner = transposeA ? a.rows : a.columns
        if products == .vector {
            functions.multiply(
                c.rows, c.columns, inner, a.base, transposeA ? 1 : a.stride, transposeA ? a.stride : 1, b.base,
                transposeB ? 1 : b.stride, transposeB ? b.stride : 1, bias?.base, accumulating ? 1 : 0, c.base,
                c.stride)
            return
        }
        blas.sgemm(
            CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
            blasint(c.rows), blasint(c.columns), blasint(inner), 1, a.base, blasint(max(1, a.stride)), b.base,
            blasint(max(1, b.stride)), accumulating ? 1 : 0, c.base, blasint(max(1, c.stride)))
        if let bias { addBias(bias, to: c) }
    }

    /// y[r][c] += bias[c].
    func addBias(_ bias: MatrixView, to y: MatrixView) {
        check(bias, columns: y.columns)
        functions.add_bias(y.rows, y.columns, y.base, y.stride, bias.base)
    }

    // MARK: Elements, rows and columns

    public func biasGELU(_ x: MatrixView, bias: MatrixView, into y: MatrixView, slope: MatrixView?) {
        checkSame(x, y)
        check(bias, columns: x.columns)
        if let slope { checkSame(x, slope) }
        functions.bias_gelu(
            x.rows, x.columns, x.base, x.stride, bias.base, y.base, y.stride, slope?.base, slope?.stride ?? 0)
    }

    public func biasReLU(_ x: MatrixView, bias: MatrixView, into y: MatrixView, slope: MatrixView?) {
        checkSame(x, y)
        check(bias, columns: x.columns)
        if let slope { checkSame(x, slope) }
        functions.bias_relu(
            x.rows, x.columns, x.base, x.stride, bias.base, y.base, y.stride, slope?.base, slope?.stride ?? 0)
    }

    public func multiply(_ x: MatrixView, by factor: MatrixView, addingColumnSumsTo sums: MatrixView?) {
        checkSame(x, factor)
        if let sums { check(sums, columns: x.columns) }
        functions.multiply_sum(x.rows, x.columns, x.base, x.stride, factor.base, factor.stride, sums?.base)
    }

    public func addColumnSums(of x: MatrixView, to sums: MatrixView) {
        check(sums, columns: x.columns)
        functions.column_sums(x.rows, x.columns, x.base, x.stride, sums.base)
    }

    /// The smallest variance that a norm divides by.
    static let epsilon: Float = 1e-5

    public func layerNorm(
        _ x: MatrixView, gain: MatrixView, offset: MatrixView, into y: MatrixView, statistics: MatrixView
    ) {
        checkSame(x, y)
        checkNorm(x, gain, offset, statistics)
        functions.residual_norm(
            x.rows, x.columns, x.base, x.stride, nil, 0, nil, gain.base, offset.base, Self.epsilon, nil, 0, y.base,
            y.stride, statistics.base)
    }

    public func residualLayerNorm(
        _ x: MatrixView, branch: MatrixView, bias: MatrixView?, gain: MatrixView, offset: MatrixView, sum: MatrixView,
        into y: MatrixView, statistics: MatrixView
    ) {
        checkSame(x, branch)
        checkSame(x, sum)
        checkSame(x, y)
        checkNorm(x, gain, offset, statistics)
        if let bias { check(bias, columns: x.columns) }
        functions.residual_norm(
            x.rows, x.columns, x.base, x.stride, branch.base, branch.stride, bias?.base, gain.base, offset.base,
            Self.epsilon, sum.base, sum.stride, y.base, y.stride, statistics.base)
    }

    public func layerNormBackward(
        _ x: MatrixView, statistics: MatrixView, gain: MatrixView, dy: MatrixView, upstream: MatrixView?,
        into dx: MatrixView, gainGradient: MatrixView, offsetGradient: MatrixView
    ) {
        checkSame(x, dy)
        checkSame(x, dx)
        checkNorm(x, gain, gainGradient, statistics)
        check(offsetGradient, columns: x.columns)
        if let upstream { checkSame(x, upstream) }
        functions.norm_backward(
            x.rows, x.columns, x.base, x.stride, statistics.base, gain.base, dy.base, dy.stride, upstream?.base,
            upstream?.stride ?? 0, dx.base, dx.stride, gainGradient.base, offsetGradient.base)
    }

    public func softmax(_ x: MatrixView, scale: Float) {
        precondition(x.columns > 0 && scale > 0, "a softmax has columns and a positive scale")
        functions.softmax(x.rows, x.columns, x.base, x.stride, scale)
    }

    public func softmaxBackward(probabilities p: MatrixView, gradient dx: MatrixView, scale: Float) {
        checkSame(p, dx)
        functions.softmax_backward(p.rows, p.columns, p.base, p.stride, dx.base, dx.stride, scale)
    }

    // MARK: Checks

    func checkSame(_ a: MatrixView, _ b: MatrixView) {
        precondition(a.rows == b.rows && a.columns == b.columns, "both matrices have one shape")
    }

    /// A row of values, one a column.
    func check(_ row: MatrixView, columns: Int) {
        precondition(row.rows == 1 && row.columns == columns, "a row has a value for every column")
    }

    func checkNorm(_ x: MatrixView, _ gain: MatrixView, _ offset: MatrixView, _ statistics: MatrixView) {
        precondition(x.columns > 0, "a norm has columns")
        check(gain, columns: x.columns)
        check(offset, columns: x.columns)
        precondition(
            statistics.rows == x.rows && statistics.columns == 2 && statistics.isContiguous,
            "a norm leaves two values a row")
    }
}
