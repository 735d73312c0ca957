import Datasets
import Runs
import SearchSpaces
import Supernets
import TestSupport
import Testing

@testable import Tensors
@testable import Training

@Suite struct EvaluatorTests {
    @Test(arguments: ["{experts: 1}", "{experts: 2}"]) func figuresDependOnTheGenomeAlone(mixture: String) throws {
        let scene = try Scene("optimizer: {rate: 0.003}", mixture: mixture)
        let trainer = try scene.trainer(steps: 20)
        let source = scene.dataset.trainingExamples
        let indices = scene.dataset.split.validation
        var random = SeededGenerator(4)
        let genomes = (0..<12).map { _ in scene.space.randomGenome(using: &random) } + [scene.space.largest]
        func measure(_ genomes: [Genome], workers: Int) throws -> [Evaluation] {
            let evaluator = Evaluator(
                supernet: trainer.supernet, task: ClassificationTask(), pool: try WorkerPool(count: workers),
                kernels: try Kernels())
            return try #require(
                try evaluator.measure(genomes, values: trainer.values, on: source, indices: indices))
        }
        let together = try measure(genomes, workers: 2)
        #expect(together.allSatisfy { $0.samples == 100 && $0[.loss] > 0 && (0...1).contains($0[.accuracy]) })
        #expect(try measure(genomes, workers: 3) == together)
        for (genome, evaluation) in zip(genomes, together) {
            #expect(try measure([genome], workers: 1) == [evaluation])
        }
        #expect(Set(together.map { $0[.loss] }).count > 3)
    }

    /// The accuracy is the share of hits that plain forward passes count.
    @Test func accuracyIsTheShareOfHits() throws {
        let scene = try Scene("optimizer: {rate: 0.003}")
        let trainer = try scene.trainer(steps: 20)
        let source = scene.dataset.trainingExamples
        let kernels = try Kernels()
        let one = TrainingBatch(count: 1, shape: source.shape, backend: kernels)
        let tape = Tape(backend: kernels, arena: Arena(floats: trainer.supernet.arenaFloats(batch: 1, for: .training)))
        var hits = 0
        for index in scene.dataset.split.validation {
            try one.fill { try source.fill($0, with: [index]) }
            tape.begin(recording: false)
            let logits = trainer.supernet.forward(
                one.inputs(0..<1), as: scene.space.largest,
                with: ParameterStore(values: trainer.values, gradients: trainer.values), on: tape
            ).value.row(0)
            if logits.indices.max(by: { logits[$0] < logits[$1] }) == Int(one.labels(0..<1)[0]) { hits += 1 }
        }
        let evaluator = Evaluator(
            supernet: trainer.supernet, task: ClassificationTask(), pool: try WorkerPool(count: 2), kernels: kernels)
        let measured = try evaluator.measure(
            [scene.space.largest], values: trainer.values, on: source, indices: scene.dataset.split.validation)
        #expect(measured?.first?[.accuracy] == Double(hits) / 100)
    }

    /// The scores of single examples are the same however many genomes are held at a time, and add up to what is measured.
    @Test func scoresOfExamples() throws {
        let scene = try Scene("optimizer: {rate: 0.003}")
        let trainer = try scene.trainer(steps: 20)
        let source = scene.dataset.trainingExamples, indices = scene.dataset.split.validation
        let evaluator = Evaluator(
            supernet: trainer.supernet, task: ClassificationTask(), pool: try WorkerPool(count: 2),
            kernels: try Kernels())
        var random = SeededGenerator(4)
        let genomes = (0..<5).map { _ in scene.space.randomGenome(using: &random) }
        func scores(_ most: Int, withHits: Bool = true) throws -> [ExampleScores] {
            try evaluator.examples(
                genomes, values: trainer.values, on: source, indices: indices, withHits: withHits, most: most)
        }
        let all = try scores(1000)
        // 5, 2 and 1 at a time.
        for most in [1, 250] { #expect(try scores(most) == all) }
        let measured = try #require(
            try evaluator.measure(genomes, values: trainer.values, on: source, indices: indices))
        for (one, evaluation) in zip(all, measured) {
            #expect(one.losses.count == 100 && one.hits.reduce(0, +) / 100 == evaluation[.accuracy])
            #expect(one.total.examples == 100 && one.total.loss == one.losses.reduce(0, +))
            #expect(abs(one.total.loss / 100 - evaluation[.loss]) < 1e-6)
        }
        #expect(try scores(1000, withHits: false).map(\.hits) == Array(repeating: [], count: 5))
        #expect(ExampleScores.bytes(examples: 100, withHits: true) == 1600)
    }

    /// Chunks add up to what is measured, whenever they are; who falls short is wrong, in any order of the examples and with any
    /// number of workers.
    @Test(arguments: ["{experts: 1}", "{experts: 2}"]) func chunksAndShortfalls(mixture: String) throws {
        let scene = try Scene("optimizer: {rate: 0.003}", mixture: mixture)
        let trainer = try scene.trainer(steps: 20)
        let source = scene.dataset.trainingExamples, indices = scene.dataset.split.validation
        var random = SeededGenerator(4)
        let genomes = (0..<11).map { _ in scene.space.randomGenome(using: &random) }
        func evaluator(_ workers: Int) throws -> Evaluator {
            Evaluator(
                supernet: trainer.supernet, task: ClassificationTask(), pool: try WorkerPool(count: workers),
                kernels: try Kernels(products: .vector))
        }
        let one = try evaluator(1)
        // With one worker and two passes are of two chunks, with three of one.
        #expect(one.chunksOfPass == 2)
        let measured = try #require(try one.measure(genomes, values: trainer.values, on: source, indices: indices))
        let all = try #require(
            try evaluator(2).chunkScores(genomes, values: trainer.values, on: source, indices: indices))
        #expect(all.map { one.evaluation(of: $0.tallies) } == measured)
        // The second and the last of the four chunks.
        let some = try #require(
            try evaluator(3).chunkScores(
                genomes, values: trainer.values, on: source, indices: Array(indices[32..<64] + indices[96...])))
        for (whole, part) in zip(all, some) {
            #expect(part.tallies == [whole.tallies[1], whole.tallies[3]])
            #expect(part.shortfalls == Array(whole.shortfalls[32..<64] + whole.shortfalls[96...]))
        }
        let scores = try one.examples(
            genomes, values: trainer.values, on: source, indices: indices, withHits: true)
        for (one, score) in zip(all, scores) {
            #expect(zip(one.shortfalls, score.hits).allSatisfy { $0 > Shortfall.certain ? $1 == 0 : true })
            #expect(zip(one.shortfalls, score.hits).allSatisfy { $0 < -Shortfall.certain ? $1 == 1 : true })
        }
        let places = indices.indices.shuffled(using: &random).prefix(40)
        for workers in [1, 3] {
            let shuffled = try #require(
                try evaluator(workers).shortfalls(
                    genomes, values: trainer.values, on: source, indices: places.map { indices[$0] }))
            for (row, whole) in zip(shuffled, all) {
                #expect(zip(places, row).allSatisfy { abs(whole.shortfalls[$0] - $1) < Shortfall.certain / 10 })
            }
        }
    }

    @Test func stopsWhenTold() throws {
        let scene = try Scene()
        let trainer = try scene.trainer()
        let evaluator = Evaluator(
            supernet: trainer.supernet, task: ClassificationTask(), pool: try WorkerPool(count: 2),
            kernels: try Kernels())
        let source = scene.dataset.trainingExamples
        let result = try evaluator.measure(
            [scene.space.largest], values: trainer.values, on: source, indices: scene.dataset.split.validation,
            shouldStop: { true })
        #expect(result == nil)
        #expect(throws: DatasetError.self) {
            try evaluator.measure([scene.space.largest], values: trainer.values, on: source, indices: [5000])
        }
    }
}
