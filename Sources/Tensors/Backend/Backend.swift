/// Who computes: the one way by which anything outside of this module touches the memory of tensors.
///
/// Every loop over tensor memory is a method here: products, vector loops, copies, fills, gathers, losses, updates, sums,
/// and the way between tensors and arrays of the host. ``Kernels`` computes on the processor, ``CountingBackend`` counts
/// what would be computed; an accelerator would be another. Vectors are matrices of one row. Sizes that do not fit are
/// programming errors and trap.
///
/// A class, so that handing one on allocates nothing.
public protocol Backend: ImageOperations {
    // MARK: Products

    /// Whether a row of what is computed has the same bits whatever other rows are computed with it.
    var hasIndependentRows: Bool { get }

    /// c = op(a) op(b) + bias (row by row) + (c when accumulating).
    ///
    /// Called as ``multiply(_:transposed:_:transposed:into:bias:accumulating:)``, which checks the shapes.
    func product(
        _ a: MatrixView, _ transposeA: Bool, _ b: MatrixView, _ transposeB: Bool, into c: MatrixView,
        bias: MatrixView?, accumulating: Bool)

    /// y = softmax(Q K^T / sqrt(headWidth)) V, head by head within each sequence; the probabilities are kept where there
    /// is room for those of more than one head.
    func attention(_ attention: AttentionOperands, into y: MatrixView)

    /// dV = P^T dY; dP = dY V^T; dS = softmax backward of dP; dQ = dS K; dK = dS^T Q.
    ///
    /// - Parameter scores: Room for dS of one head, (tokens, tokens).
    func attentionBackward(
        _ attention: AttentionOperands, dy: MatrixView, query: Accumulator, key: Accumulator, value: Accumulator,
        scores: MatrixView)

    /// Attention of one query a sequence over tokens before their projections; see ``Tape/classAttention(query:over:key:value:valueBias:tokens:headWidth:)``.
    func classAttention(_ attention: ClassAttentionOperands, into y: MatrixView)

    /// With M the means, U the queries in the width of x, and P the probabilities: dM = dY Wv, dWv += dY^T M; dP = dM x^T,
    /// dx += P^T dM; dS = softmax backward of dP; dU = dS x, dx += dS^T U; dq = dU Wk^T, dWk += q^T dU.
    ///
    /// - Parameters:
    ///   - means: Room for dM, as large as the means.
    ///   - scores: Room for dS, as large as the probabilities.
    func classAttentionBackward(
        _ attention: ClassAttentionOperands, dy: MatrixView, query: Accumulator, x: Accumulator, means: MatrixView,
        scores: MatrixView)

    // MARK: Elements, rows and columns

    /// y = gelu(x + bias) in the exact erf form; `slope` receives dy/dx when given.
    func biasGELU(_ x: MatrixView, bias: MatrixView, into y: MatrixView, slope: MatrixView?)
    /// y = max(0, x + bias); `slope` receives dy/dx when given.
    func biasReLU(_ x: MatrixView, bias: MatrixView, into y: MatrixView, slope: MatrixView?)
    /// x *= factor elementwise; `sums` is raised by the column sums of the product when given.
    func multiply(_ x: MatrixView, by factor: MatrixView, addingColumnSumsTo sums: MatrixView?)
    /// `sums[c]` is raised by the sum of column c.
    func addColumnSums(of x: MatrixView, to sums: MatrixView)
    /// y = layerNorm(x) * gain + offset over the columns, epsilon 1e-5; `statistics` (rows, 2) receives mean and
    /// 1/deviation.
    func layerNorm(_ x: MatrixView, gain: MatrixView, offset: MatrixView, into y: MatrixView, statistics: MatrixView)
    /// sum = x + branch (+ bias) and y = layerNorm(sum) * gain + offset, in one pass.
    func residualLayerNorm(
        _ x: MatrixView, branch: MatrixView, bias: MatrixView?, gain: MatrixView, offset: MatrixView, sum: MatrixView,
        into y: MatrixView, statistics: MatrixView)
    /// dx = upstream + the gradient of the layer norm of x; the gradients of gain and offset are raised.
    func layerNormBackward(
        _ x: MatrixView, statistics: MatrixView, gain: MatrixView, dy: MatrixView, upstream: MatrixView?,
        into dx: MatrixView, gainGradient: MatrixView, offsetGradient: MatrixView)
    /// sum = x + branch and y = mask * (norm(sum) * gain + offset), with mean and variance weighted by the mask, whose
    /// sum is positive.
    ///
    /// - Parameter branch: What is added first, and where the sum goes; nil for x alone.
    func maskedLayerNorm(
        _ x: MatrixView, branch: (value: MatrixView, sum: MatrixView)?, mask: MatrixView, gain: MatrixView,
        offset: MatrixView, into y: MatrixView, statistics: MatrixView)
    /// dx = upstream + the gradient of the masked layer norm of x; the gradients of mask, gain and offset are raised.
    func maskedLayerNormBackward(
        _ x: MatrixView, statistics: MatrixView, mask: MatrixView, gain: MatrixView, offset: MatrixView,
        dy: MatrixView, upstream: MatrixView?, into dx: MatrixView, gainGradient: MatrixView,
        offsetGradient: MatrixView, maskGradient: MatrixView)
    /// Each row becomes softmax(scale * row); `scale` is positive.
    func softmax(_ x: MatrixView, scale: Float)
    /// dx becomes scale * p * (dx - <dx, p>) row by row, the gradient before the scaled softmax.
    func softmaxBackward(probabilities p: MatrixView, gradient dx: MatrixView, scale: Float)
    /// y[r, c] = x[r, c] * mask[c / unit], where `unit` is the columns over the mask's; `factors` (1, columns) receives
    /// the mask column by column.
    func mask(_ x: MatrixView, by mask: MatrixView, factors: MatrixView, into y: MatrixView)
    /// dx = (dx when accumulating) + dy * mask; dmask[u] += the sum of dy * x over the columns of u.
    ///
    /// - Parameter sums: Room for a row.
    func maskBackward(
        _ x: MatrixView, factors: MatrixView, dy: MatrixView, into dx: Accumulator, sums: MatrixView,
        maskGradient: MatrixView)
    /// y[r] = sum over s of weights[r, s] * sources[s][r]: a blend of matrices, row by row.
    ///
    /// Shapes: sources and y (rows, columns), weights (rows, sources), or (1, sources) for all rows alike.
    func blend(_ sources: [MatrixView], weights: MatrixView, into y: MatrixView)
    /// Raises the gradients of a blend's sources by weights[r, s] * dy[r], and those of its weights by
    /// <dy[r], sources[s][r]>.
    func blendBackward(
        _ sources: [MatrixView], weights: MatrixView, dy: MatrixView, gradients: [MatrixView],
        weightGradient: MatrixView)

    // MARK: Sequences

    /// The patches of a batch of images: row (image, patch) holds its values in the order (row, column, channel).
    func cutPatches(of images: MatrixView, _ grid: PatchGrid, into patches: MatrixView)
    /// y[b, 0] = classToken + positions[0]; y[b, t] = patches[b, t - 1] + positions[t].
    func joinTokens(_ patches: MatrixView, classToken: MatrixView, positions: MatrixView, into y: MatrixView)
    /// Takes dy to patches, class token and positions.
    func joinTokensBackward(
        _ dy: MatrixView, patches: Accumulator, classToken: MatrixView, positions: MatrixView)
    /// y[b] = x[b * tokens].
    func firstRows(of x: MatrixView, tokens: Int, into y: MatrixView)
    /// Raises every first row of dx by dy; the others are 0 unless accumulating.
    func firstRowsBackward(_ dy: MatrixView, tokens: Int, into dx: Accumulator)
    /// y[b] = 1/tokens sum_t x[b, t].
    func meanRows(of x: MatrixView, tokens: Int, into y: MatrixView)
    /// Raises every row of a sequence by 1/tokens of its row of dy.
    func meanRowsBackward(_ dy: MatrixView, tokens: Int, into dx: Accumulator)
    /// The factors of one site of dropout: 0 or 1 / (1 - rate), row by row.
    func fill(_ factors: MatrixView, by dropout: Dropout, site: Int, rowsPerExample: Int)

    // MARK: Losses

    /// The summed loss and hits of a batch; the gradient too where it is wanted. See ``CrossEntropy``.
    func crossEntropy(
        _ loss: CrossEntropy, logits: MatrixView, labels: UnsafeBufferPointer<Int32>, mixed: MixedLabels?,
        teacher: MatrixView?, gradient: MatrixView?, gradientScale: Float
    ) -> CrossEntropy.Sums

    /// By how much another class is ahead of that of each label, as a share of the greatest magnitude: below 0 where the label is
    /// ahead, minus infinity where a logit is not finite.
    func shortfalls(logits: MatrixView, labels: UnsafeBufferPointer<Int32>) -> [Float]

    /// The summed loss of a batch; the gradient too where it is wanted. See ``SquaredError``.
    func squaredError(
        _ loss: SquaredError, outputs: MatrixView, targets: MatrixView, teacher: MatrixView?, gradient: MatrixView?,
        gradientScale: Float
    ) -> Double
    /// What the errors of each output add up to over a batch: one of them for each column.
    func errorSums(outputs: MatrixView, targets: MatrixView) -> [ErrorSums]

    // MARK: Sums and copies

    /// y += a * x.
    func add(_ x: MatrixView, scaledBy a: Float, to y: MatrixView)
    /// x *= a.
    func scale(_ x: MatrixView, by a: Float)
    /// x += value, elementwise.
    func add(_ value: Float, to x: MatrixView)
    /// The sum of all elements, one after the other.
    func sum(of x: MatrixView) -> Float
    /// The sum of squares of one row; blocks of 4096 in float, their totals in double.
    func sumOfSquares(_ x: MatrixView) -> Double
    /// y = (y when accumulating) + the sum of the shards in the order of ``ShardTree``, where y lies `offset` floats into
    /// their layout.
    func sum(_ shards: ShardBuffers, at offset: Int, accumulating: Bool, into y: MatrixView)
    /// y += the sum of the shards as ``sum(_:at:accumulating:into:)`` has it, where each brings a part of its own: beyond that
    /// it counts as 0, and nothing is read.
    func add(_ shards: ShardBuffers, parts: [ShardBuffers.Part], at offset: Int, to y: MatrixView)
    /// y = x; both may share memory.
    func copy(_ x: MatrixView, to y: MatrixView)
    /// Every element becomes one value.
    func fill(_ x: MatrixView, with value: Float)
    /// Whether every element is finite.
    func isFinite(_ x: MatrixView) -> Bool

    // MARK: Updates

    /// One AdamW update of a range: decoupled decay, bias-corrected moments.
    ///
    /// m = b1 m + (1-b1) g; v = b2 v + (1-b2) g^2; w = w (1 - rate decay) - rate m' / (sqrt(v') + epsilon), where m' and
    /// v' are divided by 1 - b1^step and 1 - b2^step.
    ///
    /// Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization" (ICLR 2019), algorithm 2.
    func adamW(
        weights: MatrixView, gradient: MatrixView, mean: MatrixView, variance: MatrixView, _ update: AdamWUpdate)
    /// One SGD update of a range: d = g + decay w; v = momentum v + d; w = w - rate v, or w - rate (d + momentum v) by Nesterov.
    func sgd(
        weights: MatrixView, gradient: MatrixView, velocity: MatrixView, rate: Float, momentum: Float, decay: Float,
        isNesterov: Bool, gradientScale: Float)

    // MARK: To and from the host

    /// Every element becomes the value of its place, counted row by row.
    func fill(_ x: MatrixView, by value: (Int) -> Float)
    /// Takes as many values of the host as the matrix has, row by row.
    func upload(_ values: UnsafeBufferPointer<Float>, to x: MatrixView)
    /// Writes the elements, row by row, into as much memory of the host.
    func download(_ x: MatrixView, into values: UnsafeMutableBufferPointer<Float>)
}

/// A gradient that is written, or added to where one has arrived before.
public typealias Accumulator = (view: MatrixView, accumulating: Bool)

/// What multi-head attention within sequences reads.
///
/// Shapes: query, key and value (sequences * tokens, heads * headWidth); head h owns columns
/// h * headWidth ..< (h + 1) * headWidth. Probabilities (sequences * heads * tokens, tokens), or room for one head,
/// (tokens, tokens), which is used again and again.
public struct AttentionOperands {
    let query: MatrixView
    let key: MatrixView
    let value: MatrixView
    let probabilities: MatrixView
    let tokens: Int
    let headWidth: Int

    var sequences: Int { query.rows / tokens }
    var heads: Int { query.columns / headWidth }
    var scale: Float { 1 / Float(headWidth).squareRoot() }
}

/// What attention of one query a sequence reads, and what it leaves for its backward.
///
/// Shapes: query (sequences, heads * headWidth), x (sequences * tokens, width), key and value (heads * headWidth, width),
/// valueBias (1, heads * headWidth); with rows (sequence, head): asked and means (…, width), probabilities (…, tokens).
public struct ClassAttentionOperands {
    let query: MatrixView
    let x: MatrixView
    let key: Parameter
    let value: Parameter
    let valueBias: Parameter
    /// Queries in the width of x.
    let asked: MatrixView
    let probabilities: MatrixView
    /// Mean tokens under the probabilities.
    let means: MatrixView
    let tokens: Int
    let headWidth: Int

    var sequences: Int { query.rows }
    var heads: Int { query.columns / headWidth }
    var scale: Float { 1 / Float(headWidth).squareRoot() }
}

/// How images are cut into square patches.
public struct PatchGrid: Sendable, Equatable {
    /// Pixels from top to bottom of an image.
    public let height: Int
    /// Pixels from left to right.
    public let width: Int
    /// Values of a pixel.
    public let channels: Int
    /// Pixels of a patch's side; it divides height and width.
    public let side: Int

    /// Creates a grid.
    public init(height: Int, width: Int, channels: Int, side: Int) {
        precondition(side > 0 && height % side == 0 && width % side == 0, "patches cover an image")
        (self.height, self.width, self.channels, self.side) = (height, width, channels, side)
    }

    /// Patches of an image.
    public var count: Int { height / side * (width / side) }
    /// Values of a patch.
    public var values: Int { side * side * channels }
}

extension Backend {
    /// c = op(a) op(b) + bias (row by row) + (c when accumulating).
    ///
    /// Shapes: op(a) (M, K), op(b) (K, N), c (M, N), bias (1, N). Unless accumulating, c may hold anything at first.
    public func multiply(
        _ a: MatrixView, transposed transposeA: Bool = false, _ b: MatrixView, transposed transposeB: Bool = false,
        into c: MatrixView, bias: MatrixView? = nil, accumulating: Bool = false
    ) {
        let inner = transposeA ? a.rows : a.columns
        precondition(
            (transposeA ? a.columns : a.rows) == c.rows && (transposeB ? b.rows : b.columns) == c.columns
                && (transposeB ? b.columns : b.rows) == inner && inner > 0
                && (bias.map { $0.columns == c.columns } ?? true), "the shapes of a product fit")
        guard c.rows > 0, c.columns > 0 else { return }
        product(a, transposeA, b, transposeB, into: c, bias: bias, accumulating: accumulating)
    }

    /// x *= factor elementwise.
    public func multiply(_ x: MatrixView, by factor: MatrixView) { multiply(x, by: factor, addingColumnSumsTo: nil) }

    /// y += x.
    public func add(_ x: MatrixView, to y: MatrixView) { add(x, scaledBy: 1, to: y) }

    /// Takes as many values of an array as the matrix has, from a place on, row by row.
    public func upload(_ values: [Float], from place: Int = 0, to x: MatrixView) {
        precondition(place >= 0 && place + x.rows * x.columns <= values.count, "the array has the values")
        values.withUnsafeBufferPointer {
            upload(UnsafeBufferPointer(rebasing: $0[place..<place + x.rows * x.columns]), to: x)
        }
    }

    /// The elements, row by row.
    public func download(_ x: MatrixView) -> [Float] {
        [Float](unsafeUninitializedCapacity: x.rows * x.columns) { values, count in
            download(x, into: UnsafeMutableBufferPointer(rebasing: values[..<(x.rows * x.columns)]))
            count = x.rows * x.columns
        }
    }

    /// Writes the elements, row by row, into an array from a place on.
    public func download(_ x: MatrixView, into values: inout [Float], at place: Int = 0) {
        precondition(place >= 0 && place + x.rows * x.columns <= values.count, "the array has room")
        values.withUnsafeMutableBufferPointer {
            download(x, into: UnsafeMutableBufferPointer(rebasing: $0[place..<place + x.rows * x.columns]))
        }
    }
}
