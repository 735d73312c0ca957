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

/// Finalists that are trained on, each alone.
@Suite struct FinalistTrainingTests {
    private static let tuned = [("validate.tune.steps", "12"), ("validate.tune.rate", "0.002")]
    private static let both = tuned + [("validate.retrain.steps", "25"), ("validate.retrain.checkpointEvery", "4")]

    private func scene(_ overrides: [(key: String, value: String)]) throws -> Scene {
        let scene = try Scene(extent: "steps: 20")
        let specification = try RunSpecification.parse(
            yaml: scene.inputs.specification.asHandedIn.resolvedYAML, file: "r", overrides: overrides)
        return Scene(try RunInputs(specification: specification, space: scene.inputs.space))
    }

    private func finalists(_ scene: Scene) throws -> [CandidateResult] {
        let (store, run) = try scene.reader()
        return try store.finalists(run.id, by: .accuracy)
    }

    private func networks(_ scene: Scene) throws -> [String: Data] {
        let folder = "\(scene.path)/runs/\(try scene.reader().run.id)/models"
        return try FileManager.default.contentsOfDirectory(atPath: folder).reduce(into: [:]) {
            $0[$1] = FileManager.default.contents(atPath: "\(folder)/\($1)")
        }
    }

    private func validate(_ model: ExtractedModel, _ inputs: RunInputs, on part: EvaluationPart) throws -> Double {
        let dataset = try #require(inputs.dataset), pool = try WorkerPool(count: 1), kernels = try Kernels()
        let evaluator = Evaluator(
            supernet: model.network, task: try inputs.task(over: dataset), pool: pool, kernels: kernels)
        let test = (0..<Int32(dataset.testCount)).map { $0 }
        let evaluations = try evaluator.measure(
            [model.genome], values: model.weights,
            on: part == .test ? dataset.testExamples : dataset.trainingExamples,
            indices: part == .test ? test : dataset.split.validation)
        return try #require(evaluations?.first)[.accuracy]
    }

    @Test func theBetterNetworkIsHandedOver() throws {
        let scene = try scene(Self.both), plain = try Scene(extent: "steps: 20")
        #expect(try scene.execute() == .completed && plain.execute() == .completed)
        let finalists = try finalists(scene)
        #expect(finalists.count == 3)
        let (store, run) = try scene.reader()
        let results = RunResults(
            store: store, directory: try DataDirectory(reading: scene.path), run: run.id,
            specification: try run.specification())
        var handedOver: Set<MeasurementStage> = []
        for (finalist, inherited) in zip(finalists, try self.finalists(plain)) {
            // What is inherited is what it was without training on.
            #expect(finalist.candidate.key == inherited.candidate.key)
            #expect(finalist.value(of: .accuracy, at: .validation) == inherited.value(of: .accuracy, at: .validation))
            for stage in MeasurementStage.ofNetworks {
                #expect(finalist.measurement(of: .accuracy, at: stage)?.samples == 100, "\(stage)")
            }
            let best = try #require(finalist.best(by: Objective(metric: .accuracy, goal: .maximize)))
            handedOver.insert(best.stage)
            #expect(best.value >= finalist.value(of: .accuracy, at: .validation) ?? 1)
            #expect(finalist.measurement(of: .accuracy, at: .test)?.samples == 100)
            let path = results.modelPath(finalist.candidate.number)
            guard FileManager.default.fileExists(atPath: path) else { continue }
            let model = try ExtractedModel(file: path)
            #expect(try validate(model, scene.inputs, on: .validation) == best.value)
            #expect(try validate(model, scene.inputs, on: .test) == finalist.value(of: .accuracy, at: .test))
            #expect(Set(model.description.measured.keys).isSuperset(of: ["tunedAccuracy", "retrainedAccuracy"]))
        }
        #expect(!handedOver.isEmpty && handedOver != [.validation])
        let best = try #require(try results.best())
        let values = finalists.compactMap { $0.best(by: Objective(metric: .accuracy, goal: .maximize))?.value }
        #expect(best.best(by: Objective(metric: .accuracy, goal: .maximize))?.value == values.max())
        // Columns of their own, behind all that there were; a run without has none.
        func header(_ scene: Scene) throws -> [Substring] {
            String(decoding: try scene.csv(), as: UTF8.self).split(separator: "\r\n")[0].split(separator: ",")
        }
        let known = try header(plain)
        #expect(try header(scene).filter { !known.contains($0) } == ["retrainedAccuracy", "tunedAccuracy"])
        #expect(try header(scene).prefix(19) == header(plain).prefix(19))
        #expect(!FileManager.default.fileExists(atPath: "\(scene.path)/runs/\(run.id)/finalists"))
        let events = try store.events(run.id, limit: 1000)
        let last = try #require(events.last?.content.data)
        #expect(last.contains(#""tunedAccuracy":"#) && last.contains(#""testAccuracy":"#))
    }

    /// For any number of workers, and stopped at every piece of progress: the same bytes.
    @Test func stoppedAnywhere() throws {
        let overrides = Self.both + [("validate.tune.teacher", "largest")]
        let whole = try scene(overrides), three = try scene(overrides), cut = try scene(overrides)
        #expect(try whole.execute(workers: 1) == .completed && three.execute(workers: 3) == .completed)
        #expect(try whole.csv() == three.csv() && networks(whole) == networks(three))
        let starts = try cut.executeInPieces(stoppedAt: { 6 + $0 % 9 }, most: 200)
        #expect(starts > 10)
        #expect(try cut.csv() == whole.csv() && networks(cut) == networks(whole))
    }

    /// A teacher changes what is learned, the same each time; whoever is taught by itself alone has nothing to learn.
    @Test func taughtByTheLargest() throws {
        let inputs = try scene(
            Self.tuned + [
                ("validate.tune.teacher", "largest"), ("validate.tune.weight", "1"), ("validate.tune.optimizer", "sgd"),
                ("validate.tune.weightDecay", "0"), ("validate.tune.rate", "1"),
            ]
        ).inputs
        let train = inputs.specification.finalistTrainings[0].train, space = inputs.space
        let pool = try WorkerPool(count: 2), kernels = try Kernels()
        let recipe = try #require(inputs.specification.train), dataset = try #require(inputs.dataset)
        let supernet = try Trainer(
            supernet: space.supernet(), task: inputs.task(over: dataset), settings: recipe,
            source: dataset.batches(of: recipe.batch, seed: 5), seed: 5, pool: pool, kernels: kernels
        ).trained
        func losses(_ teacher: TrainedWeights?) throws -> [Double] {
            let subnet = try LoneSubnet(
                space.smallest, of: inputs, settings: train, seed: 1, teacher: teacher, pool: pool, kernels: kernels)
            return try (0..<3).map { _ in try subnet.step().losses[0] }
        }
        let taught = try losses(supernet), plain = try losses(nil)
        #expect(try taught == losses(supernet) && taught != plain)
        let start = try inputs.model(of: space.largest, in: supernet, measured: [:]).weights
        let itself = try LoneSubnet(
            space.largest, of: inputs, settings: train, seed: 1, start: start, teacher: supernet, pool: pool,
            kernels: kernels)
        for _ in 0..<3 { #expect(try itself.step().isFinite) }
        func values(_ buffer: FloatBuffer) -> [Float] {
            buffer.whole.withBytes { Array($0.bindMemory(to: Float.self)) }
        }
        let moved = zip(values(itself.trainer.values), values(start)).map { abs($0 - $1) }.max() ?? 1
        #expect(moved < 1e-5, "\(moved)")
    }

    /// A search of a supernet trains its finalists too, and nothing else.
    @Test func finalistsOfASearchWithoutTraining() throws {
        let source = try Scene(extent: "steps: 20")
        #expect(try source.execute() == .completed)
        let again = try source.searchAgain(("validate.tune.steps", "9"), ("validate.finalists", "2"))
        #expect(again.inputs.specification.finalistTrainings.first?.train.optimizer.rate == 0.0001)
        #expect(try again.execute() == .completed)
        let finalists = try finalists(again)
        #expect(finalists.count == 2 && finalists.allSatisfy { $0.value(of: .accuracy, at: .tuned) != nil })
        let steps = again.progress.compactMap { progress -> Int? in
            if case .finalist(_, .tuned, let step, 9) = progress { step } else { nil }
        }
        #expect(steps == Array(1...9) + Array(1...9))
        let plain = try source.searchAgain(("validate.finalists", "2"))
        #expect(RunWork(again.inputs).total > RunWork(plain.inputs).total)
        #expect(
            RunEstimate.diskBytes(again.inputs.specification, again.inputs.space)
                > RunEstimate.diskBytes(plain.inputs.specification, plain.inputs.space))
        func bytes(_ scene: Scene) throws -> Int {
            try MemoryEstimate.bytes(scene.inputs.specification, scene.inputs.space, folder: nil, workers: 2)
        }
        #expect(try bytes(again) > bytes(plain))
    }
}
