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

/// What a subnet comes to on chunks of examples.
public struct ChunkScores: Sendable {
    /// What each chunk adds up to.
    public let tallies: [Tally]
    /// By how much each example is answered wrongly: see `LearningTask.shortfalls`.
    public let shortfalls: [Float]

    /// Creates scores.
    public init(tallies: [Tally], shortfalls: [Float]) {
        self.tallies = tallies
        self.shortfalls = shortfalls
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
    let supernet: any Supernet
    let pool: WorkerPool
    let kernels: any Backend
    let rooms: [Room]
    /// Chunks that go through subnets in one pass, at most.
    let chunksOfPass: Int
    let statistics: EvaluationStatistics
    /// Values of statistics that are held at a time, unless a single subnet has more.
    var mostStatistics = Evaluator.usualStatistics
    static let usualStatistics = 1 << 19
    /// What the parameters that were measured last become for a subnet.
    var known: (values: FloatBuffer, weights: any SubnetWeights)?

    /// What one worker needs.
    final class Room {
        let tape: Tape
        let batch: TrainingBatch

        init(_ supernet: any Supernet, examples: Int, kernels: any Backend, shape: ExampleShape) {
            tape = Tape(
                backend: kernels, arena: Arena(floats: supernet.arenaFloats(batch: examples, for: .evaluation)))
            batch = TrainingBatch(count: examples, shape: shape, backend: kernels)
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
        let chunksOfPass = kernels.hasIndependentRows ? Self.chunksOfPass(supernet) : 1
        self.chunksOfPass = chunksOfPass
        rooms = (0..<pool.count).map { _ in
            Room(supernet, examples: chunksOfPass * Self.chunk, kernels: kernels, shape: shape)
        }
    }

    /// Measures genomes on the named examples, in the order given.
    ///
    /// - Parameters:
    ///   - values: The trained parameters, which nobody changes meanwhile.
    ///   - use: How well statistics of norms are measured before, where they are.
    ///   - shouldStop: Asked between passes.
    /// - Returns: One evaluation a genome, or nil when it was told to stop.
    /// - Throws: `DatasetError` when an index is not of the set.
    public func measure(
        _ genomes: [Genome], values: FloatBuffer, on source: any Examples, indices: [Int32],
        for use: Calibration.Use = .search, shouldStop: @Sendable () -> Bool = { false }
    ) throws -> [Evaluation]? {
        try tallies(genomes, values: values, on: source, indices: indices, for: use, shouldStop: shouldStop)?
            .map(evaluation)
    }

    /// What each genome comes to on each chunk of the named examples, and by how much it answers each of them wrongly.
    ///
    /// Chunks of ``chunk`` examples are what ``measure(_:values:on:indices:shouldStop:)`` cuts its examples into: who measures some of
    /// them now and the others later has the same tallies, to the bit.
    ///
    /// - Returns: Scores by genome; nil when told to stop.
    /// - Throws: `DatasetError` when an index is not of the set.
    public func chunkScores(
        _ genomes: [Genome], values: FloatBuffer, on source: any Examples, indices: [Int32],
        shouldStop: @Sendable () -> Bool = { false }
    ) throws -> [ChunkScores]? {
        var tallies: [[Tally]]?
        let shortfalls = try shortfallTable(genomes, examples: indices.count) { note in
            tallies = try self.tallies(
                genomes, values: values, on: source, indices: indices, for: .search, shouldStop: shouldStop, note)
            return tallies != nil
        }
        guard let tallies, let shortfalls else { return nil }
        return zip(tallies, shortfalls).map { ChunkScores(tallies: $0, shortfalls: $1) }
    }

    /// What the chunks of some examples, in their order, come to together.
    public func evaluation(of chunks: [Tally]) -> Evaluation {
        let total = chunks.reduce(into: Tally(), +=)
        return Evaluation(values: task.values(of: total), samples: total.examples)
    }

    /// By how much each genome answers each of the named examples wrongly; nil when told to stop. See `LearningTask.shortfalls`.
    ///
    /// Where there are few chunks, workers share out the genomes of a chunk.
    ///
    /// - Throws: `DatasetError` when an index is not of the set.
    public func shortfalls(
        _ genomes: [Genome], values: FloatBuffer, on source: any Examples, indices: [Int32],
        shouldStop: @Sendable () -> Bool = { false }
    ) throws -> [[Float]]? {
        try shortfallTable(genomes, examples: indices.count) { note in
            try forEachChunk(
                genomes, values: values, on: source, indices: indices, for: .search, splits: true,
                shouldStop: shouldStop, note)
        }
    }

    /// A table by genome and example, filled by what notes outputs chunk by chunk; nil where that was told to stop.
    private func shortfallTable(
        _ genomes: [Genome], examples: Int, _ fill: (_ note: OutputReceiver) throws -> Bool
    ) throws -> [[Float]]? {
        var isDone = false
        let table = try [Float](unsafeUninitializedCapacity: genomes.count * examples) { table, count in
            table.initialize(repeating: -.infinity)
            count = table.count
            let places = table
            isDone = try fill { first, genome, outputs, batch, range in
                let some = task.shortfalls(of: outputs, on: batch, examples: range, with: kernels) ?? []
                for (row, shortfall) in some.enumerated() { places[genome * examples + first + row] = shortfall }
            }
        }
        return isDone ? genomes.indices.map { Array(table[$0 * examples..<($0 + 1) * examples]) } : nil
    }

    /// The mean losses of genomes on the named examples, chunk by chunk of ``chunk`` examples.
    ///
    /// - Throws: `DatasetError` when an index is not of the set.
    public func chunkLosses(
        _ genomes: [Genome], values: FloatBuffer, on source: any Examples, indices: [Int32]
    ) throws -> [[Double]] {
        let tallies = try tallies(genomes, values: values, on: source, indices: indices, for: .search) { false } ?? []
        return tallies.map { chunks in chunks.map { $0.loss / Double($0.examples) } }
    }

    /// The outputs of a genome for each of the named examples, in the order given.
    ///
    /// - Throws: `DatasetError` when an index is not of the set.
    public func outputs(
        of genome: Genome, values: FloatBuffer, on source: any Examples, indices: [Int32]
    ) throws -> [[Float]] {
        let width = supernet.space.signature.outputCount
        let all = try [Float](unsafeUninitializedCapacity: indices.count * width) { room, count in
            room.initialize(repeating: 0)
            count = room.count
            let places = room
            _ = try forEachChunk(
                [genome], values: values, on: source, indices: indices, for: .finalists
            ) { first, _, outputs, _, _ in
                let rows = first * width..<first * width + outputs.rows * width
                kernels.download(outputs, into: UnsafeMutableBufferPointer(rebasing: places[rows]))
            }
        }
        return indices.indices.map { Array(all[$0 * width..<($0 + 1) * width]) }
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
                genomes, values: values, on: source, indices: indices, for: .finalists
            ) { first, genome, outputs, batch, examples in
                for (row, example) in examples.enumerated() {
                    places[genome * indices.count + first + row] = tally(
                        outputs.block(row: row, column: 0, rows: 1, columns: outputs.columns), batch,
                        example..<example + 1)
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
        _ genomes: [Genome], values: FloatBuffer, on source: any Examples, indices: [Int32], for use: Calibration.Use,
        shouldStop: @Sendable () -> Bool, _ note: OutputReceiver = { _, _, _, _, _ in }
    ) throws -> [[Tally]]? {
        let chunks = (indices.count + Self.chunk - 1) / Self.chunk
        let tallies = UnsafeMutableBufferPointer<Tally>.allocate(capacity: chunks * genomes.count)
        tallies.initialize(repeating: Tally())
        defer {
            tallies.deinitialize()
            tallies.deallocate()
        }
        let isDone = try forEachChunk(
            genomes, values: values, on: source, indices: indices, for: use, shouldStop: shouldStop
        ) { first, genome, outputs, batch, examples in
            tallies[first / Self.chunk * genomes.count + genome] = tally(outputs, batch, examples)
            note(first, genome, outputs, batch, examples)
        }
        guard isDone else { return nil }
        return genomes.indices.map { index in (0..<chunks).map { tallies[$0 * genomes.count + index] } }
    }
}
