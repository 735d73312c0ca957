import Foundation
import Runs
import TestSupport
import Testing

@testable import SearchSpaces

/// The least and the greatest that architectures cost, of spaces in which these are not the smallest and the largest.
@Suite struct CostRangeTests {
    private static func space(_ text: String) throws -> SearchSpace {
        try SearchSpace.parse(yaml: "apiVersion: nasd/v1\nkind: SearchSpace\nname: s\n" + text, file: "s.yaml")
    }

    /// Small spaces of every family, and of basic blocks with every kind of choice around them.
    private static let small = [
        """
        family: mlp
        input: {features: 5, classes: 3}
        choices: {width: [4, 6], depth: [1, 3], expansion: [1, 2.5]}
        """,
        """
        family: vit
        input: {height: 8, width: 8, channels: 1, patch: 4, classes: 3}
        headWidth: 4
        choices: {embed: [8, 16], depth: [1, 2], heads: [1, 2], mlpRatio: [1, 2]}
        """,
        """
        family: cnn
        input: {height: 9, width: 9, channels: 1, classes: 3}
        resolution: [8, 11]
        stem: {width: [4, 8]}
        stages:
          - {width: [8, 16], depth: [1, 2], kernel: [3, 5], expand: [2, 3], stride: 2, squeezeExcite: true}
          - {width: 8, depth: 1, kernel: 3, expand: [1.5, 4]}
        head: {width: [8, 16], mix: 12}
        """,
        """
        family: cnn
        input: {height: 8, width: 8, channels: 3, classes: 4}
        stem: {width: [7, 8], activation: relu}
        stages:
          - {block: basic, width: [7, 8, 9], ownWidths: true, middle: [5, 8], depth: [1, 3], kernel: 3}
          - {block: basic, width: [9, 10], ownWidths: true, depth: [1, 2], kernel: 3, stride: 2, shortcutNorm: false}
        """,
        """
        family: cnn
        input: {height: 6, width: 6, channels: 1, classes: 3}
        resolution: [8, 10]
        stem: {inner: [3, 4], between: [0, 1], width: [4, 8], maxPool: true}
        stages:
          - {block: basic, width: [4, 8, 9], middle: [3, 6], depth: [1, 2], kernel: [3, 5]}
          - {block: bottleneck, width: [8, 16], depth: [1, 2], kernel: 3, expand: [0.25, 0.5], stride: 2}
          - {block: basic, width: [15, 16], depth: [1, 2], kernel: 3}
        head: {width: [8, 9], mix: 5}
        """,
        """
        family: cnn
        input: {height: 7, width: 7, channels: 2, classes: 3}
        stem: {width: [4, 12]}
        stages:
          - {block: basic, width: [8, 12], depth: 1, kernel: 3}
          - {width: 8, depth: [1, 2], kernel: [3, 5], expand: [2, 3], stride: 2}
        """,
    ]

    private static func everyGenome(_ space: SearchSpace) -> [Genome] {
        space.decisions.reduce([Genome([])]) { genomes, decision in
            genomes.flatMap { genome in decision.options.indices.map { Genome(genome.choices + [UInt8($0)]) } }
        }
    }

    /// Every architecture is looked at: the ends are reached, and nothing lies beyond.
    @Test(arguments: small) func endsAreThoseOfAList(text: String) throws {
        let space = try Self.space(text)
        let costs = Set(Self.everyGenome(space).map(space.canonical)).map { space.cost(of: $0).values }
        for (index, metric) in space.costs.enumerated() {
            let values = costs.map { $0[index] }
            let least = try #require(values.min()), most = try #require(values.max())
            #expect(space.costRange(by: metric) == least...most, "\(metric)")
        }
        #expect(space.costRange(by: Metric(cost: "other", unit: "")) == nil)
        // What is not followed is bounded.
        guard let family = space.cnn else { return }
        for (exact, bound) in zip(family.costRanges, family.costRanges(mostBlocks: 0)) {
            #expect(bound.lowerBound <= exact.lowerBound && bound.upperBound >= exact.upperBound)
        }
    }

    private static func file(_ name: String) throws -> SearchSpace {
        let file = Repository.root.appending(path: "SearchSpaces/\(name)")
        return try SearchSpace.parse(yaml: String(contentsOf: file, encoding: .utf8), file: name)
    }

    /// In these spaces neither the smallest nor the largest is the end of every cost.
    @Test func endsAreElsewhere() throws {
        let widths = try Self.space(Self.small[3])
        #expect(try #require(widths.costRange(by: .params)).upperBound > widths.cost(of: widths.largest).params)
        // A shortcut between 31 and 32 channels holds more than a channel does.
        let stems = try Self.space(
            """
            family: cnn
            input: {height: 8, width: 8, channels: 1, classes: 3}
            stem: {width: [31, 32]}
            stages: [{block: basic, width: 32, middle: [8, 9], depth: 1, kernel: 3}]
            """)
        #expect(try #require(stems.costRange(by: .params)).lowerBound < stems.cost(of: stems.smallest).params)
    }

    /// A bound that some architecture keeps is accepted, though the largest network does not; the next one is refused.
    @Test func boundsAreHeldAgainstAllArchitectures() throws {
        let space = try Self.file("cnn-resnet-cifar.yaml")
        let range = try #require(space.costRange(by: .activationBytes))
        #expect(range.upperBound > space.cost(of: space.largest, by: .activationBytes))
        func check(_ bound: String) throws {
            try RunSpecification.parse(
                yaml: """
                    apiVersion: nasd/v1
                    kind: Run
                    name: r
                    space: cnn-resnet-cifar
                    data: {format: cifar10, train: {files: [a.bin]}, test: {files: [b.bin]}, holdOut: {validation: 100}}
                    train: {steps: 1, batch: 64, shards: 4}
                    search:
                      objectives: [{metric: accuracy}]
                      population: 4
                      evaluations: 8
                      samples: 50
                      constraints: [{metric: activationBytes, \(bound)}]
                    """, file: "r.yaml"
            ).settled(in: space).checkBounds(in: space)
        }
        try check("atLeast: \(range.upperBound)")
        try check("atMost: \(range.lowerBound)")
        #expect(throws: RunError.self) { try check("atLeast: \(range.upperBound + 1)") }
        #expect(throws: RunError.self) { try check("atMost: \(range.lowerBound - 1)") }
    }

    /// Random architectures of all spaces of the house, and mutations of the largest, lie within.
    @Test func nothingLiesBeyond() throws {
        let folder = Repository.root.appending(path: "SearchSpaces")
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) where file.hasSuffix(".yaml") {
            let space = try Self.file(file)
            let ranges = space.costs.map { space.costRange(by: $0) }
            var random = TestSupport.SeededGenerator(5)
            for round in 0..<600 {
                var genome = space.randomGenome(using: &random)
                // Near an end, too.
                let end = round % 3 == 0 ? space.largest : space.smallest
                if round % 3 < 2 {
                    for place in genome.choices.indices where Int.random(in: 0..<8, using: &random) > 0 {
                        genome.choices[place] = end.choices[place]
                    }
                }
                let costs = space.cost(of: genome).values
                let areWithin = zip(costs, ranges).allSatisfy { $1?.contains($0) ?? false }
                #expect(areWithin, "\(file) \(space.text(of: genome))")
            }
        }
    }
}
