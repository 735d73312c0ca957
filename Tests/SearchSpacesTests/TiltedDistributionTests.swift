import Foundation
import Testing

@testable import SearchSpaces

@Suite struct TiltedDistributionTests {
    private static func tilt(_ space: SearchSpace, seed: UInt64, within most: Float) -> OptionWeights {
        var random = SeededGenerator(state: seed)
        var tilt = OptionWeights(space.decisions)
        for index in tilt.values.indices { tilt.values[index] = Float.random(in: -most...most, using: &random) }
        return tilt
    }

    /// Every genome with its cost and the logarithm of its weight, up to a constant.
    private static func list(
        _ space: SearchSpace, _ tilt: OptionWeights, by metric: Metric = .multiplyAdds
    ) -> [(genome: Genome, cost: Int, log: Double)] {
        CostBinTests.everyGenome(space).map { genome in
            let active = space.isActive(genome)
            let uniform = space.decisions.indices.map {
                active[$0] ? log(Double(space.decisions[$0].options.count)) : 0
            }
            return (
                genome, space.cost(of: genome, by: metric), space.score(genome, by: tilt) - uniform.reduce(0, +)
            )
        }
    }

    private static func windows(_ costs: [Int]) -> [ClosedRange<Int>] {
        let sorted = costs.sorted()
        let ends = [0, sorted.count / 5, sorted.count / 2, sorted.count * 4 / 5, sorted.count - 1].map { sorted[$0] }
        return zip(ends, ends.dropFirst()).map { $0...$1 } + [ends[0]...ends[4], ends[4]...ends[4], ends[0]...ends[0]]
    }

    @Test(arguments: [Metric.params, .multiplyAdds], [0, 1, 3, 40, 5000] as [Float])
    func sharesAreThoseOfAList(metric: Metric, most: Float) throws {
        let space = try CostBinTests.small.get()
        let tilt = Self.tilt(space, seed: 4, within: most)
        let distribution = TiltedDistribution(space, by: metric, tilt: tilt)
        let all = Self.list(space, tilt, by: metric)
        let greatest = try #require(all.map(\.log).max())
        let total = all.map { exp($0.log - greatest) }.reduce(0, +)
        for window in Self.windows(all.map(\.cost)) {
            let expected = all.filter { window.contains($0.cost) }.map { exp($0.log - greatest) }.reduce(0, +) / total
            #expect(abs(distribution.share(costing: window) - expected) < 1e-9)
        }
        #expect(distribution.share(costing: 0...1) == 0)
    }

    /// Without a lean, shares and architectures are those of the counts.
    @Test func nothingLeansByNothing() throws {
        let space = try SearchSpacesTests.space("vit-mnist")
        let bins = CostBins(space, count: 8)
        let plain = CostDistribution(space, bins: bins)
        let tilted = TiltedDistribution(
            space, by: .multiplyAdds, tilt: OptionWeights(space.decisions), most: CostDistribution.mostCosts)
        for (bin, share) in plain.uniformShares.enumerated() {
            let window = bins.edge(bin)...bins.edge(bin + 1) - 1
            #expect(abs(tilted.share(costing: window) - share) < 1e-9)
        }
        var first = SeededGenerator(state: 8), second = first
        for bin in 0..<8 {
            let window = bins.edge(bin)...bins.edge(bin + 1) - 1
            #expect(plain.draw(bin, using: &first) == plain.draw(costing: window, using: &second))
        }
    }

    /// Every architecture of a window is drawn as often as its weight says: chi-square, 6 sigma.
    @Test(arguments: [0, 1.5, 4] as [Float]) func drawsAreThoseOfTheWindow(most: Float) throws {
        let space = try CostBinTests.small.get()
        let tilt = Self.tilt(space, seed: 6, within: most)
        let distribution = TiltedDistribution(space, by: .multiplyAdds, tilt: tilt)
        let all = Self.list(space, tilt)
        var generator = SeededGenerator(state: 5)
        for window in Self.windows(all.map(\.cost)) {
            let members = all.filter { window.contains($0.cost) }
            let greatest = try #require(members.map(\.log).max())
            let total = members.map { exp($0.log - greatest) }.reduce(0, +)
            var counts: [Genome: Double] = [:]
            let draws = 4000.0
            for _ in 0..<Int(draws) {
                counts[try #require(distribution.draw(costing: window, using: &generator)), default: 0] += 1
            }
            #expect(Set(counts.keys).isSubset(of: members.map(\.genome)))
            // Rare ones together, so that each cell of the test expects five.
            var chi = 0.0, cells = 0.0, rareCount = 0.0, rareExpected = 0.0
            for member in members {
                let expected = draws * exp(member.log - greatest) / total
                guard expected >= 5 else {
                    rareCount += counts[member.genome, default: 0]
                    rareExpected += expected
                    continue
                }
                let difference = counts[member.genome, default: 0] - expected
                chi += difference * difference / expected
                cells += 1
            }
            if rareExpected >= 5 {
                chi += (rareCount - rareExpected) * (rareCount - rareExpected) / rareExpected
                cells += 1
            }
            let freedom = max(1, cells - 1)
            #expect(chi < freedom + 6 * (2 * freedom).squareRoot(), "\(window): \(chi) at \(freedom)")
        }
        #expect(distribution.draw(costing: 0...1, using: &generator) == nil && distribution.best(costing: 0...1) == nil)
    }

    /// A lean of any size leads to what leans most, also where that is far from what leans most of all.
    @Test(arguments: [1, 50, 1e5] as [Float]) func theBestIsThatOfAList(most: Float) throws {
        let space = try CostBinTests.small.get()
        for seed in 0..<10 as Range<UInt64> {
            let tilt = Self.tilt(space, seed: seed, within: most)
            let distribution = TiltedDistribution(space, by: .multiplyAdds, tilt: tilt)
            let all = Self.list(space, tilt)
            var generator = SeededGenerator(state: seed)
            for window in Self.windows(all.map(\.cost)) {
                let scores = all.filter { window.contains($0.cost) }.map { space.score($0.genome, by: tilt) }
                let expected = try #require(scores.max())
                let best = try #require(distribution.best(costing: window))
                #expect(space.contains(best) && window.contains(space.cost(of: best, by: .multiplyAdds)))
                #expect(abs(space.score(best, by: tilt) - expected) <= 1e-12 * max(1, abs(expected)))
                let drawn = try #require(distribution.draw(costing: window, using: &generator))
                #expect(window.contains(space.cost(of: drawn, by: .multiplyAdds)))
            }
        }
    }

    /// Of a space whose costs are too many to be told apart, draws and the best are of their window and lean as they should.
    @Test func manyDifferentCosts() throws {
        let space = try CostBinTests.deep(mlpRatio: "[1, 1.3125, 1.6875, 2.21875, 2.90625, 3.09375, 3.625, 4]")
        let tilt = Self.tilt(space, seed: 3, within: 1)
        let distribution = TiltedDistribution(space, by: .multiplyAdds, tilt: tilt, most: 100_000)
        let plain = CostDistribution(space, by: .multiplyAdds, most: 100_000)
        let bins = CostBins(space, count: 20)
        var generator = SeededGenerator(state: 2)
        for bin in 0..<bins.count {
            let window = Int(0.98 * bins.target(bin))...Int(bins.target(bin))
            var uniform = 0.0, leaning = 0.0
            for _ in 0..<20 {
                let drawn = try #require(distribution.draw(costing: window, using: &generator))
                let even = try #require(plain.draw(costing: window, using: &generator))
                #expect([drawn, even].allSatisfy { window.contains(space.cost(of: $0, by: .multiplyAdds)) })
                leaning += space.score(drawn, by: tilt) / 20
                uniform += space.score(even, by: tilt) / 20
            }
            let best = try #require(distribution.best(costing: window))
            #expect(window.contains(space.cost(of: best, by: .multiplyAdds)))
            #expect(space.score(best, by: tilt) > leaning && leaning > uniform)
        }
    }

    @Test func windowsAreListed() throws {
        let space = try CostBinTests.small.get()
        let plain = CostDistribution(space, by: .multiplyAdds)
        let all = CostBinTests.everyGenome(space)
        let costs = all.map { space.cost(of: $0, by: .multiplyAdds) }
        for window in Self.windows(costs) {
            let members = all.filter { window.contains(space.cost(of: $0, by: .multiplyAdds)) }
            #expect(plain.genomeCount(costing: window) == Double(members.count))
            let listed = plain.genomes(costing: window, most: .max)
            #expect(listed.count == members.count && Set(listed) == members)
            #expect(plain.genomes(costing: window, most: 3).count == min(3, members.count))
        }
        #expect(plain.genomes(costing: 0...1, most: 3).isEmpty && plain.genomeCount(costing: 0...1) == 0)
    }
}
