import Datasets
import Foundation
import Runs
import SearchSpaces
import Supernets
import TestSupport
import Testing

@testable import Tensors
@testable import Training

/// A small run on generated images, for tests that train.
struct Scene {
    let space: SearchSpace
    let settings: TrainSettings
    let dataset: ImageDataset
    let seed: UInt64 = 5

    /// - Parameters:
    ///   - mixture: The section `mixture` of the space.
    ///   - yaml: Another space of the same images.
    ///   - extent: Steps and batches.
    ///   - dataset: Other images; generated ones without.
    init(
        _ train: String = "", mixture: String = "{experts: 1}", yaml: String? = nil,
        extent: String = "steps: 40, batch: 16, shards: 4", count: Int = 400, sampler: Int = 0,
        dataset: ImageDataset? = nil
    ) throws {
        space = try SearchSpace.parse(yaml: yaml ?? TinySpace.yaml(mixture: mixture), file: "tiny.yaml")
        let run = try RunSpecification.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: Run
                name: tiny
                space: tiny
                data: {format: glyphs, count: \(count), testCount: 100, holdOut: {validation: 100, sampler: \(sampler)}}
                train: {\(extent)\(train.isEmpty ? "" : ", " + train)}
                search: {objectives: [{metric: accuracy}], population: 4, evaluations: 8}
                """, file: "tiny.yaml")
        settings = try #require(run.train)
        self.dataset =
            try dataset
            ?? ImageDataset.glyphs(
                train: count, test: 100, holdOut: .init(validation: 100, sampler: sampler), seed: 5)
    }

    func trainer(workers: Int = 2, steps: Int = 0) throws -> Trainer {
        let trainer = try Trainer(
            supernet: space.supernet(), task: ClassificationTask(), settings: settings,
            source: try dataset.batches(of: settings.batch, seed: seed),
            heldOut: dataset.split.sampler, seed: seed,
            pool: try WorkerPool(count: workers), kernels: try Kernels())
        for _ in 0..<steps { _ = try trainer.trainStep() }
        return trainer
    }

    let fingerprints = Fingerprints(space: "s", run: "r", data: "d")

    func checkpoint(_ trainer: Trainer, search: String? = nil) -> Data {
        var data = Data()
        trainer.writeCheckpoint(
            trainer.checkpointHeader(fingerprints: fingerprints, numerics: "n", search: search)
        ) { data.append(contentsOf: $0) }
        return data
    }
}

extension Trainer {
    var bits: [UInt32] { values.values.map(\.bitPattern) }
}
