import Runs
import SearchSpaces
import Tensors
import Testing

@testable import Training

@Suite struct SamplerTests {
    @Test func drawsAreAFunctionOfTheStep() throws {
        let space = try Scene().space
        let sampler = SandwichSampler(space: space, seed: 3, random: 2)
        for step in [0, 1, 77] {
            let genomes = sampler.genomes(step: step)
            #expect(genomes.count == 4 && genomes[0] == space.largest && genomes[1] == space.smallest)
            #expect(genomes == SandwichSampler(space: space, seed: 3, random: 2).genomes(step: step))
        }
        #expect(
            (0..<20).contains {
                sampler.genomes(step: $0) != SandwichSampler(space: space, seed: 4, random: 2).genomes(step: $0)
            })
    }

    /// The uniform subnets of a sandwich are those that the same seed draws alone; a kind without a sampler is told.
    @Test func everyKindHasItsSampler() throws {
        let space = try Scene().space, kernels = try Kernels()
        func sampler(_ settings: any SamplerSettings) throws -> any SubnetSampler {
            try SamplerChoice(settings).sampler(in: space, steps: 10, shards: 4, seed: 3, kernels: kernels)
        }
        let uniform = try sampler(UniformSettings())
        #expect(uniform is UniformSampler && uniform.genomes(step: 5).count == 1)
        #expect(uniform.genomes(step: 5)[0] == SandwichSampler(space: space, seed: 3, random: 2).genomes(step: 5)[2])
        for kind in ["uniform", "multi", "sandwich", "shrinking", "shift"] {
            let settings = try Scene("sampler: {kind: \(kind)}", sampler: 60).settings.sampler
            #expect(throws: Never.self) { try sampler(settings.settings) }
        }
        let error = #expect(throws: TrainingError.self) { try sampler(UnknownSettings()) }
        #expect(error?.description.hasPrefix("train.sampler.kind: this program cannot draw by 'other'") == true)
    }

    /// Every decision's options are drawn equally often (chi-square, p > 0.001).
    @Test func uniformDrawsAreUniform() throws {
        let space = try Scene().space
        let sampler = UniformSampler(space: space, seed: 1)
        var counts = [Int](repeating: 0, count: 4)
        let draws = 4000
        for step in 0..<draws {
            let choices = sampler.genomes(step: step)[0].choices
            counts[Int(choices[0]) * 2 + Int(choices[1])] += 1
        }
        let expected = Double(draws) / 4
        let chiSquare = counts.map { (Double($0) - expected) * (Double($0) - expected) / expected }.reduce(0, +)
        // Three degrees of freedom.
        #expect(chiSquare < 16.27, "\(counts)")
    }
}

/// Settings of a kind that no room of this program draws for.
private struct UnknownSettings: SamplerSettings {
    var kind: String { "other" }
    var resolvedKeys: [(key: String, value: String)] { [] }

    func multiplyAdds(of costs: SubnetCosts, batch: Int, shards: Int) -> Double { costs.mean }
}
