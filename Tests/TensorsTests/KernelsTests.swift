import Foundation
import TestSupport
import Testing

@testable import Tensors

/// Each vector kernel against its plain twin, on every instruction set of this machine, at sizes around the vector
/// widths (4, 8, 16) so that whole vectors and remainders both run.
@Suite struct KernelsTests {
    static let paths = VectorPath.allCases.filter { $0 <= .best }
    static let shapes = [(1, 1), (3, 4), (2, 15), (5, 16), (4, 17), (7, 50), (6, 64), (3, 131)]
    static let cases = paths.flatMap { path in shapes.map { (path, $0.0, $0.1) } }

    @Test(arguments: cases) func geluAndReLU(path: VectorPath, rows: Int, columns: Int) throws {
        let kernels = try Kernels(path: path)
        var random = SeededGenerator(UInt64(columns))
        let x = random.floats(rows * columns, in: -6...6), bias = random.floats(columns)
        let source = buffer(x), value = zeros(x.count), slope = zeros(x.count)
        let biasBuffer = buffer(bias)
        let shifted = x.enumerated().map { Double($1 + bias[$0 % columns]) }
        kernels.biasGELU(
            source.matrix(rows: rows, columns: columns), bias: biasBuffer.whole,
            into: value.matrix(rows: rows, columns: columns), slope: slope.matrix(rows: rows, columns: columns))
        expectClose(value.values, shifted.map { PlainKernels.gelu($0).value }, tolerance: 2e-6, "gelu")
        expectClose(slope.values, shifted.map { PlainKernels.gelu($0).slope }, tolerance: 2e-6, "gelu slope")
        kernels.biasReLU(
            source.matrix(rows: rows, columns: columns), bias: biasBuffer.whole,
            into: value.matrix(rows: rows, columns: columns), slope: slope.matrix(rows: rows, columns: columns))
        expectClose(value.values, shifted.map { max(0, $0) }, tolerance: 0, "relu")
        expectClose(slope.values, shifted.map { $0 > 0 ? 1 : 0 }, tolerance: 0, "relu slope")
    }

    @Test(arguments: paths) func extremeInputsStayFinite(path: VectorPath) throws {
        let kernels = try Kernels(path: path)
        let extremes: [Float] = [-1e30, -1000, -20, 0, 20, 1000, 1e18, -0.0]
        let source = buffer(extremes), value = zeros(8), slope = zeros(8)
        kernels.biasGELU(
            source.matrix(rows: 1, columns: 8), bias: zeros(8).whole,
            into: value.matrix(rows: 1, columns: 8), slope: slope.matrix(rows: 1, columns: 8))
        #expect(value.values.allSatisfy { $0.isFinite })
        #expect(value.values[4] == 20 && value.values[5] == 1000)
        let logits = buffer([-3e38, 0, 3e38, 3e38, -3e38])
        kernels.softmax(logits.matrix(rows: 1, columns: 5), scale: 1)
        expectClose(logits.values, [0, 0, 0.5, 0.5, 0], "softmax of extremes")
    }

    @Test(arguments: cases) func norms(path: VectorPath, rows: Int, columns: Int) throws {
        let kernels = try Kernels(path: path)
        var random = SeededGenerator(UInt64(100 + columns))
        let x = random.floats(rows * columns), branch = random.floats(rows * columns), bias = random.floats(columns)
        let gain = random.floats(columns), offset = random.floats(columns)
        let (gainBuffer, offsetBuffer) = (buffer(gain), buffer(offset))
        let shape = { (b: FloatBuffer) in b.matrix(rows: rows, columns: columns) }

        let xBuffer = buffer(x), y = zeros(x.count), statistics = zeros(2 * rows)
        kernels.layerNorm(
            shape(xBuffer), gain: gainBuffer.whole, offset: offsetBuffer.whole, into: shape(y),
            statistics: statistics.matrix(rows: rows, columns: 2))
        // A single column has variance 0: 1/sqrt(epsilon) magnifies its rounding by 316.
        let tolerance = columns == 1 ? 1e-3 : 2e-5
        expectClose(
            y.values, PlainKernels.layerNorm(x, columns: columns, gain: gain, offset: offset).y, tolerance: tolerance)

        let sum = zeros(x.count)
        kernels.residualLayerNorm(
            shape(xBuffer), branch: shape(buffer(branch)), bias: buffer(bias).whole, gain: gainBuffer.whole,
            offset: offsetBuffer.whole, sum: shape(sum), into: shape(y),
            statistics: statistics.matrix(rows: rows, columns: 2))
        let total = x.indices.map { x[$0] + branch[$0] + bias[$0 % columns] }
        expectClose(sum.values, total.map(Double.init), tolerance: 1e-6, "residual sum")
        let expected = PlainKernels.layerNorm(total, columns: columns, gain: gain, offset: offset)
        expectClose(y.values, expected.y, tolerance: tolerance, "norm of the sum")
        expectClose((0..<rows).map { statistics.values[2 * $0] }, expected.mean, "mean")
    }

    /// A mask that keeps the leading columns is the norm of those alone; one of ones changes nothing.
    @Test(arguments: cases) func maskedNorms(path: VectorPath, rows: Int, columns: Int) throws {
        guard columns > 2 else { return }
        let kernels = try Kernels(path: path)
        var random = SeededGenerator(UInt64(300 + columns))
        let x = random.floats(rows * columns, in: -3...3), branch = random.floats(rows * columns)
        let gain = random.floats(columns), offset = random.floats(columns)
        let total = x.indices.map { x[$0] + branch[$0] }
        for kept in [columns, columns - 1, columns / 2] {
            let mask = buffer((0..<columns).map { $0 < kept ? 1 : 0 })
            let sum = zeros(x.count), y = zeros(x.count), statistics = zeros(2 * rows)
            kernels.maskedLayerNorm(
                buffer(x).matrix(rows: rows, columns: columns),
                branch: (buffer(branch).matrix(rows: rows, columns: columns), sum.matrix(rows: rows, columns: columns)),
                mask: mask.whole, gain: buffer(gain).whole, offset: buffer(offset).whole,
                into: y.matrix(rows: rows, columns: columns), statistics: statistics.matrix(rows: rows, columns: 2))
            expectClose(sum.values, total.map(Double.init), tolerance: 1e-6, "sum")
            guard kept > 1 else { continue }
            let leading = (0..<rows).flatMap { row in (0..<kept).map { total[row * columns + $0] } }
            let expected = PlainKernels.layerNorm(
                leading, columns: kept, gain: Array(gain[0..<kept]), offset: Array(offset[0..<kept])
            ).y
            let found = (0..<rows).flatMap { row in (0..<kept).map { y.values[row * columns + $0] } }
            expectClose(found, expected, tolerance: 5e-5, "norm of \(kept)")
            #expect((0..<rows).allSatisfy { row in (kept..<columns).allSatisfy { y.values[row * columns + $0] == 0 } })
        }
    }

    /// The backward of the masked norm against its formula in double precision.
    @Test(arguments: cases) func maskedNormBackward(path: VectorPath, rows: Int, columns: Int) throws {
        guard columns > 1 else { return }
        let kernels = try Kernels(path: path)
        var random = SeededGenerator(UInt64(400 + columns))
        let x = random.floats(rows * columns, in: -3...3), dy = random.floats(rows * columns)
        let gain = random.floats(columns), offset = random.floats(columns), mask = random.floats(columns, in: 0.1...1)
        let statistics = zeros(2 * rows), y = zeros(x.count), dx = zeros(x.count)
        let gradients = (zeros(columns), zeros(columns), zeros(columns))
        kernels.maskedLayerNorm(
            buffer(x).matrix(rows: rows, columns: columns), branch: nil, mask: buffer(mask).whole,
            gain: buffer(gain).whole, offset: buffer(offset).whole, into: y.matrix(rows: rows, columns: columns),
            statistics: statistics.matrix(rows: rows, columns: 2))
        kernels.maskedLayerNormBackward(
            buffer(x).matrix(rows: rows, columns: columns), statistics: statistics.matrix(rows: rows, columns: 2),
            mask: buffer(mask).whole,
            gain: buffer(gain).whole, offset: buffer(offset).whole,
            dy: buffer(dy).matrix(rows: rows, columns: columns), upstream: nil,
            into: dx.matrix(rows: rows, columns: columns), gainGradient: gradients.0.whole,
            offsetGradient: gradients.1.whole, maskGradient: gradients.2.whole)
        let expected = PlainKernels.maskedLayerNormBackward(
            x, columns: columns, mask: mask, gain: gain, offset: offset, dy: dy)
        expectClose(dx.values, expected.dx, tolerance: 2e-4, "dx")
        expectClose(gradients.0.values, expected.gain, tolerance: 2e-4, "gain")
        expectClose(gradients.1.values, expected.offset, tolerance: 2e-4, "offset")
        expectClose(gradients.2.values, expected.mask, tolerance: 5e-4, "mask")
    }

    @Test(arguments: cases) func masks(path: VectorPath, rows: Int, columns: Int) throws {
        let kernels = try Kernels(path: path)
        var random = SeededGenerator(UInt64(500 + columns))
        let x = random.floats(rows * columns), dy = random.floats(rows * columns), mask = random.floats(columns)
        let shape = { (b: FloatBuffer) in b.matrix(rows: rows, columns: columns) }
        let y = zeros(x.count), dx = buffer(x), sums = zeros(columns)
        let factors = zeros(columns)
        kernels.mask(shape(buffer(x)), by: buffer(mask).whole, factors: factors.whole, into: shape(y))
        var masked: [Double] = [], added: [Double] = []
        var columnSums = [Double](repeating: 0, count: columns)
        for index in x.indices {
            let column = index % columns
            let value = Double(x[index]), factor = Double(mask[column]), slope = Double(dy[index])
            masked.append(value * factor)
            added.append(value + slope * factor)
            columnSums[column] += value * slope
        }
        expectClose(y.values, masked, tolerance: 1e-6)
        kernels.maskBackward(
            shape(buffer(x)), factors: factors.whole, dy: shape(buffer(dy)), into: (shape(dx), true),
            sums: zeros(columns).whole, maskGradient: sums.whole)
        expectClose(dx.values, added, tolerance: 1e-6)
        expectClose(sums.values, columnSums)
    }

    /// A blend and its gradients in place, with a weight for each row and with one for all of them.
    @Test(arguments: cases) func blends(path: VectorPath, rows: Int, columns: Int) throws {
        let kernels = try Kernels(path: path)
        var random = SeededGenerator(UInt64(600 + columns))
        let stride = columns + 3
        for weightRows in Set([1, rows]) {
            let sources = (0..<3).map { _ in buffer(random.floats(rows * stride)) }
            let targets = sources.map { source in buffer(Array(source.values)) }
            let weights = random.floats(weightRows * 3), dy = random.floats(rows * columns)
            let view = { (b: FloatBuffer) in MatrixView(base: b.base, rows: rows, columns: columns, stride: stride) }
            let y = zeros(rows * columns), weightBuffer = buffer(weights), slopes = buffer(weights)
            kernels.blend(
                sources.map(view), weights: weightBuffer.matrix(rows: weightRows, columns: 3),
                into: y.matrix(rows: rows, columns: columns))
            kernels.blendBackward(
                sources.map(view), weights: weightBuffer.matrix(rows: weightRows, columns: 3),
                dy: buffer(dy).matrix(rows: rows, columns: columns), gradients: targets.map(view),
                weightGradient: slopes.matrix(rows: weightRows, columns: 3))
            var blended: [Double] = [], dots = weights.map(Double.init)
            var raised = sources.map { $0.values.map(Double.init) }
            for row in 0..<rows {
                let own = weightRows == 1 ? 0 : 3 * row
                for column in 0..<columns {
                    let values = sources.map { Double($0.values[row * stride + column]) }
                    let slope = Double(dy[row * columns + column])
                    blended.append((0..<3).map { values[$0] * Double(weights[own + $0]) }.reduce(0, +))
                    for source in 0..<3 {
                        dots[own + source] += values[source] * slope
                        raised[source][row * stride + column] += slope * Double(weights[own + source])
                    }
                }
            }
            expectClose(y.values, blended, tolerance: 2e-6, "blend")
            expectClose(slopes.values, dots, tolerance: 2e-5, "weights")
            for source in 0..<3 { expectClose(targets[source].values, raised[source], tolerance: 2e-6, "sources") }
        }
    }

    @Test(arguments: cases) func normBackward(path: VectorPath, rows: Int, columns: Int) throws {
        guard columns > 1 else { return }
        let kernels = try Kernels(path: path)
        var random = SeededGenerator(UInt64(200 + columns))
        let x = random.floats(rows * columns, in: -3...3), dy = random.floats(rows * columns)
        let upstream = random.floats(rows * columns), gain = random.floats(columns)
        let shape = { (b: FloatBuffer) in b.matrix(rows: rows, columns: columns) }
        let xBuffer = buffer(x), y = zeros(x.count), statistics = zeros(2 * rows)
        let gainBuffer = buffer(gain), noOffset = zeros(columns)
        kernels.layerNorm(
            shape(xBuffer), gain: gainBuffer.whole, offset: noOffset.whole, into: shape(y),
            statistics: statistics.matrix(rows: rows, columns: 2))
        let dx = zeros(x.count)
        let gainGradient = zeros(columns), offsetGradient = zeros(columns)
        kernels.layerNormBackward(
            shape(xBuffer), statistics: statistics.matrix(rows: rows, columns: 2), gain: gainBuffer.whole,
            dy: shape(buffer(dy)),
            upstream: shape(buffer(upstream)), into: shape(dx), gainGradient: gainGradient.whole,
            offsetGradient: offsetGradient.whole)
        let expected = PlainKernels.layerNormBackward(x, columns: columns, gain: gain, dy: dy, upstream: upstream)
        expectClose(dx.values, expected.dx, tolerance: 5e-5, "dx")
        expectClose(gainGradient.values, expected.gain, tolerance: 5e-5, "gain")
        expectClose(offsetGradient.values, expected.offset, tolerance: 5e-5, "offset")
    }

    @Test(arguments: cases) func softmaxAndItsBackward(path: VectorPath, rows: Int, columns: Int) throws {
        let kernels = try Kernels(path: path)
        var random = SeededGenerator(UInt64(300 + columns))
        let x = random.floats(rows * columns, in: -8...8), upstream = random.floats(rows * columns)
        let p = buffer(x), dx = buffer(upstream)
        let matrix = p.matrix(rows: rows, columns: columns)
        kernels.softmax(matrix, scale: 0.25)
        let expected = PlainKernels.softmax(x, columns: columns, scale: 0.25)
        expectClose(p.values, expected, tolerance: 2e-6, "softmax")
        kernels.softmaxBackward(
            probabilities: matrix, gradient: dx.matrix(rows: rows, columns: columns), scale: 0.25)
        let gradient = expected.indices.map { index -> Double in
            let row = index / columns * columns
            let dot = (row..<row + columns).map { Double(upstream[$0]) * expected[$0] }.reduce(0, +)
            return 0.25 * expected[index] * (Double(upstream[index]) - dot)
        }
        expectClose(dx.values, gradient, tolerance: 3e-6, "softmax backward")
    }

    @Test(arguments: cases) func sumsAndProducts(path: VectorPath, rows: Int, columns: Int) throws {
        let kernels = try Kernels(path: path)
        var random = SeededGenerator(UInt64(400 + columns))
        let x = random.floats(rows * columns), factor = random.floats(rows * columns), start = random.floats(columns)
        let product = buffer(x), sums = buffer(start)
        kernels.multiply(
            product.matrix(rows: rows, columns: columns), by: buffer(factor).matrix(rows: rows, columns: columns),
            addingColumnSumsTo: sums.whole)
        expectClose(product.values, x.indices.map { Double(x[$0] * factor[$0]) }, tolerance: 0)
        let columnSum = { (values: [Float], c: Int) in
            stride(from: c, to: values.count, by: columns).map { Double(values[$0]) }.reduce(0, +)
        }
        expectClose(
            sums.values, start.indices.map { Double(start[$0]) + columnSum(Array(product.values), $0) }, "with product")
        let plain = buffer(start)
        kernels.addColumnSums(of: buffer(x).matrix(rows: rows, columns: columns), to: plain.whole)
        expectClose(plain.values, start.indices.map { Double(start[$0]) + columnSum(x, $0) }, "alone")

        let biased = buffer(x)
        kernels.addBias(buffer(start).whole, to: biased.matrix(rows: rows, columns: columns))
        expectClose(biased.values, x.indices.map { Double(x[$0] + start[$0 % columns]) }, tolerance: 0, "bias")
    }

    @Test(arguments: paths) func flatPasses(path: VectorPath) throws {
        let kernels = try Kernels(path: path)
        var random = SeededGenerator(5)
        for count in [0, 1, 15, 16, 4095, 4097, 9001] {
            let x = random.floats(count), y = random.floats(count)
            let target = buffer(y)
            kernels.add(buffer(x).whole, scaledBy: 0.5, to: target.whole)
            expectClose(target.values, x.indices.map { Double(y[$0]) + 0.5 * Double(x[$0]) }, tolerance: 1e-6)
            kernels.scale(target.whole, by: -2)
            expectClose(target.values, x.indices.map { -2 * (Double(y[$0]) + 0.5 * Double(x[$0])) }, tolerance: 1e-6)
            let squares = kernels.sumOfSquares(buffer(x).whole)
            let expected = x.map { Double($0) * Double($0) }.reduce(0, +)
            #expect(abs(squares - expected) <= 1e-6 * max(1, expected))
        }
    }

    /// Shards are added as one tree, whose order is part of the promise: exact equality, at every number of shards and at
    /// sizes that fill vectors and do not.
    @Test(arguments: paths) func sumsOfShards(path: VectorPath) throws {
        let kernels = try Kernels(path: path)
        var random = SeededGenerator(9)
        for count in Array(1...17) + [31, 64, 100] {
            for columns in [1, 15, 16, 37] {
                let (rows, stride, offset) = (3, columns + 5, 7)
                let size = offset + rows * stride
                let shards = ShardBuffers(shards: count, floats: size)
                let values = (0..<count).map { shard in
                    let values = random.floats(size, in: -9...9)
                    kernels.upload(values, to: shards[shard].whole)
                    return values
                }
                let start = random.floats(rows * columns)
                for accumulating in [false, true] {
                    let y = zeros(rows * stride)
                    let view = MatrixView(base: y.base, rows: rows, columns: columns, stride: stride)
                    kernels.upload(start, to: view)
                    kernels.sum(shards, at: offset, accumulating: accumulating, into: view)
                    let expected = start.indices.map { index in
                        let place = offset + index / columns * stride + index % columns
                        let total = PlainKernels.sumOfShards(values.map { $0[place] })
                        return accumulating ? start[index] + total : total
                    }
                    #expect(kernels.download(view) == expected, "\(path) \(count) shards of \(columns)")
                }
            }
        }
    }

    /// Shards of which each brings leading rows and columns of its own: as if the rest were zeros, which are not there.
    @Test(arguments: paths) func sumsOfParts(path: VectorPath) throws {
        let kernels = try Kernels(path: path)
        var random = SeededGenerator(11)
        for (count, rows, columns, gap) in [
            (1, 3, 5, 0), (2, 1, 2100, 0), (5, 6, 37, 3), (8, 9, 64, 0), (17, 4, 16, 1),
        ] {
            let stride = columns + gap, offset = 5, size = offset + rows * stride
            for isWhole in [false, true] {
                let shards = ShardBuffers(shards: count, floats: size)
                let parts = (0..<count).map { _ in
                    isWhole
                        ? ShardBuffers.Part(rows: rows, columns: columns)
                        : ShardBuffers.Part(
                            rows: Int.random(in: 0...rows, using: &random),
                            columns: Int.random(in: 0...columns, using: &random))
                }
                let values = parts.enumerated().map { shard, part in
                    let values = (0..<size).map { place in
                        let (row, column) = (place - offset).quotientAndRemainder(dividingBy: stride)
                        return place >= offset && row < part.rows && column < part.columns
                            ? Float.random(in: -9...9, using: &random) : .nan
                    }
                    kernels.upload(values, to: shards[shard].whole)
                    return values
                }
                let start = random.floats(rows * columns)
                let y = zeros(rows * stride)
                let view = MatrixView(base: y.base, rows: rows, columns: columns, stride: stride)
                kernels.upload(start, to: view)
                kernels.add(shards, parts: parts, at: offset, to: view)
                let expected = start.indices.map { index in
                    let place = offset + index / columns * stride + index % columns
                    return start[index] + PlainKernels.sumOfShards(values.map { $0[place].isNaN ? 0 : $0[place] })
                }
                #expect(kernels.download(view) == expected, "\(path) \(count) shards of \(rows) x \(columns)")
            }
        }
    }

    /// Whoever holds an aligned block of a power of two of shards may add it up first.
    @Test(arguments: paths) func blocksOfShardsAddUpFirst(path: VectorPath) throws {
        let kernels = try Kernels(path: path)
        var random = SeededGenerator(10)
        for count in 1...17 {
            let values = (0..<count).map { _ in random.floats(37, in: -9...9) }
            func sum(_ parts: [[Float]]) -> [Float] {
                let shards = ShardBuffers(shards: parts.count, floats: 37)
                for (shard, part) in parts.enumerated() { kernels.upload(part, to: shards[shard].whole) }
                let y = zeros(37)
                kernels.sum(shards, at: 0, accumulating: false, into: y.whole)
                return Array(y.values)
            }
            let whole = sum(values)
            for size in [2, 4, 8, 16] {
                let blocks = stride(from: 0, to: count, by: size).map { sum(Array(values[$0..<min($0 + size, count)])) }
                #expect(sum(blocks) == whole, "\(count) shards in blocks of \(size)")
            }
            let places = (0..<37).map { place in ShardTree.sum(over: 0..<count, by: +) { values[$0][place] } }
            #expect(places == whole)
        }
        #expect(ShardTree.sum(over: 0..<7, by: { "(\($0)\($1))" }, { "\($0)" }) == "(((01)(23))((45)6))")
    }

    @Test(arguments: paths) func optimizers(path: VectorPath) throws {
        let kernels = try Kernels(path: path)
        var random = SeededGenerator(6)
        let count = 37
        let start = random.floats(count)
        var weights = start.map(Double.init), mean = [Double](repeating: 0, count: count), variance = mean
        let w = buffer(start), m = zeros(count), v = zeros(count)
        var sgdWeights = weights, velocity = mean
        let sw = buffer(start), sv = zeros(count), nw = buffer(start), nv = zeros(count)
        var nesterovWeights = weights, nesterovVelocity = mean
        for step in 1...5 {
            let gradient = random.floats(count)
            let flat = buffer(gradient)
            let update = AdamWUpdate(step: step, rate: 0.01, decay: 0.05, gradientScale: 0.5)
            kernels.adamW(
                weights: w.whole, gradient: flat.whole, mean: m.whole, variance: v.whole,
                update)
            kernels.sgd(
                weights: sw.whole, gradient: flat.whole, velocity: sv.whole, rate: 0.1,
                momentum: 0.9, decay: 0.01, isNesterov: false, gradientScale: 1)
            kernels.sgd(
                weights: nw.whole, gradient: flat.whole, velocity: nv.whole, rate: 0.1,
                momentum: 0.9, decay: 0.01, isNesterov: true, gradientScale: 0.5)
            for i in 0..<count {
                let g = 0.5 * Double(gradient[i])
                mean[i] = 0.9 * mean[i] + 0.1 * g
                variance[i] = 0.999 * variance[i] + 0.001 * g * g
                let (m1, v1) = (mean[i] / (1 - pow(0.9, Double(step))), variance[i] / (1 - pow(0.999, Double(step))))
                weights[i] = weights[i] * (1 - 0.01 * 0.05) - 0.01 * m1 / (v1.squareRoot() + 1e-8)
                velocity[i] = 0.9 * velocity[i] + Double(gradient[i]) + 0.01 * sgdWeights[i]
                sgdWeights[i] -= 0.1 * velocity[i]
                let d = g + 0.01 * nesterovWeights[i]
                nesterovVelocity[i] = 0.9 * nesterovVelocity[i] + d
                nesterovWeights[i] -= 0.1 * (d + 0.9 * nesterovVelocity[i])
            }
        }
        expectClose(w.values, weights, tolerance: 2e-6, "AdamW")
        expectClose(sw.values, sgdWeights, tolerance: 2e-6, "SGD")
        expectClose(nw.values, nesterovWeights, tolerance: 2e-6, "SGD by Nesterov")
    }

    /// Every path's own products and OpenBLAS, at sizes around those of registers, panels and vectors.
    @Test(arguments: [false, true], [false, true]) func products(transposeA: Bool, transposeB: Bool) throws {
        var engines = try VectorPath.allCases.map { try Kernels(path: $0, products: .vector) }
        engines.append(try Kernels(products: .blas))
        var random = SeededGenerator(7)
        let shapes = [
            (1, 1, 1), (17, 5, 33), (50, 50, 32), (64, 96, 20), (13, 31, 16), (14, 32, 17), (15, 33, 48), (29, 47, 513),
            (6, 8, 511), (7, 9, 1100), (3, 100, 4), (5, 65, 20), (300, 70, 150),
        ]
        for (rows, columns, inner) in shapes {
            let a = random.floats(rows * inner), b = random.floats(inner * columns), c = random.floats(rows * columns)
            let bias = buffer(random.floats(columns))
            let left = transposeA ? (inner, rows) : (rows, inner),
                right = transposeB ? (columns, inner) : (inner, columns)
            let plain = PlainKernels.multiply(
                a, transposed: transposeA, b, transposed: transposeB, rows: rows, columns: columns, inner: inner)
            for kernels in engines {
                for (hasBias, accumulating) in [(false, false), (true, false), (false, true), (true, true)] {
                    let target = buffer(accumulating ? c : [Float](repeating: .nan, count: c.count))
                    kernels.multiply(
                        buffer(a).matrix(rows: left.0, columns: left.1), transposed: transposeA,
                        buffer(b).matrix(rows: right.0, columns: right.1), transposed: transposeB,
                        into: target.matrix(rows: rows, columns: columns), bias: hasBias ? bias.whole : nil,
                        accumulating: accumulating)
                    let expected = plain.indices.map {
                        plain[$0] + (hasBias ? Double(bias.base[$0 % columns]) : 0) + (accumulating ? Double(c[$0]) : 0)
                    }
                    expectClose(
                        target.values, expected, tolerance: 3e-5,
                        "\(kernels.path) \(kernels.products) \(rows) x \(columns) x \(inner)")
                }
            }
        }
    }

    /// The bits of an element do not depend on the rows and columns beside it, nor on whether the product is made in one.
    @Test(arguments: [false, true], [false, true])
    func ownProductsDoNotDependOnTheirSize(transposeA: Bool, transposeB: Bool) throws {
        var random = SeededGenerator(12)
        // Deep enough to be cut, and columns of a transposed matrix far enough apart to be copied.
        let (rows, columns, depth) = (300, 75, 1_100)
        let a = buffer(random.floats(rows * depth)), b = buffer(random.floats(depth * columns))
        // Products of 0 and negative numbers: the sign of a sum of them is a bit too.
        for row in 0..<5 {
            for p in 0..<depth { a.base[transposeA ? p * rows + row : row * depth + p] = 0 }
        }
        for column in 0..<10 {
            for p in 0..<depth { b.base[transposeB ? column * depth + p : p * columns + column] = -1 }
        }
        let left = a.matrix(rows: transposeA ? depth : rows, columns: transposeA ? rows : depth)
        let right = b.matrix(rows: transposeB ? columns : depth, columns: transposeB ? depth : columns)
        let bias = buffer(random.floats(columns))
        for column in 0..<10 { bias.base[column] = -0.0 }
        var before = random.floats(rows * columns)
        for column in 0..<10 { before[column] = -0.0 }
        for path in VectorPath.allCases {
            let kernels = try Kernels(path: path, products: .vector)
            for (accumulating, start) in [(false, bias.whole), (true, bias.whole), (false, nil), (true, nil)] {
                let whole = buffer(before)
                kernels.multiply(
                    left, transposed: transposeA, right, transposed: transposeB,
                    into: whole.matrix(rows: rows, columns: columns), bias: start, accumulating: accumulating)
                for (someRows, someColumns) in [(1, 75), (13, 32), (14, 48), (15, 49), (99, 64), (225, 65), (300, 1)] {
                    let part = buffer(before)
                    kernels.multiply(
                        left.leading(rows: transposeA ? depth : someRows, columns: transposeA ? someRows : depth),
                        transposed: transposeA,
                        right.leading(
                            rows: transposeB ? someColumns : depth, columns: transposeB ? depth : someColumns),
                        transposed: transposeB,
                        into: part.matrix(rows: rows, columns: columns).leading(rows: someRows, columns: someColumns),
                        bias: start?.leading(rows: 1, columns: someColumns), accumulating: accumulating)
                    let others = (0..<rows * columns).filter { place in
                        let isWritten = place / columns < someRows && place % columns < someColumns
                        let expected = isWritten ? whole.base[place] : before[place]
                        return part.base[place].bitPattern != expected.bitPattern
                    }
                    #expect(others.isEmpty, "\(path) \(someRows) x \(someColumns) at \(others.prefix(3))")
                }
            }
        }
    }

    /// Rows are taken several together; the bits of each are those that it has alone.
    @Test(arguments: [16, 50, 65]) func rowsTakenTogetherHaveTheirOwnBits(columns: Int) throws {
        var random = SeededGenerator(13)
        let rows = 11, stride = 80
        let data = random.floats(rows * stride)
        let branch = buffer(random.floats(rows * stride)), statistics = buffer(random.floats(2 * rows))
        let vectors = (0..<3).map { _ in buffer(random.floats(columns)) }
        func matrix(_ buffer: FloatBuffer, from row: Int, _ count: Int) -> MatrixView {
            MatrixView(base: buffer.base + row * stride, rows: count, columns: columns, stride: stride)
        }
        for path in VectorPath.allCases {
            let kernels = try Kernels(path: path)
            let norms: [(String, (FloatBuffer, FloatBuffer, Int, Int) -> Void)] = [
                (
                    "norm",
                    { x, y, row, count in
                        kernels.layerNorm(
                            matrix(x, from: row, count), gain: vectors[1].whole, offset: vectors[2].whole,
                            into: matrix(y, from: row, count),
                            statistics: statistics.matrix(rows: count, columns: 2))
                    }
                ),
                (
                    "residual norm",
                    { x, y, row, count in
                        kernels.residualLayerNorm(
                            matrix(x, from: row, count), branch: matrix(branch, from: row, count), bias: nil,
                            gain: vectors[1].whole, offset: vectors[2].whole, sum: matrix(x, from: row, count),
                            into: matrix(y, from: row, count),
                            statistics: statistics.matrix(rows: count, columns: 2))
                    }
                ),
                (
                    "residual norm with a bias",
                    { x, y, row, count in
                        kernels.residualLayerNorm(
                            matrix(x, from: row, count), branch: matrix(branch, from: row, count),
                            bias: vectors[0].whole, gain: vectors[1].whole, offset: vectors[2].whole,
                            sum: matrix(x, from: row, count), into: matrix(y, from: row, count),
                            statistics: statistics.matrix(rows: count, columns: 2))
                    }
                ),
                ("softmax", { x, _, row, count in kernels.softmax(matrix(x, from: row, count), scale: 3) }),
            ]
            for (name, compute) in norms {
                let (x, y, ownX, ownY) = (buffer(data), zeros(data.count), buffer(data), zeros(data.count))
                compute(x, y, 0, rows)
                for row in 0..<rows { compute(ownX, ownY, row, 1) }
                #expect(x.values.elementsEqual(ownX.values), "\(path) \(name)")
                #expect(y.values.elementsEqual(ownY.values), "\(path) \(name)")
            }
        }
    }

    /// Products with other bits have another digest; the same have the same.
    @Test func theDigestTellsKernelsApart() throws {
        let digests = try VectorPath.allCases.map { try Kernels(path: $0).digest() }
        #expect(Set(digests).count == Set(VectorPath.allCases.map { min($0, .best) }).count)
        #expect(try Kernels(products: .blas).digest() != Kernels(products: .vector).digest())
        for digest in digests { #expect(digest.count == 16) }
        #expect(try digests == VectorPath.allCases.map { try Kernels(path: $0).digest() })
    }

    /// A subnet's slice is a leading block of the supernet's matrix: the product must not see what lies beside it.
    @Test func slicesAreReadInPlace() throws {
        let kernels = try Kernels()
        var random = SeededGenerator(8)
        let x = random.floats(9 * 12), weights = random.floats(20 * 30)
        let full = buffer(weights)
        for index in 0..<weights.count where index % 30 >= 12 || index / 30 >= 7 { full.base[index] = .nan }
        let y = zeros(9 * 7)
        kernels.multiply(
            buffer(x).matrix(rows: 9, columns: 12), transposed: false,
            full.matrix(rows: 20, columns: 30).leading(rows: 7, columns: 12), transposed: true,
            into: y.matrix(rows: 9, columns: 7))
        var dense: [Float] = []
        for row in 0..<7 { dense += weights[row * 30..<row * 30 + 12] }
        expectClose(
            y.values,
            PlainKernels.multiply(
                x, transposed: false, dense, transposed: true, rows: 9, columns: 7, inner: 12))
    }
}
