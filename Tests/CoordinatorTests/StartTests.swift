import Datasets
import Foundation
import Runs
import SearchSpaces
import Store
import Supernets
import Tensors
import TestSupport
import Testing
import Training

@testable import Coordinator

/// Trainings that begin with the weights of others.
@Suite struct StartTests {
    private func newest(_ scene: Scene) throws -> String {
        let (store, run) = try scene.reader()
        let file = try #require(try store.checkpoints(run.id).first?.file)
        return "\(scene.path)/runs/\(run.id)/checkpoints/\(file)"
    }

    private func bytes(_ buffer: FloatBuffer) -> [UInt8] { buffer.whole.withBytes { Array($0) } }

    private func trainer(_ scene: Scene, start: String?) throws -> Trainer {
        let inputs = scene.inputs, supernet = inputs.space.supernet()
        let train = try #require(inputs.specification.train), dataset = try #require(inputs.dataset)
        return try Trainer(
            supernet: supernet, task: inputs.task(over: dataset), settings: train,
            source: dataset.batches(of: train.batch, seed: 3), seed: 3,
            start: start.map { try StartWeights(file: $0, for: supernet) }, pool: WorkerPool(count: 1),
            kernels: Kernels())
    }

    @Test func weightsOfACheckpoint() throws {
        let source = try Scene(extent: "steps: 20")
        #expect(try source.execute() == .completed)
        let file = try newest(source)
        let started = try trainer(source, start: file), drawn = try trainer(source, start: nil)
        let weights = try TrainedWeights(
            CheckpointFile(file), of: drawn.supernet, task: drawn.task,
            calibration: Calibration(
                examples: #require(source.inputs.dataset).trainingExamples,
                trained: #require(source.inputs.dataset).split.train, extent: .usual), pool: WorkerPool(count: 1),
            kernels: Kernels())
        #expect(bytes(started.values) == bytes(weights.values) && bytes(started.values) != bytes(drawn.values))
        #expect(started.step == 0 && started.multiplyAdds == 0)
        // Moments and steps are its own, and going back to the beginning goes back to these weights.
        #expect(try started.trainStep().isFinite)
        started.restart()
        #expect(bytes(started.values) == bytes(weights.values))
    }

    @Test func weightsOfANetworkFillItsSlices() throws {
        let source = try Scene(extent: "steps: 20")
        #expect(try source.execute() == .completed)
        let supernet = try TrainedSupernet(
            source.inputs, directory: source.path, pool: WorkerPool(count: 1), kernels: Kernels())
        let model = try supernet.extract(source.inputs.space.smallest)
        let file = source.path + "/network.safetensors"
        let written = try AtomicFile(path: file)
        try model.write { bytes throws(StoreError) in try written.write(bytes) }
        try written.commit()
        let started = try trainer(source, start: file), drawn = try trainer(source, start: nil)
        func network(_ trainer: Trainer, _ genome: Genome) throws -> [UInt8] {
            try bytes(source.inputs.model(of: genome, in: trainer.trained, measured: [:]).weights)
        }
        #expect(try network(started, model.genome) == bytes(model.weights))
        #expect(try network(drawn, model.genome) != bytes(model.weights))
        // Put back as they were drawn, the slices leave nothing else changed.
        try source.inputs.model(of: model.genome, in: drawn.trained, measured: [:])
            .copy(to: started.values, of: started.supernet, on: started.kernels)
        #expect(bytes(started.values) == bytes(drawn.values))
    }

    /// The file becomes the run's own when it begins: stopped anywhere, and without it, the run comes to the same bytes.
    @Test func aRunThatBeginsWithOthersWeights() throws {
        let source = try Scene(extent: "steps: 20")
        #expect(try source.execute() == .completed)
        let file = try newest(source)
        let whole = try source.changed(("train.start", file)), cut = try source.changed(("train.start", file))
        #expect(whole.inputs.specification.decisiveDifferences(from: source.inputs.specification) == ["train.start"])
        #expect(try whole.execute(workers: 1) == .completed)
        #expect(try whole.csv() != source.csv() && whole.trained()[0][1] < source.trained()[0][1])
        let starts = try cut.executeInPieces(stoppedAt: { _ in 4 }) {
            try? FileManager.default.removeItem(atPath: file)
        }
        #expect(try starts > 3 && cut.csv() == whole.csv() && cut.trained() == whole.trained())
        // Whoever begins now finds no file, and leaves nothing behind.
        let late = try source.changed(("train.start", file))
        let error = #expect(throws: TensorFileError.self) { try late.session() }
        guard case .unreadable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try RunReader(DataDirectory(reading: late.path)).runs(limit: 1).isEmpty)
    }

    @Test func weightsOfAnotherSpaceAreRefused() throws {
        let source = try Scene(extent: "steps: 20")
        #expect(try source.execute() == .completed)
        let file = try newest(source)
        let other = try SearchSpace.parse(yaml: TinySpace.yaml(depth: "[1, 3]"), file: "other")
        let specification = try RunSpecification.parse(
            yaml: source.inputs.specification.resolvedYAML, file: "r", overrides: [("train.start", file)])
        let scene = Scene(try RunInputs(specification: specification, space: other))
        let error = #expect(throws: TrainingError.self) { try scene.session() }
        guard case .foreignCheckpoint(file, "space", _, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        try Files.write(Array("nothing".utf8), scene.path + "-file")
        defer { unlink(scene.path + "-file") }
        #expect(throws: TensorFileError.self) { try source.changed(("train.start", scene.path + "-file")).session() }
    }
}
