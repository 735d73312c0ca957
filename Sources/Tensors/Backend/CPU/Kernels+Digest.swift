extension Kernels {
    /// A digest of the bits that the kernels compute from fixed inputs.
    ///
    /// Another instruction set, another release of OpenBLAS or of the kernels that rounds these inputs differently has
    /// another digest: a run that goes on under it would not end in the same bytes. Takes a few milliseconds.
    public func digest() -> String {
        var probe = KernelProbe()
        probeProducts(&probe)
        probeRows(&probe)
        probeMasks(&probe)
        probeFlat(&probe)
        return probe.text
    }

    /// A digest of what trains convolutional networks, which others do not depend on.
    public func imageDigest() -> String {
        var probe = KernelProbe()
        for (kernel, step) in [(3, 1), (5, 2), (7, 1)] { probeWindows(&probe, kernel: kernel, step: step) }
        for step in [1, 2] { probeConvolution(&probe, step: step) }
        let flat = (0..<3).map { _ in probe.matrix(rows: 1, columns: 37) }
        sgd(
            weights: flat[0], gradient: flat[1], velocity: flat[2], rate: 0.1, momentum: 0.9,
            decay: 0.01, isNesterov: true, gradientScale: 0.5)
        probe.read(flat[0], flat[2])
        return probe.text
    }

    private func probeWindows(_ probe: inout KernelProbe, kernel: Int, step: Int) {
        let (images, side, channels) = (3, 7, 19)
        let window = MapWindow(height: side, width: side, kernel: kernel, step: step)
        let x = probe.matrix(rows: images * side * side, columns: channels)
        let weights = probe.matrix(rows: kernel * kernel, columns: channels)
        let rows = images * window.outPixels
        let y = probe.matrix(rows: rows, columns: channels), z = probe.matrix(rows: rows, columns: channels)
        depthwise(x, weights: weights, window, into: y)
        probe.read(y)
        let dx = probe.matrix(rows: x.rows, columns: channels)
        depthwiseBackward(
            x, weights: weights, window, dy: z, into: Accumulator(view: dx, accumulating: false),
            weightGradient: probe.matrix(rows: kernel * kernel, columns: channels))
        probe.read(dx)
        let arena = Arena(floats: 4096), statistics = probe.matrix(rows: 2, columns: channels)
        let vectors = (0..<4).map { _ in probe.matrix(rows: 1, columns: channels) }
        let moments = Moments(columns: channels, in: arena)
        addMoments(of: y, rowsBefore: 0, to: moments)
        self.statistics(of: moments, rows: rows, epsilon: 1e-5, into: statistics)
        probe.read(statistics)
        let activations = MapActivation.allCases
        for activation in activations {
            let out = probe.matrix(rows: rows, columns: channels)
            channelNorm(
                y, statistics: statistics, gain: vectors[0], offset: vectors[1], activation: activation, shortcut: z,
                factors: arena.matrix(rows: 1, columns: channels), into: out)
            probe.read(out)
            channelNormBackward(
                y, statistics: statistics, gain: vectors[0], offset: vectors[1], activation: activation, dy: z,
                into: out, gainGradient: vectors[2], offsetGradient: vectors[3],
                sums: Moments(columns: channels, in: arena), means: arena.matrix(rows: 2, columns: channels))
            probe.read(out, vectors[2], vectors[3])
        }
    }

    private func probeConvolution(_ probe: inout KernelProbe, step: Int) {
        let (images, side, inputs, outputs) = (2, 7, 5, 9)
        let window = MapWindow(height: side, width: side, kernel: 3, step: step)
        let x = probe.matrix(rows: images * window.pixels, columns: inputs),
            dx = probe.matrix(rows: x.rows, columns: inputs)
        let weights = probe.matrix(rows: outputs, columns: 9 * inputs)
        let gradient = probe.matrix(rows: outputs, columns: 9 * inputs)
        let y = probe.matrix(rows: images * window.outPixels, columns: outputs)
        let room = ConvolutionRoom(
            kernels: probe.matrix(rows: outputs, columns: 9 * inputs),
            windows: probe.matrix(rows: y.rows, columns: 9 * inputs),
            gradient: probe.matrix(rows: outputs, columns: 9 * inputs))
        convolve(x, weights: weights, window, room: room, into: y, accumulating: true, moments: nil)
        probe.read(y)
        convolveBackward(
            x, weights: weights, window, dy: y, room: room, into: Accumulator(view: dx, accumulating: true),
            weightGradient: gradient)
        probe.read(dx, gradient)
        let pooled = probe.matrix(rows: y.rows, columns: inputs)
        meanPool(x, window, into: pooled)
        meanPoolBackward(pooled, window, into: Accumulator(view: dx, accumulating: true))
        maxPool(x, window, into: pooled)
        maxPoolBackward(x, maxima: pooled, window, dy: pooled, into: Accumulator(view: dx, accumulating: true))
        probe.read(pooled, dx)
    }

    private func probeProducts(_ probe: inout KernelProbe) {
        // Sizes that fill no vector and one panel or two; deep ones; and one large enough for every way of cutting.
        let shapes = [(19, 37, 70), (33, 64, 48), (2, 2, 1_300), (300, 70, 150)]
        for (rows, columns, depth) in shapes {
            for (transposeA, transposeB) in [(false, false), (false, true), (true, false), (true, true)] {
                let a = probe.matrix(rows: transposeA ? depth : rows, columns: transposeA ? rows : depth)
                let b = probe.matrix(rows: transposeB ? columns : depth, columns: transposeB ? depth : columns)
                let bias = probe.matrix(rows: 1, columns: columns), c = probe.matrix(rows: rows, columns: columns)
                multiply(a, transposed: transposeA, b, transposed: transposeB, into: c, accumulating: true)
                probe.read(c)
                multiply(a, transposed: transposeA, b, transposed: transposeB, into: c, bias: bias)
                probe.read(c)
            }
        }
    }

    private func probeRows(_ probe: inout KernelProbe) {
        let (rows, columns) = (19, 37)
        let (x, other, y) = (
            probe.matrix(rows: rows, columns: columns), probe.matrix(rows: rows, columns: columns),
            probe.matrix(rows: rows, columns: columns)
        )
        let vectors = (0..<5).map { _ in probe.matrix(rows: 1, columns: columns) }
        let bias = vectors[0], gain = vectors[1], offset = vectors[2]
        let statistics = probe.matrix(rows: rows, columns: 2)
        biasReLU(x, bias: bias, into: y, slope: other)
        probe.read(y, other)
        biasGELU(x, bias: bias, into: y, slope: other)
        probe.read(y, other)
        softmax(y, scale: 3)
        probe.read(y)
        softmaxBackward(probabilities: y, gradient: other, scale: 3)
        probe.read(other)
        multiply(other, by: x, addingColumnSumsTo: vectors[3])
        addColumnSums(of: x, to: vectors[4])
        probe.read(other)
        layerNorm(x, gain: gain, offset: offset, into: y, statistics: statistics)
        probe.read(y, statistics)
        let sum = probe.matrix(rows: rows, columns: columns)
        residualLayerNorm(
            x, branch: other, bias: bias, gain: gain, offset: offset, sum: sum, into: y, statistics: statistics)
        probe.read(sum, y, statistics)
        layerNormBackward(
            sum, statistics: statistics, gain: gain, dy: other, upstream: x, into: y,
            gainGradient: vectors[3], offsetGradient: vectors[4])
        probe.read(y)
        for vector in vectors { probe.read(vector) }
        let labels = (0..<rows).map { Int32($0) }
        let loss = labels.withUnsafeBufferPointer { CrossEntropy()(on: self, logits: x, labels: $0).loss }
        probe.read(Float(loss))
    }

    private func probeMasks(_ probe: inout KernelProbe) {
        let (rows, columns) = (19, 37)
        let (x, other, y) = (
            probe.matrix(rows: rows, columns: columns), probe.matrix(rows: rows, columns: columns),
            probe.matrix(rows: rows, columns: columns)
        )
        let sum = probe.matrix(rows: rows, columns: columns), statistics = probe.matrix(rows: rows, columns: 2)
        let vectors = (0..<6).map { _ in probe.matrix(rows: 1, columns: columns) }
        let mask = vectors[0], gain = vectors[1], offset = vectors[2]
        for index in 0..<columns { mask.base[index] = abs(mask.base[index]) }
        let sums = probe.matrix(rows: 1, columns: columns)
        maskBackward(
            x, factors: mask, dy: other, into: (y, true), sums: sums, maskGradient: vectors[3])
        probe.read(y)
        maskedLayerNorm(
            x, branch: (other, sum), mask: mask, gain: gain, offset: offset, into: y,
            statistics: statistics)
        probe.read(sum, y, statistics)
        maskedLayerNormBackward(
            sum, statistics: statistics, mask: mask, gain: gain, offset: offset, dy: other,
            upstream: x, into: y, gainGradient: vectors[4], offsetGradient: vectors[5],
            maskGradient: vectors[3])
        probe.read(y)
        let weights = probe.matrix(rows: 1, columns: 2), weightGradient = probe.matrix(rows: 1, columns: 2)
        blend([x, other], weights: weights, into: y)
        let gradients = [sum, probe.matrix(rows: rows, columns: columns)]
        blendBackward([x, other], weights: weights, dy: y, gradients: gradients, weightGradient: weightGradient)
        probe.read(y, gradients[0], gradients[1], weightGradient)
        for vector in vectors { probe.read(vector) }
    }

    private func probeFlat(_ probe: inout KernelProbe) {
        let flat = (0..<4).map { _ in probe.matrix(rows: 1, columns: 37) }
        for index in 0..<37 { flat[3].base[index] = abs(flat[3].base[index]) }
        adamW(
            weights: flat[0], gradient: flat[1], mean: flat[2], variance: flat[3],
            AdamWUpdate(step: 3, rate: 0.01, decay: 0.05, gradientScale: 0.5))
        for matrix in flat { probe.read(matrix) }
        sgd(
            weights: flat[0], gradient: flat[1], velocity: flat[2], rate: 0.1, momentum: 0.9,
            decay: 0.01, isNesterov: false, gradientScale: 1)
        add(flat[1], scaledBy: 0.3, to: flat[3])
        for matrix in flat { probe.read(matrix) }
        let long = probe.matrix(rows: 1, columns: 5_000)
        probe.read(Float(sumOfSquares(long)))
        // Few shards, and more than are added at once.
        for count in [7, 11] {
            let shards = ShardBuffers(shards: count, floats: 37)
            for shard in 0..<count { copy(probe.matrix(rows: 1, columns: 37), to: shards[shard].whole) }
            sum(shards, at: 0, accumulating: true, into: flat[0])
            probe.read(flat[0])
        }
    }
}

/// Fixed inputs, and a 64-bit FNV-1a hash of the bits of outputs.
struct KernelProbe {
    private let random = CounterRandom(seed: 0x6E61_7364, stream: .initialization)
    private var buffers: [FloatBuffer] = []
    private var hash: UInt64 = 0xCBF2_9CE4_8422_2325

    var text: String {
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Values in [-1, 1), others in each matrix.
    mutating func matrix(rows: Int, columns: Int) -> MatrixView {
        let buffer = FloatBuffer(count: rows * columns)
        for index in 0..<buffer.count {
            buffer.base[index] = 2 * random.uniform(step: UInt64(buffers.count), index: UInt32(index)) - 1
        }
        buffers.append(buffer)
        return buffer.matrix(rows: rows, columns: columns)
    }

    mutating func read(_ matrices: MatrixView...) {
        for matrix in matrices { for row in 0..<matrix.rows { for value in matrix.row(row) { read(value) } } }
    }

    mutating func read(_ value: Float) {
        for shift in stride(from: 0, to: 32, by: 8) {
            hash = (hash ^ UInt64(value.bitPattern >> UInt32(shift) & 0xFF)) &* 0x100_0000_01B3
        }
    }
}
