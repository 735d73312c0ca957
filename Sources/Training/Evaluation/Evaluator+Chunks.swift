internal import Datasets
internal import SearchSpaces
public import Supernets
internal import Tensors

// How examples go to subnets: chunk by chunk, on whichever worker is free.

extension Evaluator {
    /// Gets the place of a chunk's first example, a genome's index, its outputs, and the batch with those of its examples that are the
    /// chunk's.
    typealias OutputReceiver = (_ first: Int, _ genome: Int, MatrixView, TrainingBatch, Range<Int>) -> Void

    /// Chunks that go through subnets in one pass where rows are independent, so that what is prepared of the weights for a product
    /// serves all of them: four where examples have few rows, as perceptrons have one; one where an activation is large anyway.
    ///
    /// Norms over examples are over those of a chunk.
    static func chunksOfPass(_ supernet: any Supernet) -> Int {
        guard !(supernet is any CalibratedSupernet) else { return 1 }
        return max(1, min(4, passFloats / max(1, roomFloats(of: supernet, examples: chunk))))
    }

    /// 2 MiB, of which a layer uses a part at a time.
    private static let passFloats = 1 << 19

    /// Floats of what one worker measures in, at most.
    public static func roomFloats(of supernet: any Supernet) -> Int {
        roomFloats(of: supernet, examples: chunksOfPass(supernet) * chunk)
    }

    /// An arena, and examples as they are read and as they are computed with.
    private static func roomFloats(of supernet: any Supernet, examples: Int) -> Int {
        let inputs = examples.times(2).times(supernet.space.signature.inputCount)
        return supernet.arenaFloats(batch: examples, for: .evaluation).plus(inputs)
    }

    /// Hands out the outputs of every genome on every chunk of examples, on the workers; false when it was told to stop.
    ///
    /// Where each genome has weights of its own they are made once, and genomes go one after the other; where each has statistics
    /// of its own, as many go together as there is room for.
    /// - Parameter splits: Whether workers share out the genomes of a chunk where there are few chunks.
    func forEachChunk(
        _ genomes: [Genome], values: FloatBuffer, on source: any Examples, indices: [Int32], for use: Calibration.Use,
        splits: Bool = false, shouldStop: @Sendable () -> Bool = { false }, _ body: OutputReceiver
    ) throws -> Bool {
        let weights = weights(of: values)
        guard !weights.isShared else {
            for places in calibrationGroups(of: genomes) {
                let some = places.map { genomes[$0] }
                let groups = splits ? groups(of: some, examples: indices.count) : [Array(some.indices)]
                let isDone = try forEachChunk(
                    some, in: groups, with: values, on: source, indices: indices, for: use, shouldStop: shouldStop
                ) { first, genome, outputs, batch, examples in body(first, places[genome], outputs, batch, examples) }
                guard isDone else { return false }
            }
            return true
        }
        for (index, genome) in genomes.enumerated() {
            let own = weights.prepare(for: genome, of: supernet)
            let isDone = try forEachChunk(
                [genome], in: [[0]], with: own, on: source, indices: indices, for: use, shouldStop: shouldStop
            ) { first, _, outputs, batch, examples in body(first, index, outputs, batch, examples) }
            guard isDone else { return false }
        }
        return true
    }

    private func weights(of values: FloatBuffer) -> any SubnetWeights {
        if let known, known.values === values { return known.weights }
        let weights = supernet.weights(values, pool: pool, kernels: kernels)
        known = (values, weights)
        return weights
    }

    /// The places of genomes in so many groups that every worker has something to do, those that begin alike together.
    private func groups(of genomes: [Genome], examples: Int) -> [[Int]] {
        let chunks = max(1, (examples + Self.chunk - 1) / Self.chunk)
        let count = max(1, min(genomes.count / Self.leastGroup, (2 * pool.count + chunks - 1) / chunks))
        // Statistics are measured for all together.
        guard pool.count > 1, count > 1, !(supernet is any CalibratedSupernet) else {
            return [Array(genomes.indices)]
        }
        let order = genomes.indices.sorted { left, right in
            genomes[left].choices.lexicographicallyPrecedes(genomes[right].choices)
        }
        return (0..<count).map { Array(order[$0 * order.count / count..<($0 + 1) * order.count / count]) }
    }

    /// Genomes that are worth a group of their own, which shares nothing with others.
    private static let leastGroup = 4

    private func forEachChunk(
        _ genomes: [Genome], in groups: [[Int]], with weights: FloatBuffer, on source: any Examples, indices: [Int32],
        for use: Calibration.Use, shouldStop: @Sendable () -> Bool, _ body: OutputReceiver
    ) throws -> Bool {
        guard !genomes.isEmpty, !indices.isEmpty else { return true }
        let chunks = (indices.count + Self.chunk - 1) / Self.chunk
        // Every worker has a pass.
        let length = max(1, min(chunksOfPass, chunks / pool.count)) * Self.chunk
        let items = (indices.count + length - 1) / length * groups.count
        let faults = UnsafeMutableBufferPointer<(any Error)?>.allocate(capacity: items)
        faults.initialize(repeating: nil)
        let skipped = UnsafeMutableBufferPointer<Bool>.allocate(capacity: items)
        skipped.initialize(repeating: false)
        defer {
            faults.deinitialize()
            faults.deallocate()
            skipped.deallocate()
        }
        let store = ParameterStore(values: weights, gradients: weights)
        let norms = try norms(of: genomes, with: store, for: use, shouldStop: shouldStop)
        let parts = groups.map { $0.map { genomes[$0] } }
        pool.run(items) { worker, item in
            let first = item / groups.count * length, group = item % groups.count
            if shouldStop() {
                skipped[item] = true
                return
            }
            let room = rooms[worker]
            let part = indices[first..<min(first + length, indices.count)]
            do {
                try room.batch.fill { try source.fill($0, with: part) }
            } catch {
                faults[item] = error
                return
            }
            let inputs = room.batch.inputs(0..<part.count)
            let receive: (Int, MatrixView) -> Void = { genome, outputs in
                for start in stride(from: 0, to: part.count, by: Self.chunk) {
                    let examples = start..<min(start + Self.chunk, part.count)
                    let rows = outputs.block(
                        row: start, column: 0, rows: examples.count, columns: outputs.columns)
                    body(first + start, groups[group][genome], rows, room.batch, examples)
                }
            }
            if let norms {
                norms.network.evaluate(
                    inputs, by: norms.plan, statistics: norms.statistics?.whole, with: store, on: room.tape, receive)
            } else {
                supernet.evaluate(inputs, as: parts[group], with: store, on: room.tape, receive)
            }
        }
        if let fault = faults.lazy.compactMap({ $0 }).first { throw fault }
        return !skipped.contains(true)
    }
}
