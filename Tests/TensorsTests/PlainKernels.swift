import Foundation

/// The vector kernels once more, as plain Swift loops in double precision: the oracle of their tests.
///
/// Matrices are dense and row-major.
enum PlainKernels {
    static func gelu(_ x: Double) -> (value: Double, slope: Double) {
        let phi = 0.5 * (1 + erf(x / 2.0.squareRoot()))
        return (x * phi, phi + x * exp(-x * x / 2) / (2 * Double.pi).squareRoot())
    }

    static func layerNorm(
        _ x: [Float], columns: Int, gain: [Float], offset: [Float], epsilon: Double = 1e-5
    ) -> (y: [Double], mean: [Double], inverse: [Double]) {
        var y: [Double] = [], means: [Double] = [], inverses: [Double] = []
        for row in stride(from: 0, to: x.count, by: columns) {
            let values = x[row..<row + columns].map(Double.init)
            let mean = values.reduce(0, +) / Double(columns)
            let variance = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(columns)
            let inverse = 1 / (variance + epsilon).squareRoot()
            means.append(mean)
            inverses.append(inverse)
            for c in 0..<columns { y.append((values[c] - mean) * inverse * Double(gain[c]) + Double(offset[c])) }
        }
        return (y, means, inverses)
    }

    static func layerNormBackward(
        _ x: [Float], columns: Int, gain: [Float], dy: [Float], upstream: [Float]
    ) -> (dx: [Double], gain: [Double], offset: [Double]) {
        let normal = layerNorm(
            x, columns: columns, gain: [Float](repeating: 1, count: columns),
            offset: [Float](repeating: 0, count: columns))
        var dx: [Double] = []
        var gainGradient = [Double](repeating: 0, count: columns), offsetGradient = gainGradient
        for row in 0..<x.count / columns {
            let at = row * columns
            let g = (0..<columns).map { Double(dy[at + $0]) * Double(gain[$0]) }
            let meanG = g.reduce(0, +) / Double(columns)
            let meanGX = (0..<columns).map { g[$0] * normal.y[at + $0] }.reduce(0, +) / Double(columns)
            for c in 0..<columns {
                dx.append(
                    Double(upstream[at + c]) + normal.inverse[row] * (g[c] - meanG - normal.y[at + c] * meanGX))
                gainGradient[c] += Double(dy[at + c]) * normal.y[at + c]
                offsetGradient[c] += Double(dy[at + c])
            }
        }
        return (dx, gainGradient, offsetGradient)
    }

    /// By differences of a loss <dy, y> of the plain masked norm, one row and one value at a time.
    static func maskedLayerNormBackward(
        _ x: [Float], columns: Int, mask: [Float], gain: [Float], offset: [Float], dy: [Float]
    ) -> (dx: [Double], gain: [Double], offset: [Double], mask: [Double]) {
        func loss(_ row: Int, _ x: [Double], _ m: [Double], _ gain: [Double], _ offset: [Double]) -> Double {
            let total = m.reduce(0, +)
            let mean = zip(m, x).map { $0 * $1 }.reduce(0, +) / total
            let variance = zip(m, x).map { $0 * ($1 - mean) * ($1 - mean) }.reduce(0, +) / total
            return (0..<columns).map {
                let y = m[$0] * ((x[$0] - mean) / (variance + 1e-5).squareRoot() * gain[$0] + offset[$0])
                return y * Double(dy[row * columns + $0])
            }.reduce(0, +)
        }
        func slope(_ at: Int, _ values: [Double], _ loss: ([Double]) -> Double) -> Double {
            var above = values, below = values
            above[at] += 1e-5
            below[at] -= 1e-5
            return (loss(above) - loss(below)) / 2e-5
        }
        let m = mask.map(Double.init), g = gain.map(Double.init), o = offset.map(Double.init)
        var dx: [Double] = []
        var (dGain, dOffset, dMask) = (
            [Double](repeating: 0, count: columns), [Double](repeating: 0, count: columns),
            [Double](repeating: 0, count: columns)
        )
        for row in 0..<x.count / columns {
            let values = x[row * columns..<(row + 1) * columns].map(Double.init)
            for c in 0..<columns {
                dx.append(slope(c, values) { loss(row, $0, m, g, o) })
                dGain[c] += slope(c, g) { loss(row, values, m, $0, o) }
                dOffset[c] += slope(c, o) { loss(row, values, m, g, $0) }
                dMask[c] += slope(c, m) { loss(row, values, $0, g, o) }
            }
        }
        return (dx, dGain, dOffset, dMask)
    }

    static func softmax(_ x: [Float], columns: Int, scale: Double) -> [Double] {
        var y: [Double] = []
        for row in stride(from: 0, to: x.count, by: columns) {
            let values = x[row..<row + columns].map { Double($0) * scale }
            let largest = values.max() ?? 0
            let powers = values.map { exp($0 - largest) }
            let total = powers.reduce(0, +)
            y += powers.map { $0 / total }
        }
        return y
    }

    static func multiply(
        _ a: [Float], transposed transposeA: Bool, _ b: [Float], transposed transposeB: Bool, rows: Int, columns: Int,
        inner: Int
    ) -> [Double] {
        var c = [Double](repeating: 0, count: rows * columns)
        for i in 0..<rows {
            for j in 0..<columns {
                for k in 0..<inner {
                    let left = transposeA ? a[k * rows + i] : a[i * inner + k]
                    let right = transposeB ? b[j * inner + k] : b[k * columns + j]
                    c[i * columns + j] += Double(left) * Double(right)
                }
            }
        }
        return c
    }

    /// Neighbours are added, then neighbouring pairs, until one is left; what has no neighbour waits.
    static func sumOfShards(_ values: [Float]) -> Float {
        var values = values
        while values.count > 1 {
            values = stride(from: 0, to: values.count, by: 2).map {
                $0 + 1 < values.count ? values[$0] + values[$0 + 1] : values[$0]
            }
        }
        return values[0]
    }
}
