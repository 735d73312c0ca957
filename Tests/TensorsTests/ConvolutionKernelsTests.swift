import TestSupport
import Testing

@testable import Tensors

/// Dense convolutions and pools against plain loops, on every instruction set of this machine, at odd sides, at channels around the
/// vector widths, and with slices of larger weights.
@Suite struct ConvolutionKernelsTests {
    static let paths = KernelsTests.paths
    /// The last has more outputs than a tile of windows.
    static let maps: [(images: Int, height: Int, width: Int, inputs: Int, outputs: Int)] = [
        (1, 1, 1, 1, 1), (2, 3, 5, 7, 3), (1, 9, 8, 24, 9), (3, 7, 7, 4, 33), (1, 2, 9, 17, 16), (1, 4, 1, 3, 5),
        (3, 14, 13, 2, 4), (5, 8, 8, 30, 3),
    ]
    static let cases = paths.flatMap { path in [3, 5, 7].flatMap { kernel in [1, 2, 3].map { (path, kernel, $0) } } }

    private func room(rows: Int, columns: Int, outputs: Int) -> ConvolutionRoom {
        ConvolutionRoom(
            kernels: buffer([Float](repeating: .nan, count: outputs * columns)).matrix(rows: outputs, columns: columns),
            windows: buffer([Float](repeating: .nan, count: rows * columns)).matrix(rows: rows, columns: columns),
            gradient: buffer([Float](repeating: .nan, count: outputs * columns)).matrix(
                rows: outputs, columns: columns))
    }

    @Test(arguments: cases) func convolutions(path: VectorPath, kernel: Int, step: Int) throws {
        let kernels = try Kernels(path: path)
        for (images, height, width, inputs, outputs) in Self.maps {
            var random = SeededGenerator(UInt64(100 * kernel + inputs))
            let window = MapWindow(height: height, width: width, kernel: kernel, step: step)
            let x = random.floats(images * window.pixels * inputs)
            let dy = random.floats(images * window.outPixels * outputs), columns = inputs * window.taps
            let plain = PlainKernels.DenseConvolution(
                window: window, images: images, inputs: inputs, outputs: outputs,
                weights: random.floats(outputs * columns))
            // The leading inputs and outputs of a larger weight.
            let wide = columns + 2 * window.taps
            var values = [Float](repeating: .nan, count: (outputs + 1) * wide)
            for output in 0..<outputs {
                for column in 0..<columns { values[output * wide + column] = plain.weights[output * columns + column] }
            }
            let held = buffer(values), raised = zeros(values.count)
            func own(_ values: FloatBuffer) -> MatrixView {
                values.matrix(rows: outputs + 1, columns: wide).leading(rows: outputs, columns: columns)
            }
            let source = buffer(x), upstream = buffer(dy), y = buffer(dy),
                dx = buffer([Float](repeating: 1, count: x.count))
            let maps = source.matrix(rows: images * window.pixels, columns: inputs)
            let shape = { (values: FloatBuffer) in values.matrix(rows: images * window.outPixels, columns: outputs) }
            let target = dx.matrix(rows: maps.rows, columns: inputs)
            let room = room(
                rows: RowTiles.size(rows: shape(y).rows, columns: columns), columns: columns, outputs: outputs)
            let what = "\(kernel), \(step), \(height) x \(width), \(inputs) to \(outputs)"
            let expected = plain.forward(x), gradients = plain.backward(x, dy: dy)
            let arena = Arena(floats: 1024), moments = Moments(columns: outputs, in: arena)
            defer { withExtendedLifetime(arena) {} }
            kernels.convolve(
                maps, weights: own(held), window, room: room, into: shape(y), accumulating: true, moments: nil)
            expectClose(y.values, zip(expected, dy).map { $0 + Double($1) }, tolerance: 2e-5, "added: \(what)")
            kernels.convolve(
                maps, weights: own(held), window, room: room, into: shape(y), accumulating: false, moments: moments)
            expectClose(y.values, expected, tolerance: 2e-5, what)
            moments.withDoubles { means, _ in
                for output in 0..<outputs {
                    let own = stride(from: output, to: expected.count, by: outputs).map { expected[$0] }
                    #expect(abs(means[output] - own.reduce(0, +) / Double(own.count)) < 1e-4, "\(what)")
                }
            }
            kernels.convolveBackward(
                maps, weights: own(held), window, dy: shape(upstream), room: room, into: (target, true),
                weightGradient: own(raised))
            expectClose(dx.values, gradients.x.map { $0 + 1 }, tolerance: 3e-5, "dx of \(what)")
            kernels.convolveBackward(
                maps, weights: own(held), window, dy: shape(upstream), room: room, into: (target, false),
                weightGradient: own(raised))
            expectClose(dx.values, gradients.x, tolerance: 3e-5, "dx of \(what)")
            kernels.convolveBackward(
                maps, weights: own(held), window, dy: shape(upstream), room: room, into: nil,
                weightGradient: own(raised))
            var sums = [Double](repeating: 0, count: raised.count)
            for output in 0..<outputs {
                for column in 0..<columns {
                    sums[output * wide + column] = 3 * gradients.weights[output * columns + column]
                }
            }
            expectClose(raised.values, sums, tolerance: 5e-5, "dw of \(what)")
        }
    }

    @Test(arguments: paths, [1, 2, 3]) func pools(path: VectorPath, step: Int) throws {
        let kernels = try Kernels(path: path)
        for (images, height, width, channels, _) in Self.maps {
            var random = SeededGenerator(UInt64(channels))
            let window = MapWindow(height: height, width: width, kernel: 3, step: step)
            // Whole numbers, so that maxima come more than once.
            let x = random.floats(images * window.pixels * channels).map { ($0 * 3).rounded() }
            let dy = random.floats(images * window.outPixels * channels)
            let plain = PlainKernels.Pool(window: window, images: images, channels: channels)
            let source = buffer(x), upstream = buffer(dy), y = zeros(dy.count), dx = zeros(x.count)
            let maps = { (values: FloatBuffer) in values.matrix(rows: images * window.pixels, columns: channels) }
            let outputs = { (values: FloatBuffer) in
                values.matrix(rows: images * window.outPixels, columns: channels)
            }
            let what = "\(step), \(height) x \(width) x \(channels)"
            kernels.meanPool(maps(source), window, into: outputs(y))
            expectClose(y.values, plain.mean(x), "mean \(what)")
            for count in 1...2 {
                kernels.meanPoolBackward(outputs(upstream), window, into: (maps(dx), count > 1))
                let expected = plain.meanBackward(dy).map { Double(count) * $0 }
                expectClose(dx.values, expected, "gradient of mean \(what)")
            }
            kernels.maxPool(maps(source), window, into: outputs(y))
            expectClose(y.values, plain.maximum(x), "maximum \(what)")
            for count in 1...2 {
                kernels.maxPoolBackward(
                    maps(source), maxima: outputs(y), window, dy: outputs(upstream), into: (maps(dx), count > 1))
                let expected = plain.maximumBackward(x, dy: dy).map { Double(count) * $0 }
                expectClose(dx.values, expected, "gradient of maximum \(what)")
            }
        }
    }

    /// An image's outputs and gradient have the same bits whatever is beside it, also where tiles cut it elsewhere.
    @Test(arguments: paths) func bitsDependOnTheImageAlone(path: VectorPath) throws {
        guard path == .avx512 else { return }
        let kernels = try Kernels(path: path)
        var random = SeededGenerator(5)
        let window = MapWindow(height: 11, width: 13, kernel: 3), inputs = 5, outputs = 7
        let x = random.floats(3 * window.pixels * inputs), weights = buffer(random.floats(outputs * 9 * inputs))
        let dy = random.floats(3 * window.pixels * outputs)
        func compute(_ images: Range<Int>) -> (y: [Float], dx: [Float]) {
            func part(_ values: [Float], _ channels: Int) -> FloatBuffer {
                let size = window.pixels * channels
                return buffer(Array(values[images.lowerBound * size..<images.upperBound * size]))
            }
            let rows = images.count * window.pixels
            let source = part(x, inputs), upstream = part(dy, outputs), y = zeros(rows * outputs),
                dx = zeros(rows * inputs)
            let own = weights.matrix(rows: outputs, columns: 9 * inputs), gradient = zeros(weights.count)
            let room = room(
                rows: RowTiles.size(rows: rows, columns: 9 * inputs), columns: 9 * inputs, outputs: outputs)
            kernels.convolve(
                source.matrix(rows: rows, columns: inputs), weights: own, window, room: room,
                into: y.matrix(rows: rows, columns: outputs), accumulating: false, moments: nil)
            kernels.convolveBackward(
                source.matrix(rows: rows, columns: inputs), weights: own, window,
                dy: upstream.matrix(rows: rows, columns: outputs), room: room,
                into: (dx.matrix(rows: rows, columns: inputs), false),
                weightGradient: gradient.matrix(rows: outputs, columns: 9 * inputs))
            return (Array(y.values), Array(dx.values))
        }
        let all = compute(0..<3), first = compute(0..<1), rest = compute(1..<3)
        #expect(all.y == first.y + rest.y && all.dx == first.dx + rest.dx)
    }
}

extension TapeTests {
    /// A basic block and a bottleneck, each with a pooled shortcut: inputs are read twice, and the sum is activated.
    @Test(arguments: [1, 2], [3, 5]) func residualBlocks(step: Int, kernel: Int) throws {
        let window = MapWindow(height: 4, width: 3, kernel: kernel, step: step), taps = kernel * kernel
        let inner = MapWindow(height: window.outHeight, width: window.outWidth, kernel: kernel)
        let shapes = [
            (6, 5 * taps), (1, 6), (1, 6), (7, 6 * taps), (1, 7), (1, 7), (7, 5), (3, 7), (1, 3),
        ]
        try check(rows: 24, columns: 5, weights: Weights(shapes, seed: 41), tolerance: 8e-3) { tape, x, w in
            let y = tape.channelNorm(
                tape.convolve(x, weight: w[0], window), gain: w[1], offset: w[2], activation: .hardSwish)
            let shortcut = tape.linear(step == 1 ? x : tape.meanPool(x, window), weight: w[6], bias: nil)
            let sum = tape.channelNorm(
                tape.convolve(y, weight: w[3], inner), gain: w[4], offset: w[5], shortcut: shortcut)
            let z = tape.activate(sum, by: .swish)
            return tape.linear(tape.meanToken(z, tokens: window.outPixels), weight: w[7], bias: w[8])
        }
    }

    /// A kernel of 3 x 3 from the centre of one of 5 x 5, twice transformed.
    @Test func kernelTransforms() throws {
        let window = MapWindow(height: 4, width: 3, kernel: 3)
        let shapes = [(25, 5), (25, 25), (9, 9), (3, 5)]
        try check(rows: 12, columns: 5, weights: Weights(shapes, seed: 43), tolerance: 8e-3) { tape, x, w in
            let middle = tape.transform(w[0], by: w[1])
            let kernel = tape.transform(middle.leading(rows: 9, columns: 5), by: w[2])
            return tape.linear(tape.depthwise(x, weight: kernel, window), weight: w[3], bias: nil)
        }
    }

    @Test(arguments: [1, 2]) func meanPools(step: Int) throws {
        let window = MapWindow(height: 5, width: 4, kernel: 3, step: step)
        try check(rows: 40, columns: 3, weights: Weights([(4, 3)], seed: 42)) { tape, x, w in
            tape.linear(tape.meanPool(x, window), weight: w[0], bias: nil)
        }
    }

    /// Each output's gradient goes to the one place that it is the maximum of.
    @Test(arguments: [1, 2]) func maxPools(step: Int) throws {
        let window = MapWindow(height: 5, width: 4, kernel: 3, step: step)
        let tape = Tape(backend: try Kernels(), arena: Arena(floats: 1 << 12))
        tape.begin(recording: true)
        let x = tape.input(rows: 40, columns: 3), values = (0..<120).map { Float($0 * 37 % 120) }
        tape.backend.upload(values, to: x.value)
        let y = tape.maxPool(x, window), dy = (0..<y.value.rows * 3).map { Float($0 % 7) }
        tape.backward(from: y) { tape.backend.upload(dy, to: $0) }
        let expected = PlainKernels.Pool(window: window, images: 2, channels: 3).maximumBackward(values, dy: dy)
        expectClose(tape.backend.download(try #require(tape.gradient(of: x))), expected)
    }
}
