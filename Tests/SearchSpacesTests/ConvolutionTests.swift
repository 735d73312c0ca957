import Foundation
import SearchSpaces
import TestSupport
import Testing

@Suite struct ConvolutionTests {
    // MARK: Costs

    /// Published counts and those of the peer in PyTorch, and peaks of 8 bits a value by the rule of TinyNAS.
    @Test(arguments: [
        ("cnn-mnist", "largest", 316_346, 10_838_832, 61_152), ("cnn-mnist", "smallest", 20_786, 916_912, 18_816),
        ("cnn-cifar", "largest", 905_498, 94_386_304, 319_488), ("cnn-cifar", "smallest", 81_610, 9_277_056, 98_304),
        ("cnn-ofa-mbv3", "largest", 7_664_760, 566_170_656, 1_505_280),
        ("cnn-ofa-mbv3", "smallest at 224", 3_410_792, 121_278_672, 802_816),
        ("cnn-ofa-proxyless", "largest", 7_942_056, 1_004_908_032, 2_257_920),
        ("cnn-ofa-proxyless", "smallest at 224", 3_718_832, 265_526_256, 1_204_224),
        ("cnn-bignas", "smallest", 3_747_412, 206_739_328, 1_105_920),
        ("cnn-bignas", "largest", 10_892_790, 1_843_030_528, 4_608_000),
        ("cnn-ofa-resnet50", "largest", 48_105_992, 7_491_643_904, 1_756_160),
        ("cnn-ofa-resnet50", "smallest at 224", 6_539_280, 962_192_128, 990_976),
    ])
    func anchors(name: String, which: String, params: Int, multiplyAdds: Int, sram: Int) throws {
        let space = try space(name)
        var genome = which == "largest" ? space.largest : space.smallest
        if which.hasSuffix("224") { genome.choices[0] = space.largest.choices[0] }
        let cost = space.cost(of: genome)
        #expect(cost.values.prefix(4) == [params, multiplyAdds, 4 * sram, sram])
        #expect(space.executedMultiplyAdds(of: genome) == multiplyAdds)
    }

    @Test func countsOfArchitectures() throws {
        #expect(try space("cnn-mnist").canonicalGenomeCountText == "50322384")
        #expect(try space("cnn-cifar").canonicalGenomeCountText == "1402182907776")
    }

    /// 25 resolutions, five stages of d blocks of nine options for d = 2, 3, 4.
    @Test func countOfOnceForAll() throws {
        let stage = 81.0 + 729 + 6561
        let expected = 25 * stage * stage * stage * stage * stage
        #expect(abs(try space("cnn-ofa-mbv3").canonicalGenomeCount / expected - 1) < 1e-12)
    }

    /// 8 x 8 x 2 in 3 classes; stem 3 x 3, stride 2, 8 channels; one block 8 -> 24 -> 16, 5 x 5, stride 2, squeezed to 8;
    /// head 16 -> 8, then 12, then 3: by hand.
    @Test func costsByHand() throws {
        let space = try Self.parsed(
            """
            input: {height: 8, width: 7, channels: 2, classes: 3}
            stem: {stride: 2, width: 8}
            stages: [{width: [8, 16], depth: 1, kernel: 5, expand: 3, stride: 2, squeezeExcite: true}]
            head: {width: 8, mix: 12}
            """)
        let cost = space.cost(of: space.largest)
        let stem = 18 * 8, expand = 8 * 24, depthwise = 25 * 24, gate = 2 * 24 * 8, project = 24 * 16
        let head = 16 * 8, mix = 8 * 12, classifier = 12 * 3
        let weights = stem + expand + depthwise + gate + project + head + mix + classifier
        // Norms behind stem, expand, depthwise, project and head; biases of the gate and the classifier.
        #expect(cost.params == weights + 2 * (8 + 24 + 24 + 16 + 8) + 8 + 24 + 3)
        // Maps of 4 x 4 and 2 x 2.
        #expect(
            cost.multiplyAdds
                == 16 * (stem + expand) + 4 * (depthwise + project + head) + gate + mix + classifier)
        // Expand: 8 and 24 channels of 16 places; depthwise: 24 of 16 and 24 of 4.
        #expect(cost[.activationBytes] == 4 * 16 * (8 + 24) && cost[.sramBytes] == 16 * (8 + 24))
        // Scales for every output channel, biases for all but the mix layer's.
        #expect(cost[.flashBytes] == weights + 8 * (8 + 24 + 24 + 8 + 24 + 16 + 8 + 3) + 4 * 12)
    }

    /// In a block with a shortcut its input waits beside the depthwise layer; without an expand layer it is that layer's own.
    @Test func whatWaitsBeside() throws {
        let space = try Self.parsed(
            """
            input: {height: 8, width: 8, channels: 1, classes: 2}
            stem: {width: 8}
            stages:
              - {width: 8, depth: 1, kernel: 3, expand: 1, firstShortcut: true}
              - {width: 8, depth: [1, 2], kernel: 3, expand: 2}
            """)
        // One block of 8, 16 and 8 channels without shortcut: 16 + 16. With a second one: 16 + 16 + 8.
        #expect(space.cost(of: space.smallest)[.sramBytes] == 64 * 32)
        #expect(space.cost(of: space.largest)[.sramBytes] == 64 * 40)
        let blocks = try #require(space.cnn).architecture(of: space.largest).blocks
        #expect(blocks.map(\.hasShortcut) == [true, false, true] && blocks.map(\.hasExpand) == [false, true, true])
        #expect(blocks.map(\.number) == [0, 1, 2] && blocks.map(\.position) == [0, 0, 1])
    }

    /// A deep stem 1 -> 8 -> 8 -> 16 of 3 x 3 on 4 x 4 places, pooled to 2 x 2, and two bottlenecks of 16 -> 8 -> 32 -> 8 -> 32
    /// channels, the first of which leaves one place: by hand.
    @Test func costsOfBottlenecks() throws {
        let space = try Self.parsed(
            """
            input: {height: 8, width: 8, channels: 1, classes: 2}
            stem: {stride: 2, inner: 8, between: [0, 1], width: 16, maxPool: true, activation: relu}
            stages: [{block: bottleneck, width: 32, depth: 2, kernel: 3, expand: 0.25, stride: 2, activation: relu}]
            """)
        let first = 9 * 8, between = 9 * 8 * 8, last = 9 * 8 * 16
        let reduce = 16 * 8, spatial = 9 * 8 * 8, project = 8 * 32, shortcut = 16 * 32
        let second = 32 * 8 + spatial + project, classifier = 32 * 2
        let cost = space.cost(of: space.largest)
        let weights = first + between + last + reduce + spatial + project + shortcut + second + classifier
        #expect(cost.params == weights + 2 * (8 + 8 + 16 + 8 + 8 + 32 + 32 + 8 + 8 + 32) + 2)
        #expect(
            cost.multiplyAdds
                == 16 * (first + between + last) + 4 * reduce + spatial + project + shortcut + second + classifier)
        #expect(cost.params - space.cost(of: space.smallest).params == between + 2 * 8)
        // The stem's last convolution: 8 and 16 channels of 16 places.
        #expect(cost[.sramBytes] == 16 * 24)
        let blocks = try #require(space.cnn).architecture(of: space.largest).blocks
        #expect(blocks.map(\.shortcut) == [.pooled(hasNorm: true), .identity] && blocks.map(\.middle) == [8, 8])
    }

    /// The formulas of the whole network in one line each, over random architectures of every space.
    @Test(arguments: ["cnn-mnist", "cnn-cifar", "cnn-ofa-mbv3", "cnn-ofa-proxyless", "cnn-bignas", "cnn-mcu"])
    func costsFollowTheFormulas(name: String) throws {
        let space = try space(name), family = try #require(space.cnn)
        var random = TestSupport.SeededGenerator(11)
        for _ in 0..<50 {
            let genome = space.randomGenome(using: &random), network = family.architecture(of: genome)
            let stem = network.stem.kernel * network.stem.kernel * network.channels * network.stem.width
            var params = stem + 2 * network.stem.width
            var multiplyAdds = stem * network.stem.outputMap.places
            for block in network.blocks {
                let (c, m, o, k) = (block.input, block.middle, block.output, block.kernel)
                let (h, g) = (block.inputMap.places, block.outputMap.places)
                params += k * k * m + m * o + 2 * m + 2 * o
                multiplyAdds += (k * k * m + m * o) * g
                if block.hasExpand {
                    params += c * m + 2 * m
                    multiplyAdds += c * m * h
                }
                if let q = block.squeezed {
                    params += 2 * m * q + q + m
                    multiplyAdds += 2 * m * q
                }
            }
            let (c, w) = (network.lastChannels, network.head.width ?? network.lastChannels)
            let v = network.head.mix ?? w
            params += c * w + 2 * w + (network.head.mix == nil ? 0 : w * v) + v * network.classes + network.classes
            multiplyAdds +=
                c * w * network.lastMap.places + (network.head.mix == nil ? 0 : w * v) + v * network.classes
            #expect(space.cost(of: genome).values.prefix(2) == [params, multiplyAdds])
        }
    }

    /// A cost is a whole number that no option makes smaller.
    @Test(arguments: ["cnn-mnist", "cnn-ofa-mbv3", "cnn-bignas", "cnn-mcu", "cnn-ofa-resnet50"])
    func noOptionMakesACostSmaller(name: String) throws {
        let space = try space(name)
        var random = TestSupport.SeededGenerator(3)
        for _ in 0..<20 {
            let genome = space.randomGenome(using: &random), cost = space.cost(of: genome)
            for (index, decision) in space.decisions.enumerated()
            where Int(genome.choices[index]) + 1 < decision.options.count {
                var larger = genome
                larger.choices[index] += 1
                let other = space.cost(of: larger)
                #expect(zip(cost.values, other.values).allSatisfy { $0 <= $1 }, "\(decision.fullName)")
            }
        }
    }

    /// Kernel and expansion of a block bring costs together: means, counts and draws against a list.
    @Test(arguments: [Metric.params, .multiplyAdds, .flashBytes])
    func jointDecisionsAreCounted(metric: Metric) throws {
        let space = try Self.parsed(
            """
            input: {height: 6, width: 6, channels: 1, classes: 3}
            stem: {width: 8}
            stages:
              - {width: [8, 16], depth: [1, 2], kernel: [3, 5], expand: [2, 3, 5], stride: 2, squeezeExcite: true}
              - {width: 8, depth: 1, kernel: [3, 7], expand: [2, 4]}
            """)
        let all = space.decisions.reduce([Genome([])]) { genomes, decision in
            genomes.flatMap { genome in decision.options.indices.map { Genome(genome.choices + [UInt8($0)]) } }
        }
        func cost(_ genome: Genome) -> Int { space.cost(of: genome, by: metric) }
        let forms = Set(all.map(space.canonical)), sorted = forms.map(cost).sorted()
        let mean = all.map { Double(cost($0)) }.reduce(0, +) / Double(all.count)
        #expect(abs(space.meanCost(by: metric) / mean - 1) < 1e-12)
        let distribution = CostDistribution(space, by: metric)
        let tilted = TiltedDistribution(space, by: metric, tilt: OptionWeights(space.decisions))
        for (low, high) in [(0, 5), (3, 60), (40, 100), (0, sorted.count - 1)] {
            let window = sorted[low]...sorted[high]
            let expected = forms.filter { window.contains(cost($0)) }
            #expect(distribution.genomeCount(costing: window) == Double(expected.count))
            #expect(Set(distribution.genomes(costing: window, most: 1000)) == expected)
            let share = Double(all.filter { window.contains(cost($0)) }.count) / Double(all.count)
            #expect(abs(tilted.share(costing: window) - share) < 1e-12)
            var random = TestSupport.SeededGenerator(5)
            for _ in 0..<20 {
                let drawn = try #require(distribution.draw(costing: window, using: &random))
                #expect(expected.contains(space.canonical(drawn)))
                let leaning = try #require(tilted.draw(costing: window, using: &random))
                #expect(expected.contains(space.canonical(leaning)))
            }
        }
    }

    // MARK: Published architectures

    /// The first of the published rows, whose lists go on past the depth.
    @Test func onceForAll() throws {
        let space = try space("cnn-ofa-mbv3")
        let fields = [
            "kernel": "3;3;3;5;3;3;5;5;5;3;3;3;3;5;5;7;5;3;5;3", "expand": "3;3;4;3;3;3;3;4;3;3;4;3;3;3;3;3;3;3;4;3",
            "depth": "2;2;2;2;2", "resolution": "224",
        ]
        let genome = try space.genome { fields[$0] }
        #expect(space.cost(of: genome).values.prefix(2) == [3_423_464, 122_972_112])
        #expect(
            space.text(of: genome)
                == "resolution=224;depth=2,2,2,2,2;kernel=3,3,3,3,5,3,3,5,5,3;expand=3,3,3,3,3,3,3,3,3,3")
    }

    @Test(.enabled(if: Repository.testData != nil, "set NASD_TEST_DATA to the folder of test data"))
    func everyPublishedRow() throws {
        let folder = try #require(Repository.testData), space = try space("cnn-ofa-mbv3")
        let lines = try String(
            contentsOf: folder.appending(path: "ofa-mbv3-oracle/ofa_mbv3_oracle.csv"), encoding: .utf8
        ).split(whereSeparator: \.isNewline)
        for line in lines.dropFirst() {
            let row = line.split(separator: ",").map(String.init)
            let fields = ["kernel": row[0], "expand": row[1], "depth": row[2], "resolution": row[3]]
            let cost = try space.cost(of: space.genome { fields[$0] })
            #expect([String(cost.params), String(cost.multiplyAdds)] == Array(row[4...5]), "\(line)")
        }
        #expect(lines.count == 41)
    }

    @Test func roundingOfChannels() {
        let rounded = [1: 8, 11: 16, 12: 16, 18: 24, 20: 24, 24: 24, 28: 32, 36: 40, 84: 88, 168: 168]
        for (value, expected) in rounded { #expect(CNNFamily.divisible(value) == expected, "\(value)") }
    }

    // MARK: Files

    private static func parsed(_ text: String) throws -> SearchSpace {
        try SearchSpace.parse(
            yaml: "apiVersion: nasd/v1\nkind: SearchSpace\nname: s\nfamily: cnn\n" + text, file: "s.yaml")
    }

    /// The meaning of a space is part of keys, and so never to change.
    @Test func fingerprints() throws {
        #expect(try space("cnn-mnist").fingerprint == "bb4f85822938b210cdf552c7cc743b25")
        #expect(try space("cnn-ofa-mbv3").fingerprint == "ff323e16be5a3feaeefda06152a65aa7")
    }

    @Test(arguments: ["cnn-mnist", "cnn-ofa-mbv3", "cnn-bignas", "cnn-ofa-resnet50", "cnn-resnet-cifar"])
    func spacesReadBack(name: String) throws {
        let space = try space(name)
        let again = try SearchSpace.parse(yaml: space.resolvedYAML, file: "again.yaml")
        #expect(again == space && again.resolvedYAML == space.resolvedYAML)
    }

    struct Fault: Sendable {
        var input = "{height: 8, width: 8, channels: 1, classes: 3}"
        var stem = "{width: 8}"
        var stages = "[{width: [8, 16], depth: 1, kernel: 3, expand: 2}]"
        var more = ""
        let expected: String
    }

    static let faultsOfFiles = [
        Fault(stages: "[]", expected: "stages: expected at least one stage, found an empty list"),
        Fault(stages: "[{width: 8, depth: 1, kernel: 3, expand: 2}]", expected: "a choice of several options"),
        Fault(
            stages: "[{width: [8, 16], depth: 1, kernel: 4, expand: 2}]",
            expected: "stages[0].kernel: expected kernels of 3, 5 or 7, found 4"),
        Fault(
            stages: "[{width: [16, 8], depth: 1, kernel: 3, expand: 2}]",
            expected: "stages[0].width[1]: expected ascending options, found '8' after '16'"),
        Fault(
            stages: "[{width: x, depth: 1, kernel: 3, expand: 2}]",
            expected: "stages[0].width: expected a whole number from 1 to 4096, or a list of such, found 'x'"),
        Fault(
            stages: "[{depth: 1, kernel: 3, expand: 2}]",
            expected: "stages[0].width: expected a whole number from 1 to 4096, or a list of such, found nothing"),
        Fault(
            stages: "[{width: [8, 16], depth: 1, kernel: 3, expand: [1, 2]}]",
            expected:
                "stages[0].expand: expected ratios above 1, or 1 alone, which leaves the expand layer out, found 1"),
        Fault(
            stages: "[{width: [8, 16], depth: 1, kernel: 3, expand: 2, firstShortcut: true}]",
            expected: "stages[0].firstShortcut: expected a first shortcut only where the stride is 1 and the width"),
        Fault(
            stages: "[{width: [8, 16], depth: 1, kernel: 3, expand: 2, activation: gelu}]",
            expected: "stages[0].activation: expected one of relu, relu6, hswish, swish, found 'gelu'"),
        Fault(
            stages: "[{width: [8, 16], depth: 1, kernels: 3, expand: 2}]",
            expected: "found 'kernels'; hint: did you mean 'kernel'?"),
        Fault(
            input: "{height: 8, width: 9, channels: 1, classes: 3}", more: "resolution: [8, 12]",
            expected: "resolution: expected resolution for square images alone, found images of 8 x 9"),
        Fault(stem: "{width: 8, kernel: [3, 5]}", expected: "stem.kernel: expected one kernel, found a list"),
        Fault(
            stages: "[{block: basic, width: [8, 16], depth: 1, kernel: 3, expand: 1}]",
            expected: "stages[0].expand: expected one of the keys block, width, depth, kernel, middle, ownWidths"),
        Fault(
            stages: "[{block: plain, width: [8, 16], depth: 1, kernel: 3, expand: 1}]",
            expected: "stages[0].block: expected one of inverted, bottleneck, basic, found 'plain'"),
        Fault(
            stages: "[{block: bottleneck, width: [8, 16], depth: 1, kernel: 3, expand: 0.5, squeezeExcite: true}]",
            expected: "stages[0].squeezeExcite: expected false, since the blocks are of kind bottleneck, found true"),
        Fault(
            stages: "[{block: bottleneck, width: [8, 16], depth: 1, kernel: 3, expand: 0.5, ownWidths: true}]",
            expected: "found 'ownWidths'"),
        Fault(
            stem: "{width: 8, between: 1}",
            expected: "stem.between: expected inner channels beside between, found none"),
        Fault(more: "mixture: {experts: 0}", expected: "mixture.experts: expected"),
    ]

    @Test(arguments: faultsOfFiles) func whatIsWrongIsTold(fault: Fault) {
        let found = faults {
            try Self.parsed("input: \(fault.input)\nstem: \(fault.stem)\nstages: \(fault.stages)\n\(fault.more)\n")
        }
        #expect(found.contains { $0.contains(fault.expected) }, "\(found)")
    }
}
