public import Datasets
public import SearchSpaces
public import Supernets
public import Tensors

/// What a subnet scored on a part of the data.
public struct Evaluation: Sendable, Equatable {
    /// The task's metrics; not finite where training diverged.
    public let values: [Metric: Double]
    /// On how many examples.
    public let samples: Int

    /// Creates an evaluation.
    public init(values: [Metric: Double], samples: Int) {
        self.values = values
        self.samples = samples
    }

    /// The value of a metric; not a number for one that the task does not have.
    public subscript(metric: Metric) -> Double { values[metric] ?? .nan }
}

/// What a subnet comes to on each of some examples.
public struct ExampleScores: Sendable, Equatable {
    /// The loss on each.
    public let losses: [Double]
    /// 1 for each that is answered rightly and 0 for others; empty where nobody asked.
    public let hits: [Double]
    /// What all add up to.
    public let total: Tally

    /// Bytes that a subnet's take, at most.
    public static func bytes(examples: Int, withHits: Bool) -> Int {
        examples * MemoryLayout<Double>.stride * (withHits ? 2 : 1)
    }
}

/// Measures subnets on held-out examples, many at once, with the weights as they are.
///
/// Examples go in chunks of a fixed size that workers take; a chunk is run through all subnets, which share what they
/// have in common. Sums are added in chunk order, so a subnet's figures depend on neither the other subnets nor the
/// number of workers.
public final class Evaluator {
    /// Examples of a chunk: part of the numerics, since the number of rows of a product changes its bits in
    /// OpenBLAS.
    public static let chunk = 32

    /// What is measured.
    public let task: any LearningTask
    private let supernet: any Supernet
    private let pool: WorkerPool
    private let kernels: any Backend
    private let rooms: [Room]
    private let statistics: EvaluationStatistics
    /// What the parameters that were measured last become for a subnet.
    private var known: (values: FloatBuffer, weights: any SubnetWeights)?

    /// What one worker needs.
    private final class Room {
        let tape: Tape
        let batch: TrainingBatch

        init(_ supernet: any Supernet, kernels: any Backend, shape: ExampleShape) {
            let floats = supernet.arenaFloats(batch: Evaluator.chunk, for: .evaluation)
            tape = Tape(backend: kernels, arena: Arena(floats: floats))
            batch = TrainingBatch(count: Evaluator.chunk, shape: shape, backend: kernels)
        }
    }

    /// Makes room for any subnet.
    ///
    /// - Parameter statistics: Where norms over examples take theirs from.
    public init(
        supernet: any Supernet, task: any LearningTask, statistics: EvaluationStatistics = .parameters,
        pool: WorkerPool, kernels: any Backend
    ) {
        self.statistics = statistics
        self.supernet = supernet
        self.task = task
        self.pool = pool
        self.kernels = kernels
        let shape = ExampleShape(of: supernet.space.signature)
        rooms = (0..<pool.count).map { _ in Room(supernet, kernels: kernels, shape: shape) }
    }

    /// Measures genomes on the named examples, in the order given.
    ///
    /// - Parameters:
    ///   - values: The trained parameters, which nobody changes meanwhile.
    ///   - shouldStop: Asked between chunks.
    /// - Returns: One evaluation a genome, or nil when it was told to stop.
    /// - Throws: `DatasetError` when an index is not of the set.
    public func measure(
        _ genomes: [Genome], values: FloatBuffer, on source: any Examples, indices: [Int32],
        shouldStop: @Sendable () -> Bool = { false }
    ) throws -> [Evaluation]? {
        try tallies(genomes, values: values, on: source, indices: indices, shouldStop: shouldStop)?.map { chunks in
            Evaluation(values: task.values(of: chunks.reduce(into: Tally(), +=)), samples: indices.count)
        }
    }

    /// The mean losses of genomes on the named examples, chunk by chunk of ``chunk`` examples.
    ///
    /// - Throws: `DatasetError` when an index is not of the set.
    public func chunkLosses(
        _ genomes: [Genome], values: FloatBuffer, on source: any Examples, indices: [Int32]
    ) throws -> [[Double]] {
        let tallies = try tallies(genomes, values: values, on: source, indices: indices) { false } ?? []
        return tallies.map { chunks in chunks.map { $0.loss / Double($0.examples) } }
    }

    /// What each of the named examples comes to: scores for each genome.
    ///
    /// Genomes go so many at a time that their tallies need no more memory than the scores of very many.
    ///
    /// - Parameters:
    ///   - withHits: Whether hits are wanted; a task without them has not a number in their place.
    ///   - most: Tallies that are held at a time; each takes about 100 bytes.
    /// - Throws: `DatasetError` when an index is not of the set.
    public func examples(
        _ genomes: [Genome], values: FloatBuffer, on source: any Examples, indices: [Int32], withHits: Bool = false,
        most: Int = 1 << 20
    ) throws -> [ExampleScores] {
        let together = max(1, most / max(1, indices.count))
        return try stride(from: 0, to: genomes.count, by: together).flatMap { first in
            let part = Array(genomes[first..<min(first + together, genomes.count)])
            return try exampleTallies(part, values: values, on: source, indices: indices).map { tallies in
                ExampleScores(
                    losses: tallies.map(\.loss), hits: withHits ? tallies.map { task.hits(of: $0) ?? .nan } : [],
                    total: tallies.reduce(into: Tally(), +=))
            }
        }
    }

    private func exampleTallies(
        _ genomes: [Genome], values: FloatBuffer, on source: any Examples, indices: [Int32]
    ) throws -> [ArraySlice<Tally>] {
        let results = try [Tally](unsafeUninitializedCapacity: genomes.count * indices.count) { results, count in
            results.initialize(repeating: Tally())
            count = results.count
            let places = results
            _ = try forEachChunk(
                genomes, values: values, on: source, indices: indices
            ) { first, genome, outputs, batch in
                for row in 0..<outputs.rows {
                    places[genome * indices.count + first + row] = tally(
                        outputs.block(row: row, column: 0, rows: 1, columns: outputs.columns), batch, row..<row + 1)
                }
            }
        }
        return genomes.indices.map { results[$0 * indices.count..<($0 + 1) * indices.count] }
    }

    private func tally(_ outputs: MatrixView, _ batch: TrainingBatch, _ examples: Range<Int>) -> Tally {
        task.loss(
            of: outputs, on: batch, examples: examples, teaching: Teaching(), teacher: nil, gradient: nil,
            gradientScale: 1, with: kernels)
    }

    /// Tallies by genome and chunk; nil when it was told to stop.
    private func tallies(
        _ genomes: [Genome], values: FloatBuffer, on source: any Examples, indices: [Int32],
        shouldStop: @Sendable () -> Bool
    ) throws -> [[Tally]]? {
        let chunks = (indices.count + Self.chunk - 1) / Self.chunk
        let tallies = UnsafeMutableBufferPointer<Tally>.allocate(capacity: chunks * genomes.count)
        tallies.initialize(repeating: Tally())
        defer {
            tallies.deinitialize()
            tallies.deallocate()
        }
        let isDone = try forEachChunk(
            genomes, values: values, on: source, indices: indices, shouldStop: shouldStop
        ) { first, genome, outputs, batch in
            tallies[first / Self.chunk * genomes.count + genome] = tally(outputs, batch, 0..<outputs.rows)
        }
        guard isDone else { return nil }
        return genomes.indices.map { index in (0..<chunks).map { tallies[$0 * genomes.count + index] } }
    }

    /// Hands out the outputs of every genome on every chunk of examples, on the workers; false when it was told to stop.
    ///
    /// Where each genome has weights of its own they are made once, and genomes go one after the other.
    /// - Parameter body: Gets the place of the chunk's first example, the genome's index, outputs and examples.
    private func forEachChunk(
        _ genomes: [Genome], values: FloatBuffer, on source: any Examples, indices: [Int32],
        shouldStop: @Sendable () -> Bool = { false },
        _ body: (_ first: Int, _ genome: Int, MatrixView, TrainingBatch) -> Void
    ) throws -> Bool {
        let weights = weights(of: values)
        guard !weights.isShared else {
            return try forEachChunk(
                genomes, with: values, on: source, indices: indices, shouldStop: shouldStop, body)
        }
        for (index, genome) in genomes.enumerated() {
            let own = weights.prepare(for: genome, of: supernet)
            let isDone = try forEachChunk(
                [genome], with: own, on: source, indices: indices, shouldStop: shouldStop
            ) { first, _, outputs, batch in body(first, index, outputs, batch) }
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

    private func forEachChunk(
        _ genomes: [Genome], with weights: FloatBuffer, on source: any Examples, indices: [Int32],
        shouldStop: @Sendable () -> Bool,
        _ body: (_ first: Int, _ genome: Int, MatrixView, TrainingBatch) -> Void
    ) throws -> Bool {
        guard !genomes.isEmpty, !indices.isEmpty else { return true }
        let chunks = (indices.count + Self.chunk - 1) / Self.chunk
        let faults = UnsafeMutableBufferPointer<(any Error)?>.allocate(capacity: chunks)
        faults.initialize(repeating: nil)
        let skipped = UnsafeMutableBufferPointer<Bool>.allocate(capacity: chunks)
        skipped.initialize(repeating: false)
        defer {
            faults.deinitialize()
            faults.deallocate()
            skipped.deallocate()
        }
        let store = ParameterStore(values: weights, gradients: weights)
        let norms = try norms(of: genomes, with: store)
        pool.run(chunks) { worker, chunk in
            if shouldStop() {
                skipped[chunk] = true
                return
            }
            let room = rooms[worker]
            let part = indices[chunk * Self.chunk..<min((chunk + 1) * Self.chunk, indices.count)]
            do {
                try room.batch.fill { try source.fill($0, with: part) }
            } catch {
                faults[chunk] = error
                return
            }
            let inputs = room.batch.inputs(0..<part.count)
            let receive: (Int, MatrixView) -> Void = { body(chunk * Self.chunk, $0, $1, room.batch) }
            if let norms {
                norms.network.evaluate(
                    inputs, by: norms.plan, statistics: norms.statistics?.whole, with: store, on: room.tape, receive)
            } else {
                supernet.evaluate(inputs, as: genomes, with: store, on: room.tape, receive)
            }
        }
        if let fault = faults.lazy.compactMap({ $0 }).first { throw fault }
        return !skipped.contains(true)
    }
}

// MARK: Statistics

extension Evaluator {
    /// What subnets with norms over examples are evaluated with.
    private struct Norms {
        let network: any CalibratedSupernet
        let plan: NormPlan
        /// Nil for those of the chunks.
        let statistics: FloatBuffer?
    }

    /// What some subnets are evaluated with; nil where it is among the parameters.
    private func norms(of genomes: [Genome], with store: ParameterStore) throws -> Norms? {
        guard let network = supernet as? any CalibratedSupernet else { return nil }
        switch statistics {
        case .parameters: return nil
        case .chunks: return Norms(network: network, plan: network.normPlan(of: genomes), statistics: nil)
        case .calibrated(let calibration):
            let plan = network.normPlan(of: genomes)
            return Norms(
                network: network, plan: plan,
                statistics: try measure(plan, of: network, with: store, on: calibration))
        }
    }

    private func measure(
        _ plan: NormPlan, of network: any CalibratedSupernet, with store: ParameterStore, on calibration: Calibration
    ) throws -> FloatBuffer {
        let indices = calibration.indices, chunks = (indices.count + Self.chunk - 1) / Self.chunk
        guard chunks > 0 else { throw DatasetError.empty(file: "calibration examples") }
        let pooled = PooledMoments(plan, examples: indices.count)
        let faults = UnsafeMutableBufferPointer<(any Error)?>.allocate(capacity: PooledMoments.runs)
        faults.initialize(repeating: nil)
        defer {
            faults.deinitialize()
            faults.deallocate()
        }
        pool.run(PooledMoments.runs) { worker, run in
            let room = rooms[worker]
            let values = UnsafeMutableBufferPointer<Double>.allocate(capacity: plan.valueCount)
            values.initialize(repeating: 0)
            defer { values.deallocate() }
            for chunk in PooledMoments.chunks(ofRun: run, of: chunks) {
                let part = indices[chunk * Self.chunk..<min((chunk + 1) * Self.chunk, indices.count)]
                do {
                    try room.batch.fill { try calibration.examples.fill($0, with: part) }
                } catch {
                    faults[run] = error
                    return
                }
                network.measure(
                    room.batch.inputs(0..<part.count), by: plan, with: store, on: room.tape, into: values)
                pooled.add(values, examples: part.count, toRun: run)
            }
        }
        if let fault = faults.lazy.compactMap({ $0 }).first { throw fault }
        let statistics = FloatBuffer(count: plan.valueCount)
        kernels.upload(pooled.statistics(), to: statistics.whole)
        return statistics
    }

    /// Parameters of a subnet with the statistics that its norms are measured to have, as a network of its own needs them.
    ///
    /// - Throws: `DatasetError` when an index is not of the set.
    public func withStatistics(of genome: Genome, values: FloatBuffer) throws -> FloatBuffer {
        let store = ParameterStore(values: values, gradients: values)
        guard let norms = try norms(of: [genome], with: store), let statistics = norms.statistics else {
            return values
        }
        let own = FloatBuffer(count: values.count)
        kernels.copy(values.whole, to: own.whole)
        norms.network.copyStatistics(of: 0, in: norms.plan, from: statistics.whole, to: own, on: kernels)
        return own
    }
}
