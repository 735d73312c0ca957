internal import Foundation
public import SearchSpaces
internal import Supernets
public import Tensors
public import Training

/// Times the layers of the largest convolutional network of a space one by one, each with its norm, from memory and on all workers
/// at a time, beside what the machine's rates of products and of memory allow.
public struct LayerBenchmark {
    /// The layers of a kind in one direction.
    public struct Row: Sendable {
        /// Such as `depthwise 5x5`.
        public let kind: String
        /// `forward` or `backward`.
        public let direction: String
        /// How long all layers of the kind take, with a shard for each worker.
        public let milliseconds: Double
        /// Floating-point operations, two a multiply-add.
        public let gigaflop: Double
        /// Bytes of activations, weights free: those that a convolution reads and writes once, two passes of its norm forward and five
        /// backward.
        public let gigabytes: Double
        /// How long they would take by the machine's rates: of each convolution the longer of operations and bytes, and the bytes of its
        /// norm.
        public let leastMilliseconds: Double
    }

    /// All figures.
    public struct Report: Sendable {
        /// By kinds, forward before backward.
        public let rows: [Row]
        /// Billions of operations a second that products of large square matrices reach, by whoever computes those of layers.
        public let gigaflops: Double
        /// Billions of bytes a second that copies of large matrices reach, bytes read and written.
        public let gigabytes: Double
    }

    private struct Total {
        var seconds = 0.0
        var flop = 0.0
        var bytes = 0.0
        var least = 0.0
    }

    /// Measures; nil for a space of another family.
    ///
    /// - Parameter images: Images of a shard.
    public static func run(
        _ space: SearchSpace, images: Int = 16, pool: WorkerPool, kernels: Kernels
    ) -> Report? {
        guard let family = space.cnn else { return nil }
        let (gigaflops, memory) = rates(pool: pool, kernels: kernels)
        var totals: [String: (forward: Total, backward: Total)] = [:], order: [String] = []
        let network = family.architecture(of: space.largest)
        for layer in network.layers where layer.weights > 0 && layer.hasNorm {
            let inputs = Double(images * layer.inputMap.places * layer.inputs)
            let outputs = Double(images * layer.outputMap.places * layer.outputs)
            let flop = 2 * Double(images * layer.weights * layer.outputMap.places)
            let isFirst = layer.role == (network.stem.inner == nil ? .stem : .stemInner)
            let kind =
                layer.operation == .depthwise
                ? "depthwise \(layer.kernel)x\(layer.kernel)\(layer.inputMap == layer.outputMap ? "" : " stride 2")"
                : isFirst ? "stem" : layer.kernel > 1 ? "dense \(layer.kernel)x\(layer.kernel)" : "pointwise"
            if totals[kind] == nil { order.append(kind) }
            var own = totals[kind] ?? (Total(), Total())
            let (forward, backward) = time(pool, kernels, images: images, weights: layer.weights) {
                Self.compute(layer, isFirst: isFirst, $0, $1)
            }
            func raise(_ total: inout Total, _ seconds: Double, flop: Double, values: Double, norm: Double) {
                let workers = Double(pool.count)
                total.seconds += seconds
                total.flop += flop
                total.bytes += 4 * (values + norm)
                total.least +=
                    max(flop * workers / (gigaflops * 1e9), 4 * values * workers / memory)
                    + 4 * norm * workers / memory
            }
            raise(&own.forward, forward, flop: flop, values: inputs + outputs, norm: 2 * outputs)
            // Backward reads the input and the outputs' gradient, and writes the inputs'.
            raise(
                &own.backward, backward, flop: isFirst ? flop : 2 * flop,
                values: (isFirst ? 1 : 2) * inputs + outputs, norm: 5 * outputs)
            totals[kind] = own
        }
        let rows = order.flatMap { kind in
            guard let own = totals[kind] else { return [Row]() }
            return [("forward", own.forward), ("backward", own.backward)].map { direction, total in
                Row(
                    kind: kind, direction: direction, milliseconds: total.seconds * 1e3, gigaflop: total.flop * 1e-9,
                    gigabytes: total.bytes * 1e-9, leastMilliseconds: total.least * 1e3)
            }
        }
        return Report(rows: rows, gigaflops: gigaflops, gigabytes: memory * 1e-9)
    }

    /// Room for a layer's input, weights and what a tape needs.
    private struct Room {
        let tape: Tape
        let images: Int
        let values: FloatBuffer
        let gradients: FloatBuffer
        /// What is written between measurements, so that a layer finds nothing in the caches.
        let others: FloatBuffer

        func parameter(_ rows: Int, _ columns: Int, at offset: Int = 0) -> Parameter {
            Parameter(
                value: values.matrix(offset: offset, rows: rows, columns: columns),
                gradient: gradients.matrix(offset: offset, rows: rows, columns: columns))
        }
    }

    private static func compute(_ layer: CNNLayer, isFirst: Bool, _ room: Room, _ tape: Tape) -> Variable {
        let window = MapWindow(
            height: layer.inputMap.height, width: layer.inputMap.width, kernel: max(3, layer.kernel),
            step: (layer.inputMap.height + layer.outputMap.height - 1) / layer.outputMap.height)
        let moments = tape.moments(columns: layer.outputs), z: Variable
        if isFirst {
            let pictures = room.values.matrix(rows: room.images, columns: window.pixels * layer.inputs)
            z = tape.linear(
                tape.windows(of: pictures, window),
                weight: room.parameter(layer.outputs, window.taps * layer.inputs), bias: nil, tallying: moments)
        } else {
            let x = tape.input(rows: room.images * layer.inputMap.places, columns: layer.inputs)
            if layer.operation == .depthwise {
                z = tape.depthwise(
                    x, weight: room.parameter(window.taps, layer.outputs), window, tallying: moments)
            } else if layer.kernel > 1 {
                z = tape.convolve(
                    x, weight: room.parameter(layer.outputs, window.taps * layer.inputs), window, tallying: moments)
            } else {
                z = tape.linear(
                    x, weight: room.parameter(layer.outputs, layer.inputs), bias: nil, tallying: moments)
            }
        }
        return tape.channelNorm(
            z, gain: room.parameter(1, layer.outputs), offset: room.parameter(1, layer.outputs, at: layer.outputs),
            activation: layer.activation == nil ? .none : .relu6, moments: moments)
    }

    /// Seconds of processor time of a forward and of a backward on all workers at a time, the best of some.
    private static func time(
        _ pool: WorkerPool, _ kernels: Kernels, images: Int, weights: Int, _ body: (Room, Tape) -> Variable
    ) -> (Double, Double) {
        let counting = CountingBackend(), dry = counting.makeArena()
        let none = counting.makeBuffer(count: max(1 << 24, weights))
        let tape = Tape(backend: counting, arena: dry)
        tape.begin(recording: true)
        tape.backward(from: body(Room(tape: tape, images: images, values: none, gradients: none, others: none), tape)) {
            _ in
        }
        let rooms = (0..<pool.count).map { _ in
            let buffer = FloatBuffer(count: max(1 << 20, weights))
            let gradients = FloatBuffer(count: max(1 << 20, weights))
            kernels.fill(buffer.whole) { Float($0 % 13) / 16 - 0.4 }
            let arena = Arena(floats: dry.peakFloats)
            return Room(
                tape: Tape(backend: kernels, arena: arena), images: images, values: buffer, gradients: gradients,
                others: FloatBuffer(count: 8 << 20))
        }
        let times = UnsafeMutableBufferPointer<(Double, Double)>.allocate(capacity: pool.count)
        times.initialize(repeating: (.infinity, .infinity))
        defer { times.deallocate() }
        for _ in 0..<5 {
            pool.run(pool.count) { worker, item in
                let room = rooms[item]
                room.tape.begin(recording: true)
                kernels.fill(room.others.whole, with: 1)
                var start = Benchmarking.threadSeconds
                let y = body(room, room.tape)
                let forward = Benchmarking.threadSeconds - start
                room.tape.backward(from: y) {
                    kernels.fill($0, with: 0.25)
                    kernels.fill(room.others.whole, with: 2)
                    start = Benchmarking.threadSeconds
                }
                let backward = Benchmarking.threadSeconds - start
                times[item] = (min(times[item].0, forward), min(times[item].1, backward))
            }
        }
        let count = Double(pool.count)
        return (times.reduce(0) { $0 + $1.0 } / count, times.reduce(0) { $0 + $1.1 } / count)
    }

    /// Billions of operations a second of products of square matrices, and bytes a second, read and written, of copies larger than
    /// any cache; by the processor time of all workers at a time.
    private static func rates(pool: WorkerPool, kernels: Kernels) -> (gigaflops: Double, bytes: Double) {
        let count = 16 << 20, side = 768
        let buffers = (0..<2 * pool.count).map { _ in FloatBuffer(count: count) }
        for buffer in buffers { kernels.fill(buffer.whole) { Float($0 % 13) / 16 - 0.4 } }
        let best = UnsafeMutableBufferPointer<(product: Double, copy: Double)>.allocate(capacity: pool.count)
        best.initialize(repeating: (.infinity, .infinity))
        defer { best.deallocate() }
        for _ in 0..<5 {
            pool.run(pool.count) { _, item in
                let (from, to) = (buffers[2 * item], buffers[2 * item + 1])
                var start = Benchmarking.threadSeconds
                kernels.copy(from.whole, to: to.whole)
                best[item].copy = min(best[item].copy, Benchmarking.threadSeconds - start)
                start = Benchmarking.threadSeconds
                kernels.multiply(
                    from.matrix(rows: side, columns: side), transposed: false,
                    from.matrix(offset: side * side, rows: side, columns: side), transposed: true,
                    into: to.matrix(rows: side, columns: side))
                best[item].product = min(best[item].product, Benchmarking.threadSeconds - start)
            }
        }
        let operations = 2e-9 * Double(side * side * side)
        return (
            best.reduce(0) { $0 + operations / $1.product }, best.reduce(0) { $0 + Double(8 * count) / $1.copy }
        )
    }
}
