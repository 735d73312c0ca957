import Foundation
import TestSupport
import Testing

@testable import SearchSpaces

/// Spaces of residual networks with basic blocks.
@Suite struct ResidualSpaceTests {
    private static func space() throws -> SearchSpace {
        try SearchSpace.parse(
            yaml: String(
                contentsOf: Repository.root.appending(path: "SearchSpaces/cnn-resnet-cifar.yaml"), encoding: .utf8),
            file: "cnn-resnet-cifar.yaml")
    }

    /// Counts of the same networks written in PyTorch; the last has 5, 9 and 3 blocks of all kinds of shortcuts.
    @Test(arguments: [
        ("largest", 855_578, 125_747_840), ("smallest", 6780, 1_001_854),
        (
            "stemWidth=9;depth=5,9,3;blockWidth=6,14,9,4,12,16,32,22,12,28,19,9,25,16,38,19,51;"
                + "middle=4,9,14,6,11,12,22,32,16,25,9,19,28,12,32,51,19", 133_222, 28_836_094
        ),
    ])
    func anchors(text: String, params: Int, multiplyAdds: Int) throws {
        let space = try Self.space()
        let genome =
            switch text {
            case "largest": space.largest
            case "smallest": space.smallest
            default: try space.genome(text: text)
            }
        #expect(space.cost(of: genome).values.prefix(2) == [params, multiplyAdds])
    }

    /// Eight widths of the stem, and 64 pairs for each of 1, 3, 5, 7 or 9 blocks of three stages.
    @Test func countOfArchitectures() throws {
        let stage = [1.0, 3, 5, 7, 9].map { pow(64, $0) }.reduce(0, +)
        #expect(abs(try Self.space().canonicalGenomeCount / (8 * stage * stage * stage) - 1) < 1e-12)
    }

    /// Where widths are alike a shortcut is the input itself, at a stride a mean and a convolution without norm.
    @Test func shortcutsFollowTheWidths() throws {
        let space = try Self.space(), family = try #require(space.cnn)
        let text = "stemWidth=9;depth=3,1,1;blockWidth=9,12,12,9,64;middle=4,4,4,9,19"
        let genome = try space.genome(text: text)
        let expected: [CNNShortcut] = [
            .identity, .pooled(hasNorm: true), .identity, .pooled(hasNorm: false), .pooled(hasNorm: false),
        ]
        #expect(family.architecture(of: genome).blocks.map(\.shortcut) == expected)
        #expect(family.architecture(of: space.largest).blocks.map(\.shortcut).filter { $0 == .identity }.count == 25)
        let widest = family.widestArchitecture(of: space.largest).blocks.map(\.shortcut)
        #expect(!widest.contains(.identity) && widest.filter { $0 == .pooled(hasNorm: false) }.count == 2)
        #expect(space.text(of: genome) == text)
    }

    /// No architecture has more parameters or multiply-adds than the largest, though an option may bring more.
    @Test func theLargestCostsMost() throws {
        let space = try Self.space(), most = space.cost(of: space.largest).values
        var random = TestSupport.SeededGenerator(3)
        for _ in 0..<200 {
            var genome = space.largest
            for place in genome.choices.indices where Bool.random(using: &random) && Bool.random(using: &random) {
                genome.choices[place] = UInt8.random(
                    in: 0..<UInt8(space.decisions[place].options.count), using: &random)
            }
            #expect(zip(space.cost(of: genome).values, most).prefix(2).allSatisfy { $0 <= $1 })
        }
    }

    /// Costs of neighbours depend on one another: nothing is counted by them, and nobody is told otherwise.
    @Test func costsAreNotCounted() throws {
        let space = try Self.space()
        #expect(!CostDistribution.counts(space, by: .multiplyAdds))
        let constraint = Constraint(metric: .params, atMost: 1)
        #expect(FeasibleCount(space, keeping: [constraint]) == .uncounted)
        var random = TestSupport.SeededGenerator(3)
        #expect(space.spread(6, using: &random).count == 6)
    }

    /// Widths of stages add up: middles with kernels together, decision by decision.
    @Test func stagesOfBasicBlocksAreCounted() throws {
        let space = try SearchSpace.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: SearchSpace
                name: s
                family: cnn
                input: {height: 6, width: 6, channels: 1, classes: 3}
                stem: {width: [4, 8]}
                stages:
                  - {block: basic, width: [4, 8], middle: [3, 6], depth: [1, 2], kernel: [3, 5]}
                  - {block: basic, width: 8, middle: [4, 7], depth: 1, kernel: 3, stride: 2}
                """, file: "s.yaml")
        let all = space.decisions.reduce([Genome([])]) { genomes, decision in
            genomes.flatMap { genome in decision.options.indices.map { Genome(genome.choices + [UInt8($0)]) } }
        }
        let costs = Set(all.map(space.canonical)).map { space.cost(of: $0, by: .multiplyAdds) }.sorted()
        let distribution = CostDistribution(space, by: .multiplyAdds)
        for (low, high) in [(0, 5), (3, 60), (0, costs.count - 1)] {
            let window = costs[low]...costs[high]
            #expect(distribution.genomeCount(costing: window) == Double(costs.filter(window.contains).count))
        }
    }
}
