extension Kernels {
    /// A digest of the bits that the kernels compute from fixed inputs.
    ///
    /// Another instruction set, another release of OpenBLAS or of the kernels that rounds anything differently has another
    /// digest: a run that goes on under it would not end in the same bytes. Takes about a millisecond.
    public func digest() -> String {
        var probe = KernelProbe()
        // Sizes that fill no vector, and a product deep enough to be cut.
        let (rows, columns, depth) = (19, 37, 70)
        for (transposeA, transposeB) in [(false, false), (false, true), (true, false), (true, true)] {
            let a = probe.matrix(rows: transposeA ? depth : rows, columns: transposeA ? rows : depth)
            let b = probe.matrix(rows: transposeB ? columns : depth, columns: transposeB ? depth : columns)
            let bias = probe.matrix(rows: 1, columns: columns), c = probe.matrix(rows: rows, columns: columns)
            multiply(a, transposed: transposeA, b, transposed: transposeB, into: c, bias: bias.base, accumulating: true)
            probe.read(c)
        }
        let deep = probe.matrix(rows: 2, columns: 1_300), sums = probe.matrix(rows: 2, columns: 2)
        multiply(deep, transposed: false, deep, transposed: true, into: sums)
        probe.read(sums)
        probe.read(Float(sumOfSquares(UnsafeBufferPointer(deep.row(0)))))

        let x = probe.matrix(rows: rows, columns: columns), y = probe.matrix(rows: rows, columns: columns)
        let dy = probe.matrix(rows: rows, columns: columns), other = probe.matrix(rows: rows, columns: columns)
        let vectors = (0..<6).map { _ in probe.matrix(rows: 1, columns: columns) }
        let statistics = probe.matrix(rows: rows, columns: 2)
        biasGELU(x, bias: vectors[0].base, into: y, slope: other)
        probe.read(y)
        probe.read(other)
        softmax(y, scale: 3)
        probe.read(y)
        softmaxBackward(probabilities: y, gradient: other, scale: 3)
        probe.read(other)
        multiply(other, by: x, addingColumnSumsTo: vectors[1].base)
        addColumnSums(of: dy, to: vectors[1].base)
        residualLayerNorm(
            x, branch: dy, bias: vectors[0].base, gain: vectors[1].base, offset: vectors[2].base, sum: other, into: y,
            statistics: statistics.base)
        probe.read(y)
        layerNormBackward(
            other, statistics: statistics.base, gain: vectors[1].base, dy: dy, upstream: x, into: y,
            gainGradient: vectors[2].base, offsetGradient: vectors[3].base)
        probe.read(y)
        for index in 0..<columns { vectors[4].base[index] = abs(vectors[4].base[index]) }
        maskedLayerNorm(
            x, branch: (dy, other), mask: vectors[4].base, maskSum: 11, gain: vectors[1].base, offset: vectors[2].base,
            into: y, statistics: statistics.base)
        probe.read(y)
        maskedLayerNormBackward(
            other, statistics: statistics.base, mask: vectors[4].base, maskSum: 11, gain: vectors[1].base,
            offset: vectors[2].base, dy: dy, upstream: x, into: y, gainGradient: vectors[2].base,
            offsetGradient: vectors[3].base, maskGradient: vectors[5].base)
        probe.read(y)
        let weights = probe.matrix(rows: 1, columns: 2), weightGradient = probe.matrix(rows: 1, columns: 2)
        blend([x, dy], weights: weights, into: y)
        let gradients = [other, probe.matrix(rows: rows, columns: columns)]
        blendBackward([x, dy], weights: weights, dy: y, gradients: gradients, weightGradient: weightGradient)
        probe.read(weightGradient)
        let flat = vectors.map { $0.row(0) }
        adamW(
            weights: flat[0], gradient: UnsafeBufferPointer(flat[1]), mean: flat[2], variance: flat[4],
            AdamWUpdate(step: 3, rate: 0.01, decay: 0.05, gradientScale: 0.5))
        sgd(
            weights: flat[0], gradient: UnsafeBufferPointer(flat[3]), velocity: flat[5], rate: 0.1, momentum: 0.9,
            decay: 0.01)
        for vector in vectors { probe.read(vector) }
        return probe.text
    }
}
