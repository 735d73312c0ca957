import Datasets
import Foundation
import Runs
import SearchSpaces
import Supernets
import TestSupport
import Testing

@testable import Tensors
@testable import Training

@Suite struct MultiSamplerTests {
    private func sampler(
        _ keys: String = "lean: 1", steps: Int = 40, shards: Int = 4, seed: UInt64 = 3
    ) throws -> MultiSampler {
        let scene = try Scene("sampler: {kind: multi, \(keys)}")
        let settings = try #require(scene.settings.sampler.settings as? MultiSettings)
        return MultiSampler(space: scene.space, settings: settings, steps: steps, shards: shards, seed: seed)
    }

    @Test func eachShardHasItsSubnet() throws {
        let plain = try sampler()
        for step in [0, 1, 77] {
            let draws = plain.draws(step: step)
            #expect(draws.count == 1 && draws[0].genomes.count == 4 && !draws[0].isMasked)
            #expect(try draws == sampler().draws(step: step))
        }
        #expect(try (0..<20).contains { try plain.draws(step: $0) != sampler(seed: 4).draws(step: $0) })
        let ends = try sampler("ends: true, lean: 1").genomes(step: 5)
        #expect(ends.count == 4 && ends[0] == plain.space.largest && ends[1] == plain.space.smallest)
        #expect(try sampler("ends: true, lean: 1", shards: 1).genomes(step: 5) == [plain.space.largest])
    }

    /// Over the shards of a step every option is as frequent as its probability says, and over many steps each shard's subnet is
    /// a draw of its own (chi-square of a decision and the one before it, p > 0.001).
    @Test(arguments: [1, 0.4]) func optionsAreDrawnEvenly(lean: Double) throws {
        func pair(_ index: Int, of genome: Genome) -> Int {
            16 * Int(genome.choices[index]) + Int(genome.choices[max(0, index - 1)])
        }
        for shards in [1, 3, 8] {
            // Of so many steps the first ones all lean alike.
            let steps = 1_000_000_000
            let sampler = try sampler("lean: \(lean)", steps: steps, shards: shards), space = sampler.space
            let probabilities = space.decisions.map { $0.probabilities(lean: lean) }
            var pairs: [[Int: Int]] = space.decisions.indices.map { _ in [:] }, seen = space.decisions.map { _ in 0 }
            for step in 0..<3000 / shards {
                let genomes = sampler.genomes(step: step)
                #expect(genomes.count == shards && genomes.allSatisfy { space.canonical($0) == $0 })
                for (index, decision) in space.decisions.enumerated() {
                    let active = genomes.filter { space.isActive(index, in: $0) }
                    let counts = decision.options.indices.map { option in
                        active.count { Int($0.choices[index]) == option }
                    }
                    for (count, probability) in zip(counts, probabilities[index]) {
                        #expect(abs(Double(count) - probability * Double(active.count)) < 1, "\(counts)")
                    }
                    for genome in active { pairs[index][pair(index, of: genome), default: 0] += 1 }
                    seen[index] += active.count
                }
            }
            #expect(
                try sampler.genomes(step: 7)
                    == self.sampler("lean: \(lean)", steps: steps, shards: shards).genomes(step: 7))
            for index in space.decisions.indices {
                var counts: [Int: Double] = [:], draws = 0.0
                var random = SeededGenerator(UInt64(index))
                for _ in 0..<100_000 {
                    let genome = Genome(
                        probabilities.map { probabilities in
                            var rest = Double.random(in: 0..<1, using: &random)
                            return UInt8(
                                probabilities.dropLast().prefix {
                                    rest -= $0; return rest >= 0
                                }.count)
                        })
                    guard space.isActive(index, in: genome) else { continue }
                    counts[pair(index, of: genome), default: 0] += 1
                    draws += 1
                }
                var chiSquare = 0.0
                for (pair, count) in counts {
                    let wanted = count / draws * Double(seen[index]), apart = Double(pairs[index][pair] ?? 0) - wanted
                    chiSquare += apart * apart / wanted
                }
                let freedom = Double(counts.count)
                #expect(chiSquare < freedom + 4.5 * freedom.squareRoot() + 6, "\(index): \(chiSquare) of \(freedom)")
            }
        }
    }

    /// By default small options are more frequent at first, and none in the last step: a quarter, its square root, and 1.
    @Test(arguments: ["even", "decisions"]) func theLeanEndsWithTheTraining(draw: String) throws {
        let sampler = try sampler("draw: \(draw)", steps: 101, shards: 999), space = sampler.space
        let index = try #require(space.decisions.firstIndex { $0.activity == .always && $0.options.count == 2 })
        for (step, ratio) in [(0, 0.25), (50, 0.5), (100, 1)] {
            let larger = sampler.genomes(step: step).count { $0.choices[index] == 1 }
            // Even ones are within one, the others within five standard deviations.
            let expected = 999 * ratio / (1 + ratio)
            #expect(abs(Double(larger) - expected) < (draw == "even" ? 1 : 80), "\(step): \(larger)")
        }
        let settings = try #require(try Scene("sampler: {kind: multi}").settings.sampler.settings as? MultiSettings)
        #expect(settings.lean(step: 0, of: 1) == 1 && settings.lean(step: 7, of: 5) == 1)
        let bins = try #require(
            try Scene("sampler: {kind: multi, draw: bins}").settings.sampler.settings as? MultiSettings)
        #expect(bins.lean == 1)
    }

    /// Bins that have architectures are drawn equally often (chi-square, p > 0.001).
    @Test func binsAreDrawnUniformly() throws {
        let sampler = try sampler("draw: bins")
        let table = CostDistribution(sampler.space, bins: sampler.bins)
        let filled = table.genomeShares.filter { $0 > 0 }.count
        var counts = [Int](repeating: 0, count: sampler.bins.count)
        for step in 0..<1000 {
            for genome in sampler.genomes(step: step) {
                counts[sampler.bins.bin(of: sampler.space.cost(of: genome, by: .multiplyAdds))] += 1
            }
        }
        let drawn = counts.filter { $0 > 0 }
        let expected = 4000 / Double(filled)
        var chiSquare = 0.0
        for count in drawn {
            let apart = Double(count) - expected
            chiSquare += apart * apart / expected
        }
        #expect(drawn.count == filled && filled >= 2 && chiSquare < 22, "\(counts)")
    }

    /// Half of the shards train the best of three subnets of one cost, by what losses have told; the others as ever.
    @Test func someTrainTheMostPromising() throws {
        let sampler = try sampler("best: 0.5, lean: 1", shards: 8), space = sampler.space
        #expect(try sampler.state != nil && self.sampler().state == nil)
        var random = SeededGenerator(7)
        var truth = OptionWeights(space.decisions)
        for index in truth.values.indices { truth.values[index] = Float.random(in: -0.1...0.1, using: &random) }
        let untaught = (0..<100).map { sampler.genomes(step: $0) }
        for step in 0..<600 {
            let genomes = sampler.genomes(step: step)
            for genome in genomes { sampler.note(genome, step: step) }
            sampler.learn(
                step: step, genomes: genomes,
                losses: genomes.map { space.score($0, by: truth) + 1 / Double(step + 1) + Double(step % 7) })
        }
        sampler.learn(step: 600, genomes: sampler.genomes(step: 600), losses: [Double](repeating: .nan, count: 8))
        var promising = 0.0, plain = 0.0
        for step in 0..<100 {
            let genomes = sampler.genomes(step: step)
            for genome in genomes.prefix(4) { promising += space.score(genome, by: truth) / 400 }
            for genome in genomes.suffix(4) { plain += space.score(genome, by: truth) / 400 }
            for (now, before) in zip(genomes, untaught[step]).prefix(4) {
                let costs = [now, before].map { Double(space.cost(of: $0, by: .multiplyAdds)) }
                #expect(abs(costs[0] - costs[1]) <= 0.0201 * costs[1])
            }
        }
        #expect(promising < plain)
        #expect(sampler.statistics(of: 0..<600).map(\.value).reduce(0, +) == 4800)

        let state = try #require(sampler.state)
        let other = try self.sampler("best: 0.5, lean: 1", shards: 8)
        #expect(other.restore(state) && other.state == state && other.draws(step: 601) == sampler.draws(step: 601))
        #expect(!other.restore("{}") && !other.restore(nil) && other.state == state)
        // Of each budget the best of a list.
        let all = (0..<3000).map { _ in space.randomGenome(using: &random) }
        for share in [0.4, 0.7, 1] {
            let most = Int(share * Double(space.cost(of: space.largest, by: .multiplyAdds)))
            let budget = try #require(CostBudget(.multiplyAdds, atMost: most))
            let within = all.filter { budget.window.contains(space.cost(of: $0, by: .multiplyAdds)) }
            guard let pick = sampler.genome(within: budget) else {
                #expect(within.isEmpty)
                continue
            }
            #expect(budget.window.contains(space.cost(of: pick, by: .multiplyAdds)))
            if let least = within.map({ space.score($0, by: truth) }).min() {
                #expect(space.score(pick, by: truth) < least + 0.02)
            }
        }
        sampler.restart()
        #expect((0..<100).map { sampler.genomes(step: $0) } == untaught)
    }

    /// What is learned has the same bytes at any number of workers.
    @Test func learningIsTheSameForAnyWorkers() throws {
        let scene = try Scene("sampler: {kind: multi, best: 0.5, ends: true}")
        let one = try scene.trainer(workers: 1, steps: 22)
        for workers in [2, 3] {
            let other = try scene.trainer(workers: workers, steps: 22)
            #expect(other.bits == one.bits && other.sampler.state == one.sampler.state)
        }
    }

    /// A network of random weights over one batch, and the gradient of any pass.
    private final class Bench {
        let scene: Scene
        let supernet: any Supernet
        let values: FloatBuffer, gradient: FloatBuffer
        private let runner: PassRunner

        init(shards: Int) throws {
            scene = try Scene()
            supernet = scene.space.supernet()
            values = FloatBuffer(count: supernet.layout.floatCount)
            gradient = FloatBuffer(count: values.count)
            let kernels = try Kernels()
            supernet.initialize(values, seed: 1, on: kernels)
            var random = SeededGenerator(5)
            for index in 0..<values.count where values.base[index] == 0 {
                values.base[index] = Float.random(in: -0.1...0.1, using: &random)
            }
            let batch = TrainingBatch(count: 16, shape: ExampleShape(inputs: 784, labels: 1), backend: kernels)
            var source = try scene.dataset.batches(of: 16, seed: 1)
            try batch.fill { try source.fill($0, step: 0) }
            runner = PassRunner(
                supernet: supernet, task: ClassificationTask(),
                weights: SharedWeights(values: values, gradient: gradient), batch: batch, shards: shards,
                pool: try WorkerPool(count: 2), kernels: kernels)
        }

        func run(_ pass: Pass) -> (loss: Double, gradient: [Float]) {
            gradient.values.update(repeating: 0)
            return (runner.run(pass).loss, Array(gradient.values))
        }
    }

    /// The same subnet for every shard is the pass of that subnet, bit by bit.
    @Test func oneSubnetInAllShardsIsItsPass() throws {
        let bench = try Bench(shards: 4)
        for genome in [bench.scene.space.largest, bench.scene.space.smallest] {
            let (one, each) = (bench.run(Pass(genome: genome)), bench.run(Pass(Array(repeating: genome, count: 4))))
            #expect(one.loss == each.loss && one.gradient == each.gradient)
        }
    }

    /// Every shard with every subnet adds up to every subnet on the whole batch; what none uses has no gradient.
    @Test func subnetsOfShardsAddUp() throws {
        let bench = try Bench(shards: 4)
        var random = SeededGenerator(6)
        let space = bench.scene.space
        let genomes = [space.largest, space.smallest] + (0..<2).map { _ in space.randomGenome(using: &random) }
        let turns = (0..<4).map { turn in bench.run(Pass((0..<4).map { genomes[($0 + turn) % 4] })) }
        let wholes = genomes.map { bench.run(Pass(genome: $0)) }
        let losses = (turns.map(\.loss).reduce(0, +), wholes.map(\.loss).reduce(0, +))
        #expect(abs(losses.0 - losses.1) < 1e-4)
        for index in 0..<bench.values.count {
            let turned = turns.reduce(Float(0)) { $0 + $1.gradient[index] }
            let whole = wholes.reduce(Float(0)) { $0 + $1.gradient[index] }
            #expect(abs(turned - whole) < 1e-5 * max(1, abs(whole)))
        }
        let small = bench.run(Pass(Array(repeating: space.smallest, count: 4))).gradient
        let used = bench.run(Pass(genome: space.smallest)).gradient
        #expect(zip(small, used).allSatisfy { ($0 == 0) == ($1 == 0) })
    }

    /// The largest subnet teaches and is not trained.
    @Test func theTeacherRunsForwardAlone() throws {
        let bench = try Bench(shards: 4)
        let told = bench.run(Pass([bench.scene.space.largest], isTeacher: true, isForward: true))
        #expect(told.loss > 0 && told.gradient.allSatisfy { $0 == 0 })
        let trainer = try Scene("sampler: {kind: multi}, distillation: {weight: 0.5}").trainer()
        let passes = trainer.passes(of: 3)
        #expect(passes.count == 2 && passes[0].isForward && passes[0].isTeacher && passes[1].teaching.softWeight == 0.5)
        #expect(try trainer.trainStep().losses.count == 1)
    }
}
