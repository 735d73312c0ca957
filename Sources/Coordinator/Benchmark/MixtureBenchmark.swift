public import Datasets
internal import Foundation
public import SearchSpaces
internal import Supernets
public import Tensors
public import Training

/// Times what a mixture costs beside plain sharing over the same sandwiches.
public struct MixtureBenchmark {
    /// All figures.
    public struct Report: Sendable {
        /// Median of a sandwich step with plain sharing.
        public let plainMilliseconds: Double
        /// Median of a sandwich step with experts.
        public let mixedMilliseconds: Double
        /// Median over steps of the two's ratio.
        public let ratio: Double
        /// Trained scalars of the plain supernet.
        public let plainParams: Int
        /// Trained scalars of the mixture.
        public let mixedParams: Int
        /// Scalars of the layers that have experts, in the plain supernet.
        public let expertParams: Int
        /// Scalars of all routers.
        public let routerParams: Int
    }

    /// Trains both step by step in turn.
    ///
    /// - Parameters:
    ///   - space: The plain space.
    ///   - mixture: The section `mixture` of a space file.
    /// - Throws: `DocumentError` for a section that is none, or `DatasetError`.
    public static func run(
        _ space: SearchSpace, mixture: String, batch: Int, shards: Int, steps: Int, seed: UInt64, images: ImageSet,
        pool: WorkerPool, kernels: Kernels
    ) throws -> Report {
        let mixed = try space.replacing(mixture: mixture)
        let settings = try Benchmarking.settings(
            steps: steps, batch: batch, shards: shards, schedule: "cosine", sampler: "{kind: sandwich, random: 2}")
        let source = try ImageDataset(train: images, test: images, holdOut: HoldOut(validation: 0), seed: seed)
            .batches(of: batch, seed: seed)
        func trainer(_ space: SearchSpace) throws -> Trainer {
            try Trainer(
                supernet: space.supernet(), task: ClassificationTask(), settings: settings, source: source, seed: seed,
                pool: pool,
                kernels: kernels)
        }
        let plain = try trainer(space.replacing(mixture: "{experts: 1}")), experts = try trainer(mixed)
        var times: [(plain: Double, mixed: Double)] = []
        for step in 0..<steps {
            let one = try Benchmarking.milliseconds { _ = try plain.trainStep() }
            let other = try Benchmarking.milliseconds { _ = try experts.trainStep() }
            // The first steps of both make room.
            if step >= min(3, steps - 1) { times.append((one, other)) }
        }
        func scalars(_ supernet: any Supernet, where isWanted: (String) -> Bool = { _ in true }) -> Int {
            supernet.trainedLayout.entries.filter { isWanted($0.name) }.reduce(0) { $0 + $1.rows * $1.columns }
        }
        let expertCount = scalars(experts.supernet) { $0.contains(".experts.") }
        return Report(
            plainMilliseconds: Benchmarking.median(times.map(\.plain)),
            mixedMilliseconds: Benchmarking.median(times.map(\.mixed)),
            ratio: Benchmarking.median(times.map { $0.mixed / $0.plain }), plainParams: scalars(plain.supernet),
            mixedParams: scalars(experts.supernet), expertParams: expertCount / mixed.mixture.experts,
            routerParams: scalars(experts.supernet) { $0.contains(".router.") })
    }
}
