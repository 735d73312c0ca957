import Foundation
import Runs
import SearchSpaces
import Supernets
import TestSupport
import Testing

@testable import Tensors
@testable import Training

@Suite struct ArchitectureGeneratorTests {
    private static let noise = GeneratorNoise(seed: 3, step: 5, use: 0)

    private static func generator(_ space: SearchSpace) throws -> ArchitectureGenerator {
        let generator = ArchitectureGenerator(decisions: space.decisions, seed: 11, kernels: try Kernels())
        // Heads start at 0, which would leave most gradients at 0 too.
        var random = SeededGenerator(7)
        for index in 0..<generator.values.count {
            generator.values.base[index] += Float.random(in: -0.3...0.3, using: &random)
        }
        return generator
    }

    /// The soft choices with their entropy against differences, by every parameter and by the cost.
    @Test func differences() throws {
        let space = try Scene().space
        let generator = try Self.generator(space)
        var random = SeededGenerator(13)
        var direction = OptionWeights(space.decisions)
        for index in direction.values.indices { direction.values[index] = Float.random(in: -1...1, using: &random) }
        let active = space.decisions.indices.map { $0 != 4 }
        let share = 0.3 / Double(active.count { $0 })
        func loss(_ cost: Float) -> Double {
            let trace = generator.run(cost: cost, noise: Self.noise, temperature: 0.7, isSoft: true)
            var total = zip(trace.choices.values, direction.values).map { Double($0) * Double($1) }.reduce(0, +)
            for (index, isActive) in active.enumerated() where isActive {
                total += share * trace.plain[index].map { Double($0) * log(Double($0)) }.reduce(0, +)
            }
            return total
        }
        let trace = generator.run(cost: 0.4, noise: Self.noise, temperature: 0.7, isSoft: true)
        let slope = generator.backward(trace, options: direction, active: active, entropyWeight: 0.3)
        let step: Float = 1.0 / 128
        let numeric = (loss(0.4 + step) - loss(0.4 - step)) / Double(2 * step)
        #expect(abs(Double(slope) - numeric) < 2e-3, "cost: \(slope) against \(numeric)")
        for entry in generator.layout.entries {
            let gradient = generator.gradient(of: entry)
            // A few of each parameter: first, last and some between.
            let count = entry.rows * entry.columns
            for index in Set([0, count / 3, count / 2, count - 1]) {
                let at = entry.offset + index
                let old = generator.values.base[at]
                generator.values.base[at] = old + step
                let above = loss(0.4)
                generator.values.base[at] = old - step
                let numeric = (above - loss(0.4)) / Double(2 * step)
                generator.values.base[at] = old
                let found = Double(gradient.base[index])
                #expect(abs(found - numeric) < 2e-3, "\(entry.name)[\(index)]: \(found) against \(numeric)")
            }
        }
    }

    @Test func firstDrawsAreUniform() throws {
        let space = try Scene().space
        let generator = ArchitectureGenerator(decisions: space.decisions, seed: 1, kernels: try Kernels())
        var counts = [Int](repeating: 0, count: OptionWeights(space.decisions).values.count)
        let draws = 2000
        for step in 0..<draws {
            let trace = generator.run(cost: 0.5, noise: GeneratorNoise(seed: 1, step: step, use: 0), temperature: 1)
            for (index, value) in trace.choices.values.enumerated() where value == 1 { counts[index] += 1 }
        }
        // Every decision here has two options: five standard deviations.
        let bound = 5 * (Double(draws) / 4).squareRoot()
        #expect(counts.allSatisfy { abs(Double($0) - Double(draws) / 2) < bound }, "\(counts)")
    }

    /// After as many updates as a run of 2,000 steps has, draws hold their targets and are many.
    @Test func drawsHoldTheirTargets() throws {
        let space = try SearchSpace.parse(
            yaml: String(
                contentsOf: Repository.root.appending(path: "SearchSpaces/vit-cifar-small.yaml"), encoding: .utf8),
            file: "vit-cifar-small.yaml")
        let settings = try Scene("sampler: {kind: shift, bins: 6, rate: 0}").settings
        let shift = try #require(settings.sampler.settings as? ShiftSettings)
        let sampler = ShiftSampler(space: space, settings: shift, steps: 2000, seed: 1, kernels: try Kernels())
        for step in stride(from: 0, to: 2000, by: 4) {
            sampler.learn(step: step, options: OptionWeights(space.decisions))
        }
        for step in 2000..<2400 { sampler.note(sampler.genomes(step: step)[0], step: step) }
        let hits = try #require(sampler.statistics(of: 0..<2400).first { $0.name == "generatorHits" })
        #expect(hits.value >= 0.9, "\(hits.value)")
        let generator = try #require(sampler.generator)
        for bin in 0..<6 {
            let target = sampler.bins.target(bin)
            let genome = space.canonical(generator.genome(cost: sampler.bins.normalized(target)))
            #expect(abs(Double(space.cost(of: genome).multiplyAdds) - target) < 0.5 * sampler.bins.width)
            let different = Set(
                (0..<100).map { number in
                    space.canonical(
                        generator.run(
                            cost: Float(sampler.bins.normalized(target)),
                            noise: GeneratorNoise(seed: 2, step: number, use: 0), temperature: 1
                        ).choices.genome)
                })
            #expect(different.count > 20, "bin \(bin) has collapsed to \(different.count) architectures")
        }
    }
}
