import TestSupport
import Testing

@testable import SearchSpaces

@Suite struct CostBinTests {
    /// Small enough to list every genome.
    static let small = Result {
        try SearchSpace.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: SearchSpace
                name: small
                family: vit
                input: {height: 8, width: 8, channels: 2, patch: 4, classes: 3}
                headWidth: 4
                choices: {embed: [8, 12], depth: [1, 3], heads: [1, 2, 3], mlpRatio: [1, 2.5]}
                """, file: "small.yaml")
    }

    static func everyGenome(_ space: SearchSpace) -> Set<Genome> {
        var all = [Genome([])]
        for decision in space.decisions {
            all = all.flatMap { genome in decision.options.indices.map { Genome(genome.choices + [UInt8($0)]) } }
        }
        return Set(all.map(space.canonical))
    }

    @Test func binsCoverTheRange() throws {
        let space = try Self.small.get()
        let bins = CostBins(space, count: 4)
        #expect(bins.bin(of: bins.low) == 0 && bins.bin(of: bins.high) == 3)
        #expect(bins.bin(of: 0) == 0 && bins.bin(of: .max / 8) == 3)
        #expect((0..<4).allSatisfy { bins.bin(of: Int(bins.target($0))) == $0 })
        #expect(bins.normalized(Double(bins.low)) == 0 && bins.normalized(Double(bins.high)) == 1)
    }

    /// What has no such cost, or one that does not add up, cannot be counted; its architectures are drawn nevertheless.
    @Test func spacesWithoutTheCost() throws {
        let space = try Self.small.get()
        #expect(CostDistribution.counts(space, by: .params) && CostDistribution.counts(space, by: .multiplyAdds))
        #expect(!CostDistribution.counts(space, by: .activationBytes))
        let other = try SearchSpace.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: SearchSpace
                name: other
                family: external
                decisions: [{name: k, count: 3, options: [1, 2, 3]}]
                """, file: "other")
        #expect(!CostDistribution.counts(other, by: .params))
        var generator = SeededGenerator(state: 5)
        let spread = other.spread(6, using: &generator)
        #expect(spread.count == 6 && Set(spread).count == 6 && spread.prefix(2) == [other.smallest, other.largest])
    }

    @Test(arguments: [Metric.params, .multiplyAdds]) func sharesAreThoseOfAList(metric: Metric) throws {
        let space = try Self.small.get()
        let bins = CostBins(space, count: 5, metric: metric)
        let distribution = CostDistribution(space, bins: bins)
        let all = Self.everyGenome(space)
        #expect(Double(all.count) == space.canonicalGenomeCount)
        var genomes = [Double](repeating: 0, count: 5), uniform = genomes
        for genome in all {
            let bin = bins.bin(of: space.cost(of: genome, by: metric))
            genomes[bin] += 1 / Double(all.count)
            uniform[bin] += 1 / 4 * (genome.choices[1] == 0 ? 1.0 / 6 : 1.0 / 216)
        }
        for bin in 0..<5 {
            #expect(abs(distribution.genomeShares[bin] - genomes[bin]) < 1e-12)
            #expect(abs(distribution.uniformShares[bin] - uniform[bin]) < 1e-12)
        }
    }

    /// Every genome of a bin is drawn as often as its share says: chi-square, 6 sigma.
    @Test func drawsAreThoseOfTheBin() throws {
        let space = try Self.small.get()
        let bins = CostBins(space, count: 5)
        let distribution = CostDistribution(space, bins: bins)
        var generator = SeededGenerator(state: 5)
        for bin in 0..<5 {
            let members = Self.everyGenome(space).filter { bins.bin(of: space.cost(of: $0).multiplyAdds) == bin }
            let weights = Dictionary(uniqueKeysWithValues: members.map { ($0, $0.choices[1] == 0 ? 36.0 : 1.0) })
            let total = weights.values.reduce(0, +)
            var counts: [Genome: Double] = [:]
            let draws = 4000
            for _ in 0..<draws {
                guard let genome = distribution.draw(bin, using: &generator) else { break }
                counts[genome, default: 0] += 1
            }
            #expect(counts.isEmpty == members.isEmpty && Set(counts.keys).isSubset(of: members))
            guard members.count > 1 else { continue }
            let chi = members.map { genome -> Double in
                let expected = Double(draws) * (weights[genome] ?? 0) / total
                let difference = counts[genome, default: 0] - expected
                return difference * difference / expected
            }.reduce(0, +)
            let freedom = Double(members.count - 1)
            #expect(chi < freedom + 6 * (2 * freedom).squareRoot(), "bin \(bin): \(chi) at \(freedom)")
        }
    }

    /// Decisions that add up, by hand; costs in order, whatever the order of the options.
    @Test func countsAddUp() {
        let two = CostCounts.nothing.adding([3, 0, 1]).adding([1, 0])
        #expect(two.costs == [0, 1, 2, 3, 4] && two.counts == [1, 2, 1, 1, 1])
        let coarse = two.coarsened(to: 3)
        #expect(coarse.costs == [1, 3, 4] && coarse.counts == [3, 2, 1])
        let negative = CostCounts.nothing.adding([-4, -3, -1, 0]).coarsened(to: 2)
        #expect(negative.costs == [-3, 0] && negative.counts == [3, 1])
        #expect(two.coarsened(to: 5) == two)
        // 0…7, 8…15 and what is far above: groups of 8 are the first of at most three.
        let far = CostCounts.nothing.adding([1, 5, 8, 10, 1 << 50]).coarsened(to: 3)
        #expect(far.costs == [3, 9, 1 << 50] && far.counts == [2, 2, 1])
        #expect(CostCounts.nothing.adding([-4, 0]).costs == [-4, 0])
    }

    /// Blocks that each have an expansion of their own: every option of every block takes a cost in every combination.
    private static func wide(width: Int, depth: Int, expansion: Int) throws -> SearchSpace {
        try SearchSpace.parse(
            yaml: WideSpace.yaml(widths: width, depths: depth, expansions: expansion), file: "wide.yaml")
    }

    /// The ends are canonical as the others are, so that none is there twice: here no block reads the second option.
    @Test func spreadsAreOfDifferentArchitectures() throws {
        let space = try SearchSpace.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: SearchSpace
                name: shallow
                family: external
                decisions:
                  - {name: op, options: [a, b, c]}
                  - {name: depth, options: [1, 2]}
                  - {name: kernel, count: 4, options: [3, 5], within: {decision: depth, groups: 1}}
                """, file: "shallow.yaml")
        var generator = SeededGenerator(state: 3)
        let spread = space.spread(40, using: &generator)
        #expect(spread.map(space.canonical) == spread && Set(spread).count == spread.count && spread.count > 10)
    }

    /// Few combinations of many options are too many as well: 256 x 64 x (1 + 64 x 256) costs of genomes.
    @Test func tooManyOptions() throws {
        let small = try Self.wide(width: 2, depth: 3, expansion: 4)
        #expect(AdditiveCosts.evaluationCount(of: small) == 2 * 3 * (1 + 3 * 4))
        #expect(CostDistribution.counts(small, by: .multiplyAdds))
        let space = try Self.wide(width: 256, depth: 64, expansion: 256)
        #expect(AdditiveCosts.evaluationCount(of: space) == 268_451_840)
        #expect(AdditiveCosts.combinationCount(of: space) < CostDistribution.mostCombinations)
        #expect(!CostDistribution.counts(space, by: .multiplyAdds) && !space.isSpreadByCost && small.isSpreadByCost)
        var generator = SeededGenerator(state: 1)
        #expect(Set(space.spread(6, using: &generator)).count == 6)
    }

    /// A space of up to 24 blocks.
    static func deep(mlpRatio: String) throws -> SearchSpace {
        try SearchSpace.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: SearchSpace
                name: deep
                family: vit
                input: {height: 32, width: 32, channels: 3, patch: 4, classes: 10}
                headWidth: 32
                choices: {embed: [64, 96], depth: [20, 24], heads: [1, 2, 3], mlpRatio: \(mlpRatio)}
                """, file: "deep.yaml")
    }

    /// A space whose costs hardly ever coincide keeps to the limit; shares stay close, draws stay within their bin.
    @Test func manyDifferentCosts() throws {
        let space = try Self.deep(mlpRatio: "[1, 1.3125, 1.6875, 2.21875, 2.90625, 3.09375, 3.625, 4]")
        let bins = CostBins(space, count: 6)
        let coarse = CostDistribution(space, bins: bins, most: 100_000), fine = CostDistribution(space, bins: bins)
        #expect(coarse.costCount <= 100_000 && fine.costCount > 100_000)
        #expect(fine.costCount <= CostDistribution.mostCosts)
        for (left, right) in zip(coarse.uniformShares, fine.uniformShares) { #expect(abs(left - right) < 0.003) }
        var generator = SeededGenerator(state: 3)
        for bin in 0..<6 {
            for _ in 0..<50 {
                let genome = try #require(coarse.draw(bin, using: &generator))
                #expect(bins.bin(of: space.cost(of: genome).multiplyAdds) == bin)
            }
        }
    }

    /// A bin that holds one genome in 10^18 has its draws and its share all the same.
    @Test func theRarestBin() throws {
        let space = try Self.deep(mlpRatio: "[1, 2, 3, 4]")
        let bins = CostBins(space, count: 32)
        let distribution = CostDistribution(space, bins: bins)
        #expect(distribution.genomeShares.allSatisfy { $0 > 0 })
        #expect(distribution.genomeShares[31] < 1e-16 && distribution.uniformShares[31] > 0)
        var generator = SeededGenerator(state: 2)
        for bin in [0, 30, 31] {
            let genome = try #require(distribution.draw(bin, using: &generator))
            #expect(bins.bin(of: space.cost(of: genome).multiplyAdds) == bin)
        }
    }

    /// The shares of the README's space: uniform draws pile up at the cheap side.
    @Test func uniformDrawsRarelyReachTheTop() throws {
        let space = try SearchSpacesTests.space("vit-mnist")
        let distribution = CostDistribution(space, bins: CostBins(space, count: 8))
        let shares = distribution.uniformShares
        #expect(abs(shares.reduce(0, +) - 1) < 1e-9)
        #expect(shares[7] < 0.005 && shares[0] + shares[1] + shares[2] + shares[3] > 0.7)
        var generator = SeededGenerator(state: 1)
        let top = try #require(distribution.draw(7, using: &generator))
        #expect(CostBins(space, count: 8).bin(of: space.cost(of: top).multiplyAdds) == 7)
    }

    /// The expected cost under independent draws, option weight by option weight, against differences of a full sum.
    @Test(arguments: [Metric.params, .multiplyAdds]) func theGradientIsThatOfTheExpectedCost(metric: Metric) throws {
        let space = try Self.small.get()
        func expectedCost(_ weights: OptionWeights) -> Double {
            var total = 0.0
            func visit(_ choices: [UInt8], _ probability: Double) {
                guard probability != 0 else { return }
                guard choices.count < space.decisions.count else {
                    total += probability * Double(space.cost(of: Genome(choices), by: metric))
                    return
                }
                for (option, weight) in weights[choices.count].enumerated() {
                    visit(choices + [UInt8(option)], probability * Double(weight))
                }
            }
            visit([], 1)
            return total
        }
        var random = SeededGenerator(state: 9)
        for genome in [space.smallest, space.largest, space.randomGenome(using: &random)] {
            let weights = OptionWeights(genome, of: space.decisions)
            #expect(expectedCost(weights) == Double(space.cost(of: genome, by: metric)))
            #expect(weights.genome == genome)
            let gradient = space.costGradient(at: genome, by: metric)
            for index in weights.values.indices {
                var moved = weights
                moved.values[index] += 0.5
                let difference = (expectedCost(moved) - expectedCost(weights)) / 0.5
                #expect(abs(difference - Double(gradient.values[index])) < 1e-3 * max(1, abs(difference)))
            }
        }
    }
}
