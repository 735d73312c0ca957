import Foundation

@testable import Tensors

/// Something whose outputs are sums of products of inputs and weights, in double precision.
protocol PlainProducts {
    var weights: [Float] { get }
    var outputCount: Int { get }

    /// Calls a body with the places of input, weight and output of every product.
    func forEachProduct(_ body: (_ x: Int, _ w: Int, _ y: Int) -> Void)
}

extension PlainProducts {
    func forward(_ x: [Float]) -> [Double] {
        var y = [Double](repeating: 0, count: outputCount)
        forEachProduct { y[$2] += Double(x[$0]) * Double(weights[$1]) }
        return y
    }

    func backward(_ x: [Float], dy: [Float]) -> (x: [Double], weights: [Double]) {
        var dx = [Double](repeating: 0, count: x.count), dw = [Double](repeating: 0, count: weights.count)
        forEachProduct {
            dx[$0] += Double(dy[$2]) * Double(weights[$1])
            dw[$1] += Double(dy[$2]) * Double(x[$0])
        }
        return (dx, dw)
    }
}

/// The kernels over maps once more, as plain Swift loops in double precision: the oracle of their tests.
///
/// Maps are dense, pixel by pixel.
extension PlainKernels {
    /// What goes from a map to another under a kernel of one channel each.
    struct Convolution: PlainProducts {
        let window: MapWindow
        let images: Int
        let channels: Int
        /// Weights as files have them, (channels, kernel, kernel).
        let weights: [Float]
        var outputCount: Int { images * window.outPixels * channels }

        /// Calls a body with the places of input, weight and output of every product.
        func forEachProduct(_ body: (_ x: Int, _ w: Int, _ y: Int) -> Void) {
            let kernel = window.kernel, pad = kernel / 2
            for image in 0..<images {
                for row in 0..<window.outHeight {
                    for column in 0..<window.outWidth {
                        for ky in 0..<kernel {
                            for kx in 0..<kernel {
                                let (y, x) = (row * window.step + ky - pad, column * window.step + kx - pad)
                                guard (0..<window.height).contains(y), (0..<window.width).contains(x) else { continue }
                                for channel in 0..<channels {
                                    body(
                                        ((image * window.height + y) * window.width + x) * channels + channel,
                                        (channel * kernel + ky) * kernel + kx,
                                        ((image * window.outHeight + row) * window.outWidth + column) * channels
                                            + channel)
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    static func activate(_ y: Double, _ activation: MapActivation) -> (value: Double, slope: Double) {
        switch activation {
        case .none: (y, 1)
        case .relu: (max(0, y), y > 0 ? 1 : 0)
        case .relu6: (min(max(0, y), 6), y > 0 && y < 6 ? 1 : 0)
        case .hardSwish: (y * min(max(0, y + 3), 6) / 6, y < -3 ? 0 : y > 3 ? 1 : (2 * y + 3) / 6)
        case .swish: swish(y)
        }
    }

    private static func swish(_ y: Double) -> (value: Double, slope: Double) {
        let share = 1 / (1 + exp(-y))
        return (y * share, share * (1 + y * (1 - share)))
    }

    /// Values and the three gradients of a norm over the rows with what follows it.
    static func channelNorm(
        _ x: [Float], columns: Int, gain: [Float], offset: [Float], activation: MapActivation, dy: [Float]
    ) -> (y: [Double], dx: [Double], gain: [Double], offset: [Double]) {
        let rows = x.count / columns, count = Double(rows)
        var y = [Double](repeating: 0, count: x.count), dx = y
        var dGain = [Double](repeating: 0, count: columns), dOffset = dGain
        for c in 0..<columns {
            let values = (0..<rows).map { Double(x[$0 * columns + c]) }
            let mean = values.reduce(0, +) / count
            let inverse = 1 / (values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / count + 1e-5).squareRoot()
            let normal = values.map { ($0 - mean) * inverse }
            let results = normal.map { activate($0 * Double(gain[c]) + Double(offset[c]), activation) }
            let slopes = (0..<rows).map { results[$0].slope * Double(dy[$0 * columns + c]) }
            dOffset[c] = slopes.reduce(0, +)
            dGain[c] = zip(slopes, normal).map { $0 * $1 }.reduce(0, +)
            for r in 0..<rows {
                y[r * columns + c] = results[r].value
                dx[r * columns + c] =
                    Double(gain[c]) * inverse * (slopes[r] - dOffset[c] / count - normal[r] * dGain[c] / count)
            }
        }
        return (y, dx, dGain, dOffset)
    }
}
