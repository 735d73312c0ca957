import Foundation
import TestSupport
import Testing

@testable import Tensors

/// Convolutions and norms over maps against their plain twins, on every instruction set of this machine, at odd sides and at
/// channels around the vector widths.
@Suite struct ImageKernelsTests {
    static let paths = KernelsTests.paths
    static let kernels = [3, 5, 7]
    static let maps: [(images: Int, height: Int, width: Int, channels: Int)] = [
        (1, 1, 1, 1), (2, 3, 5, 7), (1, 9, 8, 24), (3, 7, 7, 40), (1, 2, 9, 33), (2, 6, 17, 8), (1, 4, 1, 3),
        (1, 5, 19, 16),
    ]
    static let cases = paths.flatMap { path in kernels.flatMap { kernel in [1, 2].map { (path, kernel, $0) } } }

    /// Weights in rings, the leading taps and channels of larger ones, from weights as files have them.
    private func rings(_ weights: [Float], kernel: Int, channels: Int, largest: Int) -> FloatBuffer {
        var values = [Float](repeating: .nan, count: 49 * largest)
        for (place, tap) in MapWindow.ringOrder(kernel: kernel).enumerated() {
            for channel in 0..<channels { values[place * largest + channel] = weights[channel * kernel * kernel + tap] }
        }
        return buffer(values)
    }

    @Test(arguments: cases) func depthwise(path: VectorPath, kernel: Int, step: Int) throws {
        let kernels = try Kernels(path: path)
        for (images, height, width, channels) in Self.maps {
            var random = SeededGenerator(UInt64(100 * kernel + channels))
            let window = MapWindow(height: height, width: width, kernel: kernel, step: step)
            let largest = channels + channels % 3
            let x = random.floats(images * window.pixels * channels)
            let dy = random.floats(images * window.outPixels * channels)
            let plain = PlainKernels.Convolution(
                window: window, images: images, channels: channels,
                weights: random.floats(channels * window.taps))
            let weights = rings(plain.weights, kernel: kernel, channels: channels, largest: largest)
                .matrix(rows: 49, columns: largest).leading(rows: window.taps, columns: channels)
            let gradient = zeros(49 * largest)
            let source = buffer(x).matrix(rows: images * window.pixels, columns: channels)
            let y = buffer([Float](repeating: .nan, count: dy.count))
            let shape = y.matrix(rows: images * window.outPixels, columns: channels)
            let what = "\(kernel), \(step), \(height) x \(width) x \(channels)"
            kernels.depthwise(source, weights: weights, window, into: shape)
            expectClose(y.values, plain.forward(x), what)

            let expected = plain.backward(x, dy: dy)
            let dx = buffer([Float](repeating: .nan, count: x.count))
            let target = dx.matrix(rows: source.rows, columns: channels)
            let upstream = buffer(dy).matrix(rows: shape.rows, columns: channels)
            let dw = gradient.matrix(rows: 49, columns: largest).leading(rows: window.taps, columns: channels)
            kernels.depthwiseBackward(
                source, weights: weights, window, dy: upstream, into: (target, false), weightGradient: dw)
            expectClose(dx.values, expected.x, "dx of \(what)")
            kernels.depthwiseBackward(
                source, weights: weights, window, dy: upstream, into: (target, true), weightGradient: dw)
            expectClose(dx.values, expected.x.map { 2 * $0 }, tolerance: 2e-5, "sum of dx of \(what)")
            kernels.depthwiseBackward(source, weights: weights, window, dy: upstream, into: nil, weightGradient: dw)
            var order = [Double](repeating: 0, count: gradient.count)
            for (place, tap) in MapWindow.ringOrder(kernel: kernel).enumerated() {
                for channel in 0..<channels {
                    order[place * largest + channel] = 3 * expected.weights[channel * window.taps + tap]
                }
            }
            expectClose(gradient.values, order, tolerance: 3e-5, "dw of \(what)")
        }
    }

    /// The places of taps are those of a map of distances; each smaller kernel is the centre of the larger.
    @Test func ringsNest() {
        #expect(MapWindow.ringOrder(kernel: 3) == [4, 0, 1, 2, 3, 5, 6, 7, 8])
        for kernel in [5, 7] {
            let smaller = MapWindow.ringOrder(kernel: kernel - 2).map { tap in
                (tap / (kernel - 2) + 1) * kernel + tap % (kernel - 2) + 1
            }
            #expect(Array(MapWindow.ringOrder(kernel: kernel).prefix(smaller.count)) == smaller)
        }
    }

    /// A row of outputs has the same bits whatever lies beside it and however many images there are.
    @Test(arguments: paths) func bitsDependOnTheImageAlone(path: VectorPath) throws {
        let kernels = try Kernels(path: path)
        var random = SeededGenerator(5)
        let window = MapWindow(height: 6, width: 11, kernel: 5), channels = 21
        let x = random.floats(3 * window.pixels * channels), weights = buffer(random.floats(25 * channels))
        func convolve(_ images: Range<Int>) -> [Float] {
            let rows = images.count * window.pixels, size = window.pixels * channels
            let source = buffer(Array(x[images.lowerBound * size..<images.upperBound * size]))
            let y = zeros(rows * channels)
            kernels.depthwise(
                source.matrix(rows: rows, columns: channels), weights: weights.matrix(rows: 25, columns: channels),
                window, into: y.matrix(rows: rows, columns: channels))
            return Array(y.values)
        }
        #expect(convolve(0..<3) == convolve(0..<1) + convolve(1..<3))
    }

    /// Nothing is read or written past the last pixel, where a page begins that nobody may touch.
    @Test(arguments: cases) func nothingPastTheEnd(path: VectorPath, kernel: Int, step: Int) throws {
        let kernels = try Kernels(path: path)
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        func guarded(rows: Int, columns: Int) throws -> MatrixView {
            let bytes = (rows * columns * 4 + page - 1) / page * page
            let memory = try #require(
                mmap(nil, bytes + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
            try #require(mprotect(memory + bytes, page, PROT_NONE) == 0)
            let end = (memory + bytes).assumingMemoryBound(to: Float.self)
            return MatrixView(base: end - rows * columns, rows: rows, columns: columns)
        }
        for channels in [1, 3, 8, 19] {
            let window = MapWindow(height: 5, width: 10, kernel: kernel, step: step)
            let x = try guarded(rows: window.pixels, columns: channels)
            let y = try guarded(rows: window.outPixels, columns: channels)
            let weights = try guarded(rows: window.taps, columns: channels)
            kernels.depthwise(x, weights: weights, window, into: y)
            kernels.depthwiseBackward(
                x, weights: weights, window, dy: y, into: (x, true),
                weightGradient: try guarded(rows: window.taps, columns: channels))
            kernels.cutWindows(
                of: MatrixView(base: x.base, rows: 1, columns: window.pixels * channels), window,
                into: try guarded(rows: window.outPixels, columns: window.taps * channels))
        }
    }

    @Test(arguments: paths, MapActivation.allCases) func norms(path: VectorPath, activation: MapActivation) throws {
        let kernels = try Kernels(path: path)
        for (rows, columns) in [(4, 1), (5, 4), (65, 7), (200, 17), (70, 64), (130, 300)] {
            var random = SeededGenerator(UInt64(rows))
            let x = random.floats(rows * columns, in: -2...5), dy = random.floats(rows * columns)
            let gain = random.floats(columns, in: 0.5...4), offset = random.floats(columns, in: -2...3)
            let shape = { (values: FloatBuffer) in values.matrix(rows: rows, columns: columns) }
            let (source, y, shortcut) = (buffer(x), zeros(x.count), buffer(dy))
            let arena = Arena(floats: 1 << 14)
            let statistics = arena.matrix(rows: 2, columns: columns), moments = Moments(columns: columns, in: arena)
            kernels.addMoments(of: shape(source), rowsBefore: 0, to: moments)
            kernels.statistics(of: moments, rows: rows, epsilon: 1e-5, into: statistics)
            let factors = arena.matrix(rows: 1, columns: columns)
            kernels.channelNorm(
                shape(source), statistics: statistics, gain: buffer(gain).whole, offset: buffer(offset).whole,
                activation: activation, shortcut: nil, factors: factors, into: shape(y))
            let expected = PlainKernels.channelNorm(
                x, columns: columns, gain: gain, offset: offset, activation: activation, dy: dy)
            expectClose(y.values, expected.y, tolerance: 2e-5, "\(rows) x \(columns)")
            kernels.channelNorm(
                shape(source), statistics: statistics, gain: buffer(gain).whole, offset: buffer(offset).whole,
                activation: activation, shortcut: shape(shortcut), factors: factors, into: shape(y))
            expectClose(y.values, zip(expected.y, dy).map { $0 + Double($1) }, tolerance: 2e-5, "with a shortcut")

            let dx = buffer(dy), gainGradient = zeros(columns), offsetGradient = zeros(columns)
            kernels.channelNormBackward(
                shape(source), statistics: statistics, gain: buffer(gain).whole, offset: buffer(offset).whole,
                activation: activation, dy: shape(dx), into: shape(dx), gainGradient: gainGradient.whole,
                offsetGradient: offsetGradient.whole, sums: Moments(columns: columns, in: arena),
                means: arena.matrix(rows: 2, columns: columns))
            expectClose(dx.values, expected.dx, tolerance: 5e-5, "dx of \(rows) x \(columns)")
            expectClose(gainGradient.values, expected.gain, tolerance: 2e-5, "gain")
            expectClose(offsetGradient.values, expected.offset, tolerance: 2e-5, "offset")
        }
    }

    /// Where the mean is 10^5 deviations from 0, the difference of mean squares would have no right digit.
    @Test(arguments: paths) func momentsFarFromZero(path: VectorPath) throws {
        let kernels = try Kernels(path: path)
        var random = SeededGenerator(8)
        let rows = 5000, columns = 5
        let x = random.floats(rows * columns, in: -0.02...0.02).map { $0 + 1000 }
        let arena = Arena(floats: 256), moments = Moments(columns: columns, in: arena)
        let matrix = buffer(x).matrix(rows: rows, columns: columns)
        // Handed over in two parts that cut a tile.
        kernels.addMoments(of: matrix.leading(rows: 1001, columns: columns), rowsBefore: 0, to: moments)
        kernels.addMoments(
            of: matrix.block(row: 1001, column: 0, rows: rows - 1001, columns: columns), rowsBefore: 1001, to: moments)
        moments.withDoubles { means, squares in
            for column in 0..<columns {
                let values = (0..<rows).map { Double(x[$0 * columns + column]) }
                let mean = values.reduce(0, +) / Double(rows)
                let square = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +)
                #expect(abs(means[column] - mean) < 1e-6)
                #expect(abs(squares[column] / square - 1) < 1e-5)
            }
        }
    }

    /// Each row of windows is a place's pixels, those beyond the sides 0.
    @Test func windows() throws {
        let kernels = try Kernels()
        let window = MapWindow(height: 3, width: 2, kernel: 3, step: 2)
        // Pixel (row, column) has the channels 10 row + column + 1 and its negative.
        let values: [Float] = [1, 2, 11, 12, 21, 22].flatMap { [$0, -$0] }
        let windows = buffer([Float](repeating: .nan, count: 2 * 18))
        kernels.cutWindows(
            of: buffer(values).matrix(rows: 1, columns: 12), window, into: windows.matrix(rows: 2, columns: 18))
        let first: [Float] = [0, 0, 0, 0, 1, 2, 0, 11, 12], second: [Float] = [0, 11, 12, 0, 21, 22, 0, 0, 0]
        #expect(Array(windows.values) == (first + second).flatMap { [$0, $0 == 0 ? 0 : -$0] })
    }
}

extension TapeTests {
    /// Stem, expansion, depthwise at both steps, projection onto a shortcut, head and mean: gradients meet and part.
    @Test(arguments: [1, 2], [3, 5]) func invertedBottleneck(step: Int, kernel: Int) throws {
        let window = MapWindow(height: 4, width: 3, kernel: kernel, step: step)
        let shapes = [
            (7, 5), (1, 7), (1, 7), (kernel * kernel, 7), (1, 7), (1, 7), (5, 7), (1, 5), (1, 5), (3, 5), (1, 3),
        ]
        try check(rows: 24, columns: 5, weights: Weights(shapes, seed: 31), tolerance: 8e-3) { tape, x, w in
            let expanded = tape.channelNorm(
                tape.linear(x, weight: w[0], bias: nil), gain: w[1], offset: w[2], activation: .hardSwish)
            let inner = tape.channelNorm(
                tape.depthwise(expanded, weight: w[3], window), gain: w[4], offset: w[5], activation: .hardSwish)
            let y = tape.channelNorm(
                tape.linear(inner, weight: w[6], bias: nil), gain: w[7], offset: w[8],
                shortcut: step == 1 ? x : nil)
            return tape.linear(tape.meanToken(y, tokens: window.outPixels), weight: w[9], bias: w[10])
        }
    }

    /// Squeeze-excite: the maps are read twice, by the mean and by the gate.
    @Test func squeezeExcite() throws {
        let shapes = [(2, 6), (1, 2), (6, 2), (1, 6), (3, 6), (1, 3)]
        try check(rows: 8, columns: 6, weights: Weights(shapes, seed: 33)) { tape, x, w in
            let squeezed = tape.linear(tape.meanToken(x, tokens: 4), weight: w[0], bias: w[1], activation: .gelu)
            let y = tape.gateMaps(x, by: tape.linear(squeezed, weight: w[2], bias: w[3]))
            return tape.linear(tape.meanToken(y, tokens: 4), weight: w[4], bias: w[5])
        }
    }

    @Test(arguments: [MapActivation.hardSwish, .swish]) func activation(kind: MapActivation) throws {
        try check(rows: 4, columns: 5, weights: Weights([(6, 5), (3, 6)], seed: 34)) { tape, x, w in
            tape.linear(
                tape.activate(tape.linear(x, weight: w[0], bias: nil), by: kind), weight: w[1], bias: nil)
        }
    }

    /// A slice of channels and rings is a convolution of its own; its gradient stays inside.
    @Test func depthwiseGradientOutsideTheSliceIsZero() throws {
        let weights = Weights([(25, 9)], seed: 35)
        let tape = Tape(backend: try Kernels(), arena: Arena(floats: 1 << 12))
        tape.begin(recording: true)
        let x = tape.input(rows: 12, columns: 5)
        tape.backend.fill(x.value, with: 1)
        let y = tape.depthwise(
            x, weight: weights[0].leading(rows: 9, columns: 5), MapWindow(height: 3, width: 4, kernel: 3))
        tape.backward(from: y) { tape.backend.fill($0, with: 1) }
        for row in 0..<25 {
            for column in 0..<9 {
                let value = weights.list[0].gradient.base[row * 9 + column]
                #expect((value != 0) == (row < 9 && column < 5))
            }
        }
        // The centre meets all 12 pixels, a corner those that have a neighbour there.
        #expect(weights.list[0].gradient.base[0] == 12 && weights.list[0].gradient.base[9] == 6)
    }
}
