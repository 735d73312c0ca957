@testable import Tensors

/// Dense convolutions and pools over maps once more, as plain loops in double precision.
extension PlainKernels {
    /// A convolution over all channels.
    struct DenseConvolution: PlainProducts {
        let window: MapWindow
        let images: Int
        let inputs: Int
        let outputs: Int
        /// Weights as files have them, (outputs, inputs, kernel, kernel).
        let weights: [Float]
        var outputCount: Int { images * window.outPixels * outputs }

        func forEachProduct(_ body: (_ x: Int, _ w: Int, _ y: Int) -> Void) {
            let pad = window.kernel / 2
            forEachOutput(window, images) { image, row, column, place in
                for ky in 0..<window.kernel {
                    for kx in 0..<window.kernel {
                        let (y, x) = (row * window.step + ky - pad, column * window.step + kx - pad)
                        guard (0..<window.height).contains(y), (0..<window.width).contains(x) else { continue }
                        let pixel = (image * window.height + y) * window.width + x
                        for output in 0..<outputs {
                            for input in 0..<inputs {
                                body(
                                    pixel * inputs + input,
                                    ((output * inputs + input) * window.kernel + ky) * window.kernel + kx,
                                    place * outputs + output)
                            }
                        }
                    }
                }
            }
        }
    }

    /// Means over step x step places and maxima over 3 x 3 places.
    struct Pool {
        let window: MapWindow
        let images: Int
        let channels: Int

        /// The places of inputs under each output, row by row, and its own place.
        private func forEach(isMaximum: Bool, _ body: (_ inputs: [Int], _ output: Int) -> Void) {
            let around = isMaximum ? -1..<2 : 0..<window.step
            forEachOutput(window, images) { image, row, column, place in
                var pixels: [Int] = []
                for down in around {
                    for across in around {
                        let (y, x) = (row * window.step + down, column * window.step + across)
                        guard (0..<window.height).contains(y), (0..<window.width).contains(x) else { continue }
                        pixels.append((image * window.height + y) * window.width + x)
                    }
                }
                for channel in 0..<channels {
                    body(pixels.map { $0 * channels + channel }, place * channels + channel)
                }
            }
        }

        func mean(_ x: [Float]) -> [Double] {
            var y = [Double](repeating: 0, count: images * window.outPixels * channels)
            forEach(isMaximum: false) { inputs, output in
                y[output] = inputs.map { Double(x[$0]) }.reduce(0, +) / Double(inputs.count)
            }
            return y
        }

        func meanBackward(_ dy: [Float]) -> [Double] {
            var dx = [Double](repeating: 0, count: images * window.pixels * channels)
            forEach(isMaximum: false) { inputs, output in
                for input in inputs { dx[input] += Double(dy[output]) / Double(inputs.count) }
            }
            return dx
        }

        func maximum(_ x: [Float]) -> [Double] {
            var y = [Double](repeating: 0, count: images * window.outPixels * channels)
            forEach(isMaximum: true) { inputs, output in y[output] = inputs.map { Double(x[$0]) }.max() ?? .nan }
            return y
        }

        func maximumBackward(_ x: [Float], dy: [Float]) -> [Double] {
            var dx = [Double](repeating: 0, count: images * window.pixels * channels)
            forEach(isMaximum: true) { inputs, output in
                let most = inputs.map { x[$0] }.max()
                if let first = inputs.first(where: { x[$0] == most }) { dx[first] += Double(dy[output]) }
            }
            return dx
        }
    }

    private static func forEachOutput(
        _ window: MapWindow, _ images: Int, _ body: (_ image: Int, _ row: Int, _ column: Int, _ place: Int) -> Void
    ) {
        for image in 0..<images {
            for row in 0..<window.outHeight {
                for column in 0..<window.outWidth {
                    body(image, row, column, (image * window.outHeight + row) * window.outWidth + column)
                }
            }
        }
    }
}
