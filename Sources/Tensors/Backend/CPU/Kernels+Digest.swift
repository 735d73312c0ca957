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
            decay: 0.01, gradientScale: 1)
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
