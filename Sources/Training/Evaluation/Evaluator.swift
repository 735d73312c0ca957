public import Datasets
public import SearchSpaces
public import Supernets
public import Tensors

/// Measures subnets on held-out examples, many at once, with the weights as they are.
///
/// Examples go in chunks of a fixed size that workers take; a chunk is run through all subnets, which share what they
/// have in common. Sums are added in chunk order, so a subnet's figures depend on neither the other subnets nor the
/// number of workers.
public final class Evaluator {
    /// Examples of a chunk: part of the numerics, since the number of rows of a product changes its bits in
    /// OpenBLAS.
    public static let chunk = 32

    private let supernet: any Supernet
    private let pool: WorkerPool
    private let kernels: any Backend
    private let rooms: [Room]
    /// What experts are merged into, for the parameters that were measured last.
    private var merged: (values: FloatBuffer, weights: MixtureWeights)?

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
    public init(supernet: any Supernet, pool: WorkerPool, kernels: any Backend) {
        self.supernet = supernet
        self.pool = pool
        self.kernels = kernels
        let shape = ExampleShape(of: supernet.space.signature)
        rooms = (0..<pool.count).map { _ in Room(supernet, kernels: kernels, shape: shape) }
    }

    /// Measures genomes on the named examples, in the order given.
    ///
    /// - Parameters:
    ///   - values: The parameters, which nobody changes meanwhile.
    ///   - shouldStop: Asked between chunks.
    /// - Returns: One evaluation a genome, or nil when it was told to stop.
    /// - Throws: `DatasetError` when an index is not of the set.
    public func measure(
        _ genomes: [Genome], values: FloatBuffer, on source: any Examples, indices: [Int32],
        shouldStop: @Sendable () -> Bool = { false }
    ) throws -> [Evaluation]? {
        try sums(genomes, values: values, on: source, indices: indices, shouldStop: shouldStop)?.map { chunks in
            var total = CrossEntropy.Sums()
            for chunk in chunks {
                total.loss += chunk.loss
                total.correct += chunk.correct
            }
            return Evaluation(
                accuracy: Double(total.correct) / Double(indices.count), loss: total.loss / Double(indices.count),
                samples: indices.count)
        }
    }

    /// The mean losses of genomes on the named examples, chunk by chunk of ``chunk`` examples.
    ///
    /// - Throws: `DatasetError` when an index is not of the set.
    public func chunkLosses(
        _ genomes: [Genome], values: FloatBuffer, on source: any Examples, indices: [Int32]
    ) throws -> [[Double]] {
        let sums = try sums(genomes, values: values, on: source, indices: indices) { false } ?? []
        return sums.map { chunks in
            chunks.enumerated().map {
                $0.element.loss / Double(min(Self.chunk, indices.count - $0.offset * Self.chunk))
            }
        }
    }

    /// The loss of genomes on each of the named examples, and whether it is a hit: one list a genome.
    ///
    /// - Throws: `DatasetError` when an index is not of the set.
    public func examples(
        _ genomes: [Genome], values: FloatBuffer, on source: any Examples, indices: [Int32]
    ) throws -> [[CrossEntropy.Sums]] {
        let results = UnsafeMutableBufferPointer<CrossEntropy.Sums>.allocate(capacity: genomes.count * indices.count)
        results.initialize(repeating: CrossEntropy.Sums())
        defer { results.deallocate() }
        _ = try forEachChunk(genomes, values: values, on: source, indices: indices) { first, genome, logits, labels in
            for row in 0..<logits.rows {
                let one = logits.block(row: row, column: 0, rows: 1, columns: logits.columns)
                results[genome * indices.count + first + row] =
                    CrossEntropy()(
                        on: kernels, logits: one, labels: UnsafeBufferPointer(rebasing: labels[row..<row + 1]))
            }
        }
        return genomes.indices.map { Array(results[$0 * indices.count..<($0 + 1) * indices.count]) }
    }

    /// Sums by genome and chunk; nil when it was told to stop.
    private func sums(
        _ genomes: [Genome], values: FloatBuffer, on source: any Examples, indices: [Int32],
        shouldStop: @Sendable () -> Bool
    ) throws -> [[CrossEntropy.Sums]]? {
        let chunks = (indices.count + Self.chunk - 1) / Self.chunk
        let sums = UnsafeMutableBufferPointer<CrossEntropy.Sums>.allocate(capacity: chunks * genomes.count)
        sums.initialize(repeating: CrossEntropy.Sums())
        defer { sums.deallocate() }
        let isDone = try forEachChunk(
            genomes, values: values, on: source, indices: indices, shouldStop: shouldStop
        ) { first, genome, logits, labels in
            sums[first / Self.chunk * genomes.count + genome] = CrossEntropy()(
                on: kernels, logits: logits, labels: labels)
        }
        guard isDone else { return nil }
        return genomes.indices.map { index in (0..<chunks).map { sums[$0 * genomes.count + index] } }
    }

    /// Hands out the logits of every genome on every chunk of examples, on the workers; false when it was told to stop.
    ///
    /// A mixture has weights for each genome: they are merged once, and genomes go one after the other.
    /// - Parameter body: Gets the place of the chunk's first example, the genome's index, logits and labels.
    private func forEachChunk(
        _ genomes: [Genome], values: FloatBuffer, on source: any Examples, indices: [Int32],
        shouldStop: @Sendable () -> Bool = { false },
        _ body: (_ first: Int, _ genome: Int, MatrixView, UnsafeBufferPointer<Int32>) -> Void
    ) throws -> Bool {
        guard let weights = mixtureWeights(of: values) else {
            return try forEachSharedChunk(
                genomes, values: values, on: source, indices: indices, shouldStop: shouldStop, body)
        }
        for (index, genome) in genomes.enumerated() {
            let merged = weights.prepare(for: Pass(genome: genome), slices: supernet.slices(of: genome), dropout: nil)
            let isDone = try forEachSharedChunk(
                [genome], values: merged, on: source, indices: indices, shouldStop: shouldStop
            ) { first, _, logits, labels in body(first, index, logits, labels) }
            guard isDone else { return false }
        }
        return true
    }

    private func mixtureWeights(of values: FloatBuffer) -> MixtureWeights? {
        guard let mixture = supernet.mixture else { return nil }
        if let merged, merged.values === values { return merged.weights }
        let weights = MixtureWeights(
            mixture, of: supernet, values: values, gradient: nil, pool: pool, kernels: kernels)
        merged = (values, weights)
        return weights
    }

    private func forEachSharedChunk(
        _ genomes: [Genome], values: FloatBuffer, on source: any Examples, indices: [Int32],
        shouldStop: @Sendable () -> Bool,
        _ body: (_ first: Int, _ genome: Int, MatrixView, UnsafeBufferPointer<Int32>) -> Void
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
        let store = ParameterStore(values: values, gradients: values)
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
            let labels = room.batch.labels(0..<part.count)
            supernet.evaluate(room.batch.inputs(0..<part.count), as: genomes, with: store, on: room.tape) {
                index, logits in
                body(chunk * Self.chunk, index, logits, labels)
            }
        }
        if let fault = faults.lazy.compactMap({ $0 }).first { throw fault }
        return !skipped.contains(true)
    }
}
