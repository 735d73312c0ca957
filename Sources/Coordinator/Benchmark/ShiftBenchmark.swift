public import Datasets
internal import Foundation
public import SearchSpaces
internal import Supernets
public import Tensors
public import Training

/// Times what probability shift costs beside sliced steps over the same drawn subnets.
public struct ShiftBenchmark {
    /// All figures, in milliseconds unless they say otherwise.
    public struct Report: Sendable {
        /// Mean of sliced steps over what the sampler drew.
        public let slicedMilliseconds: Double
        /// Mean of a step at full width, the generator's learning included.
        public let jointMilliseconds: Double
        /// Mean of sliced steps over what those at full width drew.
        public let jointSlicedMilliseconds: Double
        /// Mean of an update of the probabilities.
        public let updateMilliseconds: Double
        /// Mean of all steps as a run has them, updates included.
        public let averageMilliseconds: Double
        /// Floats that masks add to every worker's workspace, as a share of it.
        public let workspaceShare: Double
    }

    /// Trains twice over the same draws, step by step in turn: as the sampler asks, and the slices alone.
    ///
    /// - Parameters:
    ///   - shift: The sampler's settings as in a run file.
    ///   - steps: Steps of each, at least one period.
    /// - Throws: `DocumentError` for settings that are none, or `DatasetError`.
    public static func run(
        _ space: SearchSpace, shift: String, batch: Int, shards: Int, steps: Int, seed: UInt64, images: ImageSet,
        pool: WorkerPool, kernels: Kernels
    ) throws -> Report {
        let settings = try Benchmarking.settings(
            steps: steps, batch: batch, shards: shards, schedule: "cosine", sampler: shift)
        let data = try ImageDataset(
            train: images, test: images, holdOut: HoldOut(validation: 0, sampler: max(1, images.count / 8)), seed: seed)
        let source = try data.batches(of: batch, seed: seed)
        func trainer() throws -> Trainer {
            try Trainer(
                supernet: space.supernet(), task: ClassificationTask(), settings: settings, source: source,
                heldOut: data.split.sampler,
                seed: seed, pool: pool, kernels: kernels)
        }
        let learning = try trainer(), sliced = try trainer()
        var (all, alone) = (Times(), Times())
        var (joint, jointAlone, updates) = (Times(), Times(), Times())
        for step in 0..<steps {
            let passes = learning.passes(of: step)
            let isMasked = passes.contains(where: \.isMasked)
            try learning.fillBatch(step: step)
            try sliced.fillBatch(step: step)
            let slices = passes.map { Pass($0.genomes, teaching: $0.teaching, isTeacher: $0.isTeacher) }
            let plain = Benchmarking.milliseconds { _ = sliced.train(slices) }
            let full = Benchmarking.milliseconds { _ = learning.train(passes) }
            let update = try Benchmarking.milliseconds { try learning.updateSampler() }
            // The first steps of both make room.
            guard step >= 8 else { continue }
            alone.add(plain)
            all.add(full + update)
            if isMasked {
                joint.add(full)
                jointAlone.add(plain)
            }
            if learning.sampler.isUpdateDue(step + 1) { updates.add(update) }
        }
        let shard = (batch + shards - 1) / shards
        let plainFloats = space.supernet().arenaFloats(batch: shard, for: .training)
        let maskedFloats = space.supernet().arenaFloats(batch: shard, for: .maskedTraining)
        return Report(
            slicedMilliseconds: alone.mean, jointMilliseconds: joint.mean, jointSlicedMilliseconds: jointAlone.mean,
            updateMilliseconds: updates.mean, averageMilliseconds: all.mean,
            workspaceShare: Double(maskedFloats - plainFloats) / Double(plainFloats))
    }

    private struct Times {
        var sum = 0.0, count = 0

        var mean: Double { count > 0 ? sum / Double(count) : 0 }

        mutating func add(_ time: Double) {
            sum += time
            count += 1
        }
    }
}
