import TestSupport
import Testing

@testable import Tensors

/// Layers that take the moments of their outputs tile by tile against layers that stand apart from their norms.
@Suite struct TiledNormTests {
    private struct Scene {
        let tape = Tape(backend: Result { try Kernels() }.forced, arena: Arena(floats: 1 << 23))
        let values: FloatBuffer
        let gradients = FloatBuffer(count: 1 << 15)

        init() {
            values = FloatBuffer(count: 1 << 15)
            var random = SeededGenerator(9)
            for index in 0..<values.count { values.base[index] = Float.random(in: -0.5...0.5, using: &random) }
        }

        func parameter(_ rows: Int, _ columns: Int, at offset: Int) -> Parameter {
            Parameter(
                value: values.matrix(offset: offset, rows: rows, columns: columns),
                gradient: gradients.matrix(offset: offset, rows: rows, columns: columns))
        }

        /// The outputs, then the gradients of input and parameters.
        func run(_ rows: Int, _ columns: Int, _ body: (Tape, Variable) -> Variable) -> [[Float]] {
            for index in 0..<gradients.count { gradients.base[index] = 0 }
            tape.begin(recording: true)
            let x = tape.input(rows: rows, columns: columns)
            tape.backend.fill(x.value) { Float($0 * 7919 % 1013) / 500 - 1 }
            let y = body(tape, x)
            let outputs = tape.backend.download(y.value)
            tape.backward(from: y) { tape.backend.fill($0) { Float($0 * 104_729 % 997) / 400 - 1.2 } }
            return [outputs, tape.gradient(of: x).map(tape.backend.download) ?? [], Array(gradients.values)]
        }
    }

    private func expectSame(_ tiled: [[Float]], _ whole: [[Float]]) {
        for (left, right) in zip(tiled, whole) {
            let scale = right.map(abs).max() ?? 0
            #expect(left.count == right.count && scale > 0)
            #expect(zip(left, right).allSatisfy { abs($0 - $1) < 1e-5 * scale })
        }
    }

    /// Tiles of 896 rows, of which the last is short, with a shortcut around and without.
    @Test(arguments: [false, true]) func pointwise(hasShortcut: Bool) {
        let scene = Scene(), channels = 144, bias = 20_800
        func run(isTiled: Bool) -> [[Float]] {
            scene.run(2_345, channels) { tape, x in
                let inner = tape.linear(x, weight: scene.parameter(56, channels, at: 0), bias: nil)
                let moments = isTiled ? tape.moments(columns: channels) : nil
                // A layer with a bias stands apart.
                let zeros = isTiled ? nil : scene.parameter(1, channels, at: bias)
                if let zeros { tape.backend.fill(zeros.value, with: 0) }
                let z = tape.linear(
                    inner, weight: scene.parameter(channels, 56, at: 10_000), bias: zeros, tallying: moments)
                return tape.channelNorm(
                    z, gain: scene.parameter(1, channels, at: 20_000),
                    offset: scene.parameter(1, channels, at: 20_400), activation: .relu6,
                    shortcut: hasShortcut ? x : nil, moments: moments)
            }
        }
        let tiled = run(isTiled: true), whole = run(isTiled: false)
        expectSame(Array(tiled.prefix(2)), Array(whole.prefix(2)))
        for part in [0..<8_064, 10_000..<18_064, 20_000..<20_144, 20_400..<20_544] {
            expectSame([Array(tiled[2][part])], [Array(whole[2][part])])
        }
    }

    /// Tiles of whole images, down and across at both steps.
    @Test(arguments: [1, 2]) func depthwise(step: Int) {
        let scene = Scene(), window = MapWindow(height: 23, width: 24, kernel: 5, step: step), channels = 90
        func run(isTiled: Bool) -> [[Float]] {
            scene.run(9 * window.pixels, channels) { tape, x in
                let moments = isTiled ? tape.moments(columns: channels) : nil
                var z = tape.depthwise(x, weight: scene.parameter(25, channels, at: 0), window, tallying: moments)
                if !isTiled { z = tape.activate(z, by: .none) }
                return tape.channelNorm(
                    z, gain: scene.parameter(1, channels, at: 3_000), offset: scene.parameter(1, channels, at: 3_200),
                    activation: .hardSwish, moments: moments)
            }
        }
        expectSame(run(isTiled: true), run(isTiled: false))
    }
}

extension Result {
    fileprivate var forced: Success {
        guard case .success(let value) = self else { preconditionFailure("the machine has the matrix library") }
        return value
    }
}
