internal import Synchronization

/// Counts what would be computed: no memory, no arithmetic.
///
/// A network that runs on it shows by ``Arena/peakFloats`` how large an arena must be, and how many multiply-adds its
/// products take. Its buffers and arenas have sizes and no contents; values that are asked for are 0. No method takes
/// longer for larger matrices. Floats are counted up to 2^58, past which there is no such machine; multiply-adds are exact
/// up to 2^53 and rounded beyond.
public final class CountingBackend: Sendable {
    private let state = Mutex((products: 0.0, masks: 0.0, live: LiveValues?.none))

    /// Creates a backend that has counted nothing.
    ///
    /// - Parameter tracksValues: Whether it notes which values of maps wait for whom; see ``peakLiveValues``.
    public init(tracksValues: Bool = false) {
        if tracksValues { state.withLock { $0.live = LiveValues() } }
    }

    /// The most values of maps that a forward held at a time: those that were computed and are yet to be read. Windows of images
    /// stand for the images. What parameters and norms need beside is not counted.
    public var peakLiveValues: Int { state.withLock { $0.live?.peak ?? 0 } }

    private func note(_ reads: MatrixView..., writes y: MatrixView, of values: Int? = nil) {
        state.withLock { $0.live?.note(reads: reads, writes: y, of: values ?? y.rows * y.columns) }
    }

    /// Multiply-adds of all products so far.
    public var multiplyAdds: Double { state.withLock { $0.products } }

    /// Values that masks were laid on so far, forward: a multiplication each.
    public var maskedValues: Double { state.withLock { $0.masks } }

    /// An arena without an end.
    public func makeArena() -> Arena { Arena(counting: ()) }

    /// A buffer of a size, without memory.
    public func makeBuffer(count: Int) -> FloatBuffer { FloatBuffer(countWithoutMemory: count) }

    fileprivate func count(_ factors: Int...) {
        let product = factors.reduce(1.0) { $0 * Double($1) }
        state.withLock { $0.products += product }
    }

}

// What each method does is said at `Backend`.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension CountingBackend: Backend {
    public var hasIndependentRows: Bool { true }

    public func product(
        _ a: MatrixView, _ transposeA: Bool, _ b: MatrixView, _ transposeB: Bool, into c: MatrixView,
        bias: MatrixView?, accumulating: Bool
    ) {
        count(c.rows, c.columns, transposeA ? a.rows : a.columns)
        if accumulating { note(a, c, writes: c) } else { note(a, writes: c) }
    }

    public func attention(_ attention: AttentionOperands, into y: MatrixView) {
        count(2, attention.query.rows, attention.query.columns, attention.tokens)
    }

    public func attentionBackward(
        _ attention: AttentionOperands, dy: MatrixView, query: Accumulator, key: Accumulator, value: Accumulator,
        scores: MatrixView
    ) { count(4, attention.query.rows, attention.query.columns, attention.tokens) }

    public func classAttention(_ attention: ClassAttentionOperands, into y: MatrixView) {
        count(2, y.rows, y.columns, attention.x.columns)
        count(2, attention.x.rows, attention.heads, attention.x.columns)
    }

    public func classAttentionBackward(
        _ attention: ClassAttentionOperands, dy: MatrixView, query: Accumulator, x: Accumulator, means: MatrixView,
        scores: MatrixView
    ) {
        count(4, dy.rows, dy.columns, attention.x.columns)
        count(4, attention.x.rows, attention.heads, attention.x.columns)
    }

    public func depthwise(_ x: MatrixView, weights: MatrixView, _ window: MapWindow, into y: MatrixView) {
        count(y.rows, y.columns, window.taps)
        note(x, writes: y)
    }

    public func depthwiseBackward(
        _ x: MatrixView, weights: MatrixView, _ window: MapWindow, dy: MatrixView, into dx: Accumulator?,
        weightGradient: MatrixView
    ) { count(dx == nil ? 1 : 2, dy.rows, dy.columns, window.taps) }

    public func convolve(
        _ x: MatrixView, weights: MatrixView, _ window: MapWindow, room: ConvolutionRoom, into y: MatrixView,
        accumulating: Bool, moments: Moments?
    ) {
        count(y.rows, y.columns, weights.columns)
        if accumulating { note(x, y, writes: y) } else { note(x, writes: y) }
    }

    public func convolveBackward(
        _ x: MatrixView, weights: MatrixView, _ window: MapWindow, dy: MatrixView, room: ConvolutionRoom,
        into dx: Accumulator?, weightGradient: MatrixView
    ) { count(dx == nil ? 1 : 2, dy.rows, dy.columns, weights.columns) }

    private func countMask(_ x: MatrixView) { state.withLock { $0.masks += Double(x.rows) * Double(x.columns) } }

    // Nothing below is a product, and there is nothing to be read or written.

    public func biasGELU(_ x: MatrixView, bias: MatrixView, into y: MatrixView, slope: MatrixView?) {}
    public func biasReLU(_ x: MatrixView, bias: MatrixView, into y: MatrixView, slope: MatrixView?) {
        note(x, writes: y)
    }
    public func multiply(_ x: MatrixView, by factor: MatrixView, addingColumnSumsTo sums: MatrixView?) {}
    public func addColumnSums(of x: MatrixView, to sums: MatrixView) {}
    public func layerNorm(
        _ x: MatrixView, gain: MatrixView, offset: MatrixView, into y: MatrixView, statistics: MatrixView
    ) {}
    public func residualLayerNorm(
        _ x: MatrixView, branch: MatrixView, bias: MatrixView?, gain: MatrixView, offset: MatrixView, sum: MatrixView,
        into y: MatrixView, statistics: MatrixView
    ) {}
    public func layerNormBackward(
        _ x: MatrixView, statistics: MatrixView, gain: MatrixView, dy: MatrixView, upstream: MatrixView?,
        into dx: MatrixView, gainGradient: MatrixView, offsetGradient: MatrixView
    ) {}
    public func maskedLayerNorm(
        _ x: MatrixView, branch: (value: MatrixView, sum: MatrixView)?, mask: MatrixView, gain: MatrixView,
        offset: MatrixView, into y: MatrixView, statistics: MatrixView
    ) { countMask(x) }
    public func maskedLayerNormBackward(
        _ x: MatrixView, statistics: MatrixView, mask: MatrixView, gain: MatrixView, offset: MatrixView,
        dy: MatrixView, upstream: MatrixView?, into dx: MatrixView, gainGradient: MatrixView,
        offsetGradient: MatrixView, maskGradient: MatrixView
    ) {}
    public func softmax(_ x: MatrixView, scale: Float) {}
    public func softmaxBackward(probabilities p: MatrixView, gradient dx: MatrixView, scale: Float) {}
    public func mask(_ x: MatrixView, by mask: MatrixView, factors: MatrixView, into y: MatrixView) { countMask(x) }
    public func maskBackward(
        _ x: MatrixView, factors: MatrixView, dy: MatrixView, into dx: Accumulator, sums: MatrixView,
        maskGradient: MatrixView
    ) {}
    public func blend(_ sources: [MatrixView], weights: MatrixView, into y: MatrixView) {}
    public func blendBackward(
        _ sources: [MatrixView], weights: MatrixView, dy: MatrixView, gradients: [MatrixView],
        weightGradient: MatrixView
    ) {}
    public func cutPatches(of images: MatrixView, _ grid: PatchGrid, into patches: MatrixView) {}
    public func joinTokens(_ patches: MatrixView, classToken: MatrixView, positions: MatrixView, into y: MatrixView) {}
    public func joinTokensBackward(
        _ dy: MatrixView, patches: Accumulator, classToken: MatrixView, positions: MatrixView
    ) {}
    public func firstRows(of x: MatrixView, tokens: Int, into y: MatrixView) {}
    public func firstRowsBackward(_ dy: MatrixView, tokens: Int, into dx: Accumulator) {}
    public func meanRows(of x: MatrixView, tokens: Int, into y: MatrixView) { note(x, writes: y) }
    public func meanRowsBackward(_ dy: MatrixView, tokens: Int, into dx: Accumulator) {}
    public func cutWindows(of images: MatrixView, _ window: MapWindow, into windows: MatrixView) {
        note(writes: windows, of: images.rows * images.columns)
    }
    // Windows stand for the image that they are cut of.
    public func resample(_ images: MatrixView, _ resampling: Resampling, room: MatrixView, into y: MatrixView) {}
    public func addRow(_ row: MatrixView, to y: MatrixView) {}
    public func meanPool(_ x: MatrixView, _ window: MapWindow, into y: MatrixView) { note(x, writes: y) }
    public func meanPoolBackward(_ dy: MatrixView, _ window: MapWindow, into dx: Accumulator) {}
    public func maxPool(_ x: MatrixView, _ window: MapWindow, into y: MatrixView) { note(x, writes: y) }
    public func maxPoolBackward(
        _ x: MatrixView, maxima y: MatrixView, _ window: MapWindow, dy: MatrixView, into dx: Accumulator
    ) {}
    public func addMoments(of x: MatrixView, rowsBefore: Int, to moments: Moments) {}
    public func statistics(of moments: Moments, rows: Int, epsilon: Double, into statistics: MatrixView) {}
    public func statistics(mean: MatrixView, variance: MatrixView, epsilon: Double, into statistics: MatrixView) {}
    public func download(
        _ moments: Moments, rows: Int, means: UnsafeMutableBufferPointer<Double>,
        variances: UnsafeMutableBufferPointer<Double>
    ) {
        means.update(repeating: 0)
        variances.update(repeating: 0)
    }
    public func channelNorm(
        _ x: MatrixView, statistics: MatrixView, gain: MatrixView, offset: MatrixView, activation: MapActivation,
        shortcut: MatrixView?, factors: MatrixView, into y: MatrixView
    ) {
        if let shortcut { note(x, shortcut, writes: y) } else { note(x, writes: y) }
    }
    public func channelNormBackward(
        _ x: MatrixView, statistics: MatrixView, gain: MatrixView, offset: MatrixView, activation: MapActivation,
        dy: MatrixView, into dx: MatrixView, gainGradient: MatrixView, offsetGradient: MatrixView, sums: Moments,
        means: MatrixView
    ) {}
    public func activationBackward(
        _ x: MatrixView, _ activation: MapActivation, constants: MatrixView, dy: MatrixView, into dx: MatrixView
    ) {}
    public func gateMaps(_ x: MatrixView, by gates: MatrixView, factors: MatrixView, into y: MatrixView) {
        note(x, gates, writes: y)
    }
    public func gateMapsBackward(
        _ x: MatrixView, gates: MatrixView, factors: MatrixView, dy: MatrixView, into dx: Accumulator,
        gateGradient: Accumulator, sums: MatrixView
    ) {}
    public func fill(_ factors: MatrixView, by dropout: Dropout, site: Int, rowsPerExample: Int) {}
    public func crossEntropy(
        _ loss: CrossEntropy, logits: MatrixView, labels: UnsafeBufferPointer<Int32>, mixed: MixedLabels?,
        teacher: MatrixView?, gradient: MatrixView?, gradientScale: Float
    ) -> CrossEntropy.Sums { CrossEntropy.Sums() }
    public func shortfalls(logits: MatrixView, labels: UnsafeBufferPointer<Int32>) -> [Float] { [] }
    public func squaredError(
        _ loss: SquaredError, outputs: MatrixView, targets: MatrixView, teacher: MatrixView?, gradient: MatrixView?,
        gradientScale: Float
    ) -> Double { 0 }
    public func errorSums(outputs: MatrixView, targets: MatrixView) -> [ErrorSums] { [] }
    public func add(_ x: MatrixView, scaledBy a: Float, to y: MatrixView) {}
    public func scale(_ x: MatrixView, by a: Float) {}
    public func add(_ value: Float, to x: MatrixView) {}
    public func sum(of x: MatrixView) -> Float { 0 }
    public func sumOfSquares(_ x: MatrixView) -> Double { 0 }
    public func sum(_ shards: ShardBuffers, at offset: Int, accumulating: Bool, into y: MatrixView) {}
    public func add(_ shards: ShardBuffers, parts: [ShardBuffers.Part], at offset: Int, to y: MatrixView) {}
    public func copy(_ x: MatrixView, to y: MatrixView) {}
    public func fill(_ x: MatrixView, with value: Float) {}
    public func isFinite(_ x: MatrixView) -> Bool { true }
    public func adamW(
        weights: MatrixView, gradient: MatrixView, mean: MatrixView, variance: MatrixView, _ update: AdamWUpdate
    ) {}
    public func sgd(
        weights: MatrixView, gradient: MatrixView, velocity: MatrixView, rate: Float, momentum: Float, decay: Float,
        isNesterov: Bool, gradientScale: Float
    ) {}
    public func fill(_ x: MatrixView, by value: (Int) -> Float) {}
    public func upload(_ values: UnsafeBufferPointer<Float>, to x: MatrixView) {}
    public func download(_ x: MatrixView, into values: UnsafeMutableBufferPointer<Float>) {
        values.update(repeating: 0)
    }
}

/// Which values are alive when: from the operation that computes them to the last that reads them.
private struct LiveValues {
    private var operations = 0
    /// Values by their first address, and when they live.
    private var alive: [UnsafeMutablePointer<Float>: (values: Int, first: Int, last: Int)] = [:]
    private var finished: [(values: Int, first: Int, last: Int)] = []

    /// An operation; what it writes where it reads goes on living.
    mutating func note(reads: [MatrixView], writes y: MatrixView, of values: Int) {
        for x in reads { alive[x.base]?.last = operations }
        if !reads.contains(where: { $0.base == y.base }) {
            if let before = alive[y.base] { finished.append(before) }
            alive[y.base] = (values, operations, operations)
        }
        operations += 1
    }

    /// The most values at any operation, with those that it reads and writes.
    var peak: Int {
        var changes = [Int](repeating: 0, count: operations + 1)
        for own in finished + Array(alive.values) {
            changes[own.first] += own.values
            changes[own.last + 1] -= own.values
        }
        var sum = 0
        return changes.reduce(0) { most, change in
            sum += change
            return max(most, sum)
        }
    }
}
