public import Datasets
internal import Foundation
public import SearchSpaces
internal import Supernets
public import Tensors
public import Training

/// Times a step with a subnet of its own for each shard beside steps of one subnet, over the same subnets.
public struct MultiBenchmark {
    /// The figures, in milliseconds unless they say otherwise.
    public struct Report: Sendable {
        /// Median of a step with a subnet for each shard.
        public let multiMilliseconds: Double
        /// Median of the mean step that trains each of these subnets on the whole batch.
        public let singleMilliseconds: Double
        /// The median of their ratios, step by step.
        public let ratio: Double
    }

    /// Trains twice over the same draws, step by step in turn.
    ///
    /// - Parameters:
    ///   - steps: Steps that are timed, at least one.
    /// - Throws: `DatasetError`.
    public static func run(
        _ space: SearchSpace, batch: Int, shards: Int, steps: Int, seed: UInt64, images: ImageSet, pool: WorkerPool,
        kernels: Kernels
    ) throws -> Report {
        let settings = try Benchmarking.settings(
            steps: steps, batch: batch, shards: shards, schedule: "cosine", sampler: "{kind: multi}")
        let data = try ImageDataset(train: images, test: images, holdOut: HoldOut(validation: 0), seed: seed)
        let source = try data.batches(of: batch, seed: seed)
        func trainer() throws -> Trainer {
            try Trainer(
                supernet: space.supernet(), task: ClassificationTask(), settings: settings, source: source, seed: seed,
                pool: pool, kernels: kernels)
        }
        let many = try trainer(), one = try trainer()
        var times: [(multi: Double, single: Double)] = []
        // The first steps of both make room.
        let warm = 4
        for step in 0..<steps + warm {
            let passes = many.passes(of: step)
            try many.fillBatch(step: step)
            try one.fillBatch(step: step)
            let genomes = passes.flatMap(\.genomes)
            let single = Benchmarking.milliseconds {
                for genome in genomes { _ = one.train([Pass(genome: genome)]) }
            }
            let multi = Benchmarking.milliseconds { _ = many.train(passes) }
            if step >= warm { times.append((multi, single / Double(genomes.count))) }
        }
        return Report(
            multiMilliseconds: Benchmarking.median(times.map(\.multi)),
            singleMilliseconds: Benchmarking.median(times.map(\.single)),
            ratio: Benchmarking.median(times.map { $0.multi / $0.single }))
    }
}
