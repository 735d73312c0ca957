import Datasets
import Foundation
import Runs
import SearchSpaces
import Supernets
import TestSupport
import Testing

@testable import Tensors
@testable import Training

/// Convolutional networks whose sampler learns, and whose weights are merged from experts.
@Suite struct ConvolutionalLearningTests {
    private static func scene(
        _ settings: String, steps: Int = 60, count: Int = 600, sampler: Int = 0, mixture: String = "",
        yaml: String = TinyConvolutionalSpace.yaml, dataset: ImageDataset? = nil
    ) throws -> Scene {
        try Scene(
            "optimizer: {name: sgd, rate: 0.1, weightDecay: 0.0005, warmup: 5, nesterov: true}, \(settings)",
            yaml: yaml + (mixture.isEmpty ? "" : "mixture: \(mixture)\n"),
            extent: "steps: \(steps), batch: 64, shards: 4", count: count, sampler: sampler, dataset: dataset)
    }

    private static let shift = "kind: shift, bins: 3, joint: 2, period: 2, warm: 0, samples: 32"

    @Test(
        arguments: [
            "{\(shift)}", "{\(shift), estimator: literal}", "{\(shift), estimator: progress}", "{kind: multi}",
        ],
        ["", "{experts: 2, hidden: 16, dropout: 0.2}"])
    func bitsDoNotDependOnWorkers(sampler: String, mixture: String) throws {
        let scene = try Self.scene("sampler: \(sampler)", sampler: 64, mixture: mixture)
        let trained = try (1...3).map { try scene.trainer(workers: $0, steps: 6) }
        #expect(trained[0].bits == trained[1].bits && trained[1].bits == trained[2].bits)
        #expect(trained[0].sampler.state == trained[2].sampler.state)
    }

    /// Norms that take the moments of the chunk that is measured rank subnets as their own statistics do: enough to tell which
    /// subnets learn. MNIST's figure is printed.
    @Test(arguments: [false, true]) func chunksRankAsStatisticsDo(isMNIST: Bool) throws {
        var scene = try Self.scene("sampler: {kind: multi}", steps: 120, count: 2000)
        if isMNIST {
            guard let folder = ProcessInfo.processInfo.environment["NASD_TEST_DATA"] else { return }
            let file = Repository.root.appending(path: "SearchSpaces/cnn-mnist.yaml")
            scene = try Self.scene(
                "sampler: {kind: multi}", steps: 300, yaml: String(contentsOf: file, encoding: .utf8),
                dataset: ImageDataset.load(
                    train: .arrays(.idx, images: "train-images-idx3-ubyte.gz", labels: "train-labels-idx1-ubyte.gz"),
                    test: .arrays(.idx, images: "t10k-images-idx3-ubyte.gz", labels: "t10k-labels-idx1-ubyte.gz"),
                    directory: DataFolder(folder + "/mnist"), holdOut: .init(validation: 1000), seed: 5))
        }
        let trainer = try scene.trainer(steps: scene.settings.steps)
        let source = scene.dataset.trainingExamples, indices = scene.dataset.split.validation
        let space = trainer.supernet.space
        var random = SeededGenerator(12)
        let genomes = [space.smallest, space.largest] + (0..<40).map { _ in space.randomGenome(using: &random) }
        let pool = try WorkerPool(count: 2)
        let own = try #require(
            try trainer.trained.evaluator().measure(genomes, values: trainer.values, on: source, indices: indices)
        ).map { $0[.loss] }
        let chunks = try Evaluator(
            supernet: trainer.supernet, task: trainer.task, statistics: .chunks, pool: pool, kernels: try Kernels()
        ).chunkLosses(genomes, values: trainer.values, on: source, indices: indices).map {
            $0.reduce(0, +) / Double($0.count)
        }
        var agreeing = 0, pairs = 0
        for left in genomes.indices {
            for right in 0..<left where genomes[left] != genomes[right] {
                pairs += 1
                agreeing += (own[left] < own[right]) == (chunks[left] < chunks[right]) ? 1 : -1
            }
        }
        let tau = Double(agreeing) / Double(pairs)
        if isMNIST {
            print(
                "cnn-mnist, \(trainer.step) steps, \(genomes.count) subnets: Kendall's tau of losses by chunk and calibrated \(tau)"
            )
        }
        #expect(tau > 0.7, "\(tau)")
    }

    /// A network cut out of a mixture has merged weights and the statistics that belong to them, and gives the figures that its
    /// subnet has; routers that learn tell architectures apart.
    @Test(arguments: [
        "{experts: 2, hidden: 16}", "{experts: 3, routing: layer, encoding: one-hot, hidden: 16, rate: 10}",
    ])
    func mixturesCollapse(mixture: String) throws {
        let scene = try Self.scene("sampler: {kind: multi}", mixture: mixture)
        let trainer = try scene.trainer(steps: 12), trained = trainer.trained
        let (source, indices) = (scene.dataset.trainingExamples, scene.dataset.split.validation)
        var random = SeededGenerator(6)
        let genomes = [scene.space.largest, scene.space.smallest, scene.space.randomGenome(using: &random)]
        let live = try #require(
            try trained.evaluator().measure(
                genomes, values: trainer.values, on: source, indices: indices, for: .finalists))
        for (genome, measured) in zip(genomes, live) {
            let model = ExtractedModel(
                genome, of: trainer.supernet, values: try trained.finishedWeights(of: genome),
                normalization: .init(mean: [0], deviation: [1]), measured: [:], data: "", kernels: trained.kernels)
            #expect(model.description.params == scene.space.cost(of: genome).params)
            let alone = Evaluator(
                supernet: model.network, task: trainer.task, pool: try WorkerPool(count: 2), kernels: try Kernels())
            let evaluation = try alone.measure([genome], values: model.weights, on: source, indices: indices)
            #expect(evaluation == [measured])
        }
        let told = trainer.samplerStatistics(of: 0..<12).filter { $0.name == "routerVariance" }
        #expect(!told.isEmpty && told.contains { $0.value > 0 })
    }

    /// Every weight is updated once; routers at their rate, whose biases decay no more than others.
    @Test func routersHaveTheirRate() throws {
        let scene = try Self.scene("sampler: {kind: multi}", mixture: "{experts: 2, hidden: 16, rate: 10}")
        let supernet = scene.space.supernet(), plan = UpdatePlan(supernet)
        for entry in supernet.trainedLayout.entries {
            let own = plan.pieces.filter { $0.range.contains(entry.offset) }
            #expect(own.count == (entry.role == .statistic ? 0 : 1), "\(entry.name)")
            guard let piece = own.first else { continue }
            #expect(piece.isDecayed == (entry.role == .weight) && (piece.rate == 10) == entry.name.contains("router"))
        }
        for (left, right) in zip(plan.pieces, plan.pieces.dropFirst()) {
            #expect(left.range.upperBound <= right.range.lowerBound)
        }
    }

    /// Decisions of one name with other options have heads of their own; the generator comes to hold costs of such a space.
    @Test(arguments: ["cnn-mnist", "cnn-cifar"]) func stagesHaveOptionsOfTheirOwn(name: String) throws {
        let file = Repository.root.appending(path: "SearchSpaces/\(name).yaml")
        let scene = try Self.scene(
            "sampler: {kind: shift, bins: 4, rate: 0, costTargets: 2}",
            yaml: String(contentsOf: file, encoding: .utf8))
        let settings = try #require(scene.settings.sampler.settings as? ShiftSettings)
        let sampler = ShiftSampler(
            space: scene.space, settings: settings, steps: 200, seed: 1, kernels: try Kernels())
        func distance(_ steps: Range<Int>) -> Double {
            let bins = sampler.bins
            let all = steps.map { step -> Double in
                let draw = sampler.draw(step: step)
                #expect(scene.space.contains(draw.genome))
                return abs(Double(scene.space.cost(of: draw.genome).multiplyAdds) - bins.target(draw.bin))
            }
            return all.reduce(0, +) / Double(all.count) / Double(bins.high - bins.low)
        }
        let before = distance(0..<40)
        for step in 0..<200 { sampler.learn(step: step, options: OptionWeights(scene.space.decisions)) }
        #expect(distance(200..<240) < 0.6 * before)
        #expect(sampler.picks.allSatisfy { scene.space.contains($0) })
    }
}
