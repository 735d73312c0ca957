import TestSupport
import Testing

@testable import Tensors

/// Every op's backward against central differences of its forward, chained so that the upstream gradient matters.
@Suite struct TapeTests {
    /// Parameters of a small network, each with its gradient.
    final class Weights {
        let list: [(value: FloatBuffer, gradient: FloatBuffer, rows: Int, columns: Int)]

        init(_ shapes: [(Int, Int)], seed: UInt64) {
            var random = SeededGenerator(seed)
            list = shapes.map { rows, columns in
                (buffer(random.floats(rows * columns, in: -0.7...0.7)), zeros(rows * columns), rows, columns)
            }
        }

        subscript(_ index: Int) -> Parameter {
            let entry = list[index]
            return Parameter(
                value: entry.value.matrix(rows: entry.rows, columns: entry.columns),
                gradient: entry.gradient.matrix(rows: entry.rows, columns: entry.columns))
        }
    }

    /// Checks all gradients of `weights` and of the input for loss = <output, direction>.
    func check(
        rows: Int, columns: Int, weights: Weights, tolerance: Double = 4e-3,
        _ network: @escaping (Tape, Variable, Weights) -> Variable
    ) throws {
        let tape = Tape(backend: try Kernels(), arena: Arena(floats: 1 << 18))
        var random = SeededGenerator(99)
        let input = random.floats(rows * columns)
        var direction: [Float] = []
        let loss = { (values: [Float]) -> Double in
            tape.begin(recording: false)
            let x = tape.input(rows: rows, columns: columns)
            x.value.base.update(from: values, count: values.count)
            let y = network(tape, x, weights).value
            if direction.isEmpty { direction = random.floats(y.rows * y.columns) }
            return (0..<direction.count).map { Double(y.base[$0]) * Double(direction[$0]) }.reduce(0, +)
        }
        _ = loss(input)
        tape.begin(recording: true)
        let x = tape.input(rows: rows, columns: columns)
        x.value.base.update(from: input, count: input.count)
        let y = network(tape, x, weights)
        tape.backward(from: y) { $0.base.update(from: direction, count: direction.count) }
        let dx = try #require(tape.gradient(of: x))
        let inputGradient = (0..<input.count).map { dx.base[$0] }

        let step: Float = 1.0 / 256
        var numeric: [Double] = []
        for index in input.indices {
            var moved = input
            moved[index] += step
            let above = loss(moved)
            moved[index] -= 2 * step
            numeric.append((above - loss(moved)) / Double(2 * step))
        }
        expectClose(inputGradient, numeric, tolerance: tolerance, "input")
        for (number, entry) in weights.list.enumerated() {
            var numeric: [Double] = []
            for index in 0..<entry.value.count {
                let old = entry.value.base[index]
                entry.value.base[index] = old + step
                let above = loss(input)
                entry.value.base[index] = old - step
                numeric.append((above - loss(input)) / Double(2 * step))
                entry.value.base[index] = old
            }
            expectClose(entry.gradient.values, numeric, tolerance: tolerance, "weight \(number)")
        }
    }

    @Test(arguments: [Activation.none, .gelu, .relu]) func linear(activation: Activation) throws {
        try check(rows: 5, columns: 7, weights: Weights([(9, 7), (1, 9), (3, 9), (1, 3)], seed: 1)) { tape, x, w in
            tape.linear(tape.linear(x, weight: w[0], bias: w[1], activation: activation), weight: w[2], bias: w[3])
        }
    }

    @Test func layerNorm() throws {
        try check(rows: 4, columns: 17, weights: Weights([(1, 17), (1, 17), (6, 17), (1, 6)], seed: 2)) { tape, x, w in
            tape.linear(tape.layerNorm(x, gain: w[0], offset: w[1]), weight: w[2], bias: w[3])
        }
    }

    @Test(arguments: [1, 4]) func mask(unit: Int) throws {
        let shapes = [(1, 12 / unit), (5, 12), (1, 5)]
        try check(rows: 4, columns: 12, weights: Weights(shapes, seed: 21)) { tape, x, w in
            tape.linear(tape.mask(x, by: w[0], unit: unit), weight: w[1], bias: w[2])
        }
    }

    /// Masks on the columns of a weight, one for two of them, on its rows, and one for all of a bias; the weight is read twice.
    @Test func maskedParameters() throws {
        let shapes = [(6, 12), (1, 6), (1, 6), (1, 6), (1, 1)]
        try check(rows: 4, columns: 12, weights: Weights(shapes, seed: 22)) { tape, x, w in
            let weight = tape.mask(tape.mask(w[0], by: w[1], along: .columns), by: w[2], along: .rows)
            let bias = tape.mask(w[3], by: w[4], along: .columns)
            let y = tape.linear(x, weight: weight, bias: bias, activation: .gelu)
            return tape.linear(y, weight: weight.leading(rows: 6, columns: 6), bias: bias)
        }
    }

    /// With a real-valued mask, and the sum used again after the norm.
    @Test(arguments: [false, true]) func maskedLayerNorm(hasBranch: Bool) throws {
        let weights = Weights([(1, 17), (1, 17), (1, 17), (17, 17), (1, 17), (6, 17), (1, 6)], seed: 22)
        for column in 0..<17 { weights.list[0].value.base[column] = [0.7, 1, 0.25, 0.5][column % 4] }
        try check(rows: 4, columns: 17, weights: weights) { tape, x, w in
            let branch = hasBranch ? tape.linear(x, weight: w[3], bias: w[4]) : nil
            let (sum, y) = tape.maskedLayerNorm(x, branch: branch, mask: w[0], gain: w[1], offset: w[2])
            let again = tape.maskedLayerNorm(sum, branch: y, mask: w[0], gain: w[1], offset: w[2]).y
            return tape.linear(again, weight: w[5], bias: w[6])
        }
    }

    @Test func attention() throws {
        let shapes = [(8, 6), (1, 8), (8, 6), (1, 8), (8, 6), (1, 8), (5, 8), (1, 5)]
        try check(rows: 6, columns: 6, weights: Weights(shapes, seed: 3)) { tape, x, w in
            let y = tape.attention(
                query: tape.linear(x, weight: w[0], bias: w[1]), key: tape.linear(x, weight: w[2], bias: w[3]),
                value: tape.linear(x, weight: w[4], bias: w[5]), tokens: 3, headWidth: 4)
            return tape.linear(y, weight: w[6], bias: w[7])
        }
    }

    /// The first token of each sequence alone asks: weights and tokens get their gradients.
    @Test func classAttention() throws {
        let shapes = [(8, 6), (1, 8), (8, 6), (8, 6), (1, 8), (5, 8), (1, 5)]
        try check(rows: 6, columns: 6, weights: Weights(shapes, seed: 8)) { tape, x, w in
            let y = tape.classAttention(
                query: tape.linear(tape.firstToken(x, tokens: 3), weight: w[0], bias: w[1]), over: x, key: w[2],
                value: w[3], valueBias: w[4], tokens: 3, headWidth: 4)
            return tape.linear(y, weight: w[5], bias: w[6])
        }
    }

    /// The same as attention over projected keys and values, of which the first row of each sequence is read.
    @Test func classAttentionIsAttention() throws {
        let w = Weights([(8, 6), (1, 8), (8, 6), (1, 8), (8, 6), (1, 8)], seed: 13)
        let tape = Tape(backend: try Kernels(), arena: Arena(floats: 1 << 16))
        var random = SeededGenerator(14)
        let values = random.floats(60)
        var results: [[Float]] = []
        for isShort in [true, false] {
            tape.begin(recording: false)
            let x = tape.input(rows: 10, columns: 6)
            x.value.base.update(from: values, count: 60)
            let query = tape.linear(x, weight: w[0], bias: w[1])
            let y =
                isShort
                ? tape.classAttention(
                    query: tape.firstToken(query, tokens: 5), over: x, key: w[2], value: w[4], valueBias: w[5],
                    tokens: 5, headWidth: 4)
                : tape.firstToken(
                    tape.attention(
                        query: query, key: tape.linear(x, weight: w[2], bias: w[3]),
                        value: tape.linear(x, weight: w[4], bias: w[5]), tokens: 5, headWidth: 4), tokens: 5)
            results.append((0..<16).map { y.value.base[$0] })
        }
        expectClose(results[0], results[1].map(Double.init), tolerance: 1e-6)
    }

    /// One variable as query, key and value with no other gradient: all three parts meet in it.
    @Test func attentionOfOneVariable() throws {
        try check(rows: 6, columns: 6, weights: Weights([(6, 6), (1, 6), (4, 6), (1, 4)], seed: 9)) { tape, x, w in
            let all = tape.linear(x, weight: w[0], bias: w[1])
            let y = tape.attention(query: all, key: all, value: all, tokens: 3, headWidth: 3)
            return tape.linear(y, weight: w[2], bias: w[3])
        }
    }

    @Test func meanAndScale() throws {
        try check(rows: 6, columns: 5, weights: Weights([(5, 5), (1, 5), (3, 5), (1, 3)], seed: 10)) { tape, x, w in
            let hidden = tape.linear(x, weight: w[0], bias: w[1], activation: .gelu)
            let mean = tape.meanToken(tape.scale(hidden, by: 1.5), tokens: 3)
            return tape.linear(mean, weight: w[2], bias: w[3])
        }
    }

    /// A stream whose two sides come from one variable: their gradients share memory and are then changed apart.
    @Test func sharedGradientsAreChangedApart() throws {
        let shapes = [(6, 6), (1, 6), (1, 6), (1, 6), (6, 6), (1, 6), (1, 6), (1, 6), (3, 6), (1, 3)]
        try check(rows: 5, columns: 6, weights: Weights(shapes, seed: 11)) { tape, x, w in
            let stream = tape.linear(x, weight: w[0], bias: w[1])
            let branch = tape.linear(stream, weight: w[4], bias: w[5], activation: .gelu)
            let (sum, y) = tape.residualLayerNorm(stream, branch: branch, gain: w[2], offset: w[3])
            let (twice, z) = tape.residualLayerNorm(sum, branch: sum, gain: w[6], offset: w[7])
            let (all, _) = tape.residualLayerNorm(y, branch: z, gain: w[6], offset: w[7])
            let (last, _) = tape.residualLayerNorm(all, branch: twice, gain: w[6], offset: w[7])
            return tape.linear(last, weight: w[8], bias: w[9])
        }
    }

    /// What is dropped depends on the place in the batch and not on the shard; the backward drops the same values.
    @Test func dropoutIsAFunctionOfThePlace() throws {
        let tape = Tape(backend: try Kernels(), arena: Arena(floats: 1 << 12))
        let random = CounterRandom(seed: 3, stream: .dropout)
        let run = { (first: Int, rows: Int, step: UInt64) -> [Float] in
            tape.begin(
                recording: true, dropout: Dropout(rate: 0.25, random: random, step: step, pass: 1, firstExample: first))
            let x = tape.input(rows: rows, columns: 9)
            for index in 0..<rows * 9 { x.value.base[index] = 3 }
            _ = tape.dropout(x, rowsPerExample: 2)
            let y = tape.dropout(x, rowsPerExample: 2)
            let values = (0..<rows * 9).map { y.value.base[$0] }
            tape.backward(from: y) { for index in 0..<rows * 9 { $0.base[index] = 3 } }
            let gradient = tape.gradient(of: x)
            #expect((0..<rows * 9).map { gradient?.base[$0] ?? .nan } == values)
            return values
        }
        let whole = run(0, 8, 5)
        #expect(whole.allSatisfy { $0 == 0 || abs($0 - 4) < 1e-6 } && whole.contains(0) && whole.contains { $0 > 0 })
        #expect(run(2, 4, 5) == Array(whole[36...]))
        #expect(run(0, 8, 6) != whole)
        let many = (0..<200).flatMap { run(0, 8, UInt64($0)) }
        let dropped = Double(many.filter { $0 == 0 }.count) / Double(many.count)
        #expect(abs(dropped - 0.25) < 0.02, "\(dropped)")
        tape.begin(recording: false, dropout: nil)
        let x = tape.input(rows: 1, columns: 1)
        #expect(tape.dropout(x, rowsPerExample: 1).value.base == x.value.base)
    }

    /// A pre-norm residual block: the stream is read twice, so gradients meet in it.
    @Test func residualBlock() throws {
        let shapes = [(1, 8), (1, 8), (12, 8), (1, 12), (8, 12), (1, 8), (1, 8), (1, 8), (4, 8), (1, 4)]
        try check(rows: 5, columns: 8, weights: Weights(shapes, seed: 4)) { tape, x, w in
            let normal = tape.layerNorm(x, gain: w[0], offset: w[1])
            let hidden = tape.linear(normal, weight: w[2], bias: w[3], activation: .gelu)
            let branch = tape.linear(hidden, weight: w[4], bias: w[5])
            let (_, y) = tape.residualLayerNorm(x, branch: branch, gain: w[6], offset: w[7])
            return tape.linear(y, weight: w[8], bias: w[9])
        }
    }

    /// Patches, class token and positions in; the class token's row out, as a vision transformer reads it.
    @Test func tokensAndFirstToken() throws {
        let shapes = [(1, 6), (4, 6), (6, 6), (1, 6), (3, 6), (1, 3)]
        try check(rows: 6, columns: 6, weights: Weights(shapes, seed: 7)) { tape, x, w in
            let stream = tape.tokens(x, classToken: w[0], positions: w[1])
            let mixed = tape.attention(
                query: stream, key: stream, value: stream, tokens: 4, headWidth: 3)
            let (sum, _) = tape.residualLayerNorm(stream, branch: mixed, gain: w[3], offset: w[3])
            return tape.linear(tape.firstToken(sum, tokens: 4), weight: w[4], bias: w[5])
        }
    }

    /// A subnet's gradient stays inside its slice: exactly zero elsewhere.
    @Test func gradientOutsideTheSliceIsZero() throws {
        let weights = Weights([(9, 7), (1, 9)], seed: 5)
        let tape = Tape(backend: try Kernels(), arena: Arena(floats: 1 << 12))
        tape.begin(recording: true)
        let x = tape.input(rows: 3, columns: 4)
        for index in 0..<12 { x.value.base[index] = Float(index) }
        let y = tape.linear(
            x, weight: weights[0].leading(rows: 5, columns: 4), bias: weights[1].leading(rows: 1, columns: 5))
        tape.backward(from: y) { view in for index in 0..<15 { view.base[index] = 1 } }
        for row in 0..<9 {
            for column in 0..<7 {
                let value = weights.list[0].gradient.base[row * 7 + column]
                #expect(row < 5 && column < 4 ? value == Float(12 + 3 * column) : value == 0)
            }
            #expect(weights.list[1].gradient.base[row] == (row < 5 ? 3 : 0))
        }
    }

    /// Recording changes no value, and the arena is used again from the front by the next pass.
    @Test func evaluationEqualsTraining() throws {
        let weights = Weights([(9, 7), (1, 9)], seed: 6)
        let arena = Arena(floats: 1 << 12)
        let tape = Tape(backend: try Kernels(), arena: arena)
        var results: [[Float]] = []
        for recording in [true, false, true] {
            tape.begin(recording: recording)
            let x = tape.input(rows: 3, columns: 7)
            for index in 0..<21 { x.value.base[index] = Float(index) / 8 }
            let y = tape.linear(x, weight: weights[0], bias: weights[1], activation: .gelu)
            results.append((0..<27).map { y.value.base[$0] })
        }
        #expect(results[0] == results[1] && results[1] == results[2])
        #expect(arena.peakFloats < 400)
    }
}
