internal import Supernets

/// Where the values of a graph lie in one static block of memory, so that no two that live at a time overlap.
///
/// A step leaves its output where one of its inputs lay, if nobody reads that any more and the step may be computed in place: what is
/// added to, the queries of an attention, a gated map, a norm's rows, the first token. Buffers are laid by the lowest place that is
/// free throughout their life, in several orders, of which the one with the least memory is taken.
struct ArenaPlan: Sendable {
    /// Where a value lies.
    enum Place: Sendable, Equatable {
        /// What the caller reads from.
        case input
        /// What the caller gets.
        case output
        /// So many floats into the arena.
        case arena(Int)
    }

    /// By the number of the value.
    let places: [Place]
    /// Floats of all values together.
    let activations: Int
    /// Floats behind them: the shares of one query.
    let scratch: Int

    /// Floats of the arena.
    var count: Int { activations + scratch }

    /// Values begin at multiples of so many floats.
    private static let alignment = 4
    private static let tries = 64

    /// A buffer of one or several values that follow one another.
    private struct Buffer {
        var size: Int
        let start: Int
        var end: Int

        func lives(with other: Buffer) -> Bool { start <= other.end && other.start <= end }
    }

    /// Takes what is known.
    init(places: [Place], activations: Int, scratch: Int) {
        self.places = places
        self.activations = activations
        self.scratch = scratch
    }

    /// - Parameter copiesInput: Whether the input is a value in the arena, and not where the caller has it.
    init(_ graph: InferenceGraph, copiesInput: Bool) {
        let shapes = graph.shapes
        var last = [Int](repeating: -1, count: shapes.count)
        for (number, step) in graph.steps.enumerated() {
            for value in step.inputs + (step.added.map { [$0] } ?? []) { last[value.index] = number }
        }
        var buffers: [Buffer] = [], owners = [Int?](repeating: nil, count: shapes.count)
        if copiesInput {
            buffers.append(Buffer(size: shapes[0].count, start: -1, end: last[0]))
            owners[0] = 0
        }
        for (number, step) in graph.steps.enumerated() where step.output != graph.output {
            let size = graph[step.output].count, end = last[step.output.index]
            if let value = Self.overwritten(by: step), last[value.index] == number, let owner = owners[value.index] {
                owners[step.output.index] = owner
                buffers[owner].size = max(buffers[owner].size, size)
                buffers[owner].end = end
            } else {
                owners[step.output.index] = buffers.count
                buffers.append(Buffer(size: size, start: number, end: end))
            }
        }
        let (offsets, total) = Self.packed(buffers)
        places = owners.indices.map { value in
            if let owner = owners[value] { return .arena(offsets[owner]) }
            return value == 0 ? .input : .output
        }
        activations = total
        scratch = graph.steps.reduce(0) { most, step in
            guard case .attention = step.operation else { return most }
            return max(most, graph[step.inputs[1]].rows)
        }
    }

    /// The value in whose place a step may leave its output; nil where it reads what it would overwrite.
    private static func overwritten(by step: InferenceGraph.Step) -> InferenceGraph.Value? {
        let value: InferenceGraph.Value?
        switch step.operation {
        case .linear, .convolution, .depthwise: value = step.added
        case .attention, .gate, .layerNorm, .first, .mean: value = step.inputs[0]
        case .patches, .tokens, .meanPool, .maxPool: value = nil
        }
        let read = step.inputs + (step.added.map { [$0] } ?? [])
        return value.flatMap { own in read.count { $0 == own } == 1 ? own : nil }
    }

    /// Offsets of buffers and what they take together.
    private static func packed(_ buffers: [Buffer]) -> (offsets: [Int], total: Int) {
        let sizes = buffers.map { ($0.size + alignment - 1) / alignment * alignment }
        let least =
            buffers.indices.map { one in
                buffers.indices.filter {
                    buffers[$0].start <= buffers[one].start && buffers[one].start <= buffers[$0].end
                }.reduce(0) { $0 + sizes[$1] }
            }.max() ?? 0
        var orders = [
            buffers.indices.sorted { (sizes[$1], $0) < (sizes[$0], $1) },
            buffers.indices.sorted { (buffers[$0].start, $0) < (buffers[$1].start, $1) },
            buffers.indices.sorted {
                (buffers[$1].end - buffers[$1].start, $0) < (buffers[$0].end - buffers[$0].start, $1)
            },
        ]
        var best: (offsets: [Int], total: Int)?
        for round in 0..<tries {
            if round >= orders.count {
                // The best order so far with two of its buffers exchanged, by a fixed walk.
                var order = orders[round % 3]
                if order.count > 1 { order.swapAt(round % order.count, round * 7 % order.count) }
                orders.append(order)
            }
            let offsets = laid(buffers, sizes, orders[round])
            let total = offsets.indices.map { offsets[$0] + sizes[$0] }.max() ?? 0
            if total < best?.total ?? .max { best = (offsets, total) }
            if best?.total == least { break }
        }
        return best ?? ([], 0)
    }

    /// Each buffer at the lowest place that is free throughout its life.
    private static func laid(_ buffers: [Buffer], _ sizes: [Int], _ order: [Int]) -> [Int] {
        var offsets = [Int](repeating: 0, count: buffers.count), done: [Int] = []
        for buffer in order {
            let others = done.filter { buffers[$0].lives(with: buffers[buffer]) }.sorted { offsets[$0] < offsets[$1] }
            var place = 0
            for other in others where offsets[other] < place + sizes[buffer] {
                place = max(place, offsets[other] + sizes[other])
            }
            offsets[buffer] = place
            done.append(buffer)
        }
        return offsets
    }
}
