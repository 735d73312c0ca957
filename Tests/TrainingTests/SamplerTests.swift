import SearchSpaces
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
