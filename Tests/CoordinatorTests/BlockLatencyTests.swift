import Datasets
import Foundation
import Runs
import Search
import SearchSpaces
import TestSupport
import Testing

@testable import Coordinator

/// Latencies as sums over blocks.
@Suite struct BlockLatencyTests {
    private static let space = """
        apiVersion: nasd/v1
        kind: SearchSpace
        name: blocks
        family: external
        decisions:
          - {name: depth, options: [1, 2]}
          - {name: kernel, count: 2, options: [3, 5], within: {decision: depth, groups: 1}}
          - {name: op, options: [conv, skip]}
        """

    private func known(_ latency: String, in space: String = space, folder: String) throws -> (
        KnownLatencies, SearchSpace
    ) {
        let space = try SearchSpace.parse(yaml: space, file: "space.yaml")
        let run = try RunSpecification.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: Run
                name: r
                space: blocks
                evaluator: {kind: table, file: t.csv, key: {column: n, template: "{kernel}"}, metrics: {accuracy: a}}
                latency: \(latency)
                search: {objectives: [{metric: latencyMilliseconds}]}
                """, file: "r.yaml")
        let source = try #require(run.latency)
        return (try KnownLatencies(source, of: space, in: DataFolder(folder)), space)
    }

    private static let blocks = "blocks: [stem, \"k{kernel.0}\", \"k{kernel.1}\", \"op {op}\"], milliseconds: 0.5"

    /// stem 1, kernels 2 and 5, op 0.25 or 0, and half a millisecond beside; a block past the depth takes nothing.
    @Test func sumsByHand() throws {
        try withDirectory { folder in
            try Files.write(
                Array("stem: 1\nk3: {count: 7, mean: 2, var: 0.1}\nk5: {milliseconds: 5}\nop conv: 0.25\n".utf8),
                folder + "/a.yaml")
            try Files.write(Array("block,milliseconds\nop skip,0\n".utf8), folder + "/b.csv")
            let (known, space) = try known("{kind: table, file: [a.yaml, b.csv], \(Self.blocks)}", folder: folder)
            func sum(_ text: String) throws -> Double? { known.milliseconds(of: try space.genome(text: text)) }
            #expect(try sum("depth=1;kernel=3;op=conv") == 0.5 + 1 + 2 + 0.25)
            #expect(try sum("depth=1;kernel=5;op=skip") == 0.5 + 1 + 5)
            #expect(try sum("depth=2;kernel=5,3;op=conv") == 0.5 + 1 + 5 + 2 + 0.25)
            #expect(known.range == 0...11.75 && known.interval(of: space.smallest) == nil)
            let foreseen = PricedSpace(
                space, objectives: [Objective(metric: .latencyMilliseconds, goal: .minimize)],
                constraints: [Constraint(metric: .latencyMilliseconds, atMost: 4)], foreseen: known.foreseen
            ).foreseen(try space.genome(text: "depth=1;kernel=5;op=skip"))
            #expect(foreseen.objectives == [6.5] && foreseen.violation == 2.5 / 4)
        }
    }

    /// Candidates go into a tight bound on sums as into one on costs: of 340 architectures two keep it.
    @Test func tightBoundsAreRepairedInto() throws {
        try withDirectory { folder in
            try Files.write(
                Array("k3: 1\nk5: 2\nk7: 3\n".utf8), folder + "/a.yaml")
            let space = Self.space.replacing("options: [1, 2]}", with: "options: [1, 2, 3, 4]}")
                .replacing("count: 2, options: [3, 5]", with: "count: 4, options: [3, 5, 7]")
            let blocks = (0..<4).map { "\"k{kernel.\($0)}\"" }.joined(separator: ", ")
            let (known, parsed) = try known(
                "{kind: table, file: a.yaml, blocks: [\(blocks)]}", in: space, folder: folder)
            let constraint = Constraint(metric: .latencyMilliseconds, atMost: 1)
            let foreseen = known.foreseen
            let repair = CostRepair(parsed, keeping: [constraint], foreseen: foreseen)
            #expect(repair != nil)
            var search = try Search(
                try #require(SearchAlgorithm(kind: "random")),
                in: PricedSpace(
                    parsed, objectives: [Objective(metric: .accuracy, goal: .maximize)], constraints: [constraint],
                    foreseen: foreseen),
                parameters: SearchParameters(population: 2, evaluations: 2, objectives: 1, seed: 1),
                repair: repair)
            let asked = search.ask().map(\.genome)
            #expect(asked.count == 2 && asked.allSatisfy { known.milliseconds(of: $0) == 1 })
        }
    }

    @Test(arguments: [
        ("stem: 1\nk3: 2\n", "there is no entry of 'k5', 'op conv', 'op skip', which latency.blocks asks for"),
        ("stem: 1\nstem: 2\n", "stem"), ("stem: x\n", "a.yaml:1:7: stem: expected a number from 0"),
        ("stem: -1\n", "expected a number from 0"), ("k3: {var: 1}\n", "k3.milliseconds: expected a number"),
        ("[1, 2]\n", "expected a mapping"), ("", "a.yaml"),
    ]) func whatIsNoTable(text: String, message: String) throws {
        try withDirectory { folder in
            try Files.write(Array(text.utf8), folder + "/a.yaml")
            let error = #expect(throws: (any Error).self) {
                _ = try known("{kind: table, file: a.yaml, \(Self.blocks)}", folder: folder)
            }
            #expect("\(try #require(error))".contains(message), "\(error.map { "\($0)" } ?? "")")
        }
    }

    @Test func unknownDecisionsAndRepeatedBlocksAreTold() throws {
        try withDirectory { folder in
            try Files.write(Array("stem: 1\n".utf8), folder + "/a.yaml")
            let error = #expect(throws: RunError.self) {
                _ = try known("{kind: table, file: a.yaml, blocks: [\"{width}\"]}", folder: folder)
            }
            #expect("\(try #require(error))".contains("latency.blocks[0]: the space has no decision 'width'"))
            #expect(throws: LatencyError.repeatedBlock(file: "b.yaml", block: "stem")) {
                try Files.write(Array("stem: 3\n".utf8), folder + "/b.yaml")
                _ = try known("{kind: table, file: [a.yaml, b.yaml], blocks: [stem]}", folder: folder)
            }
        }
    }

    /// The published table of a phone: MobileNet-like ends, every block of kernel 3 and expansion 3 at depth 1, by hand.
    @Test func thePublishedTableOfAPhone() throws {
        guard let data = ProcessInfo.processInfo.environment["NASD_TEST_DATA"],
            FileManager.default.fileExists(atPath: data + "/proxylessnas-lut/pixel_trim.yaml")
        else { return }
        let stages = [(112, 56, 16, 24), (56, 28, 24, 40), (28, 14, 40, 80), (14, 14, 80, 96), (14, 7, 96, 192)]
        var blocks = [
            "Conv-input:224x224x3-output:112x112x32",
            "expanded_conv-input:112x112x32-output:112x112x16-expand:1-kernel:3-stride:1-idskip:0",
        ]
        for (stage, (from, to, input, output)) in stages.enumerated() {
            for block in 0..<4 {
                let place = 4 * stage + block, options = "expand:{expand.\(place)}-kernel:{kernel.\(place)}"
                blocks.append(
                    block == 0
                        ? "expanded_conv-input:\(from)x\(from)x\(input)-output:\(to)x\(to)x\(output)-\(options)-stride:"
                            + "\(from / to)-idskip:0"
                        : "expanded_conv-input:\(to)x\(to)x\(output)-output:\(to)x\(to)x\(output)-\(options)-stride:1-idskip:1"
                )
            }
        }
        blocks += [
            "expanded_conv-input:7x7x192-output:7x7x320-expand:{lastExpand}-kernel:{lastKernel}-stride:1-idskip:0",
            "Conv_1-input:7x7x320-output:7x7x1280", "Logits-input:7x7x1280-output:1000",
        ]
        let space = """
            apiVersion: nasd/v1
            kind: SearchSpace
            name: proxyless
            family: external
            decisions:
              - {name: depth, count: 5, options: [1, 2, 3, 4]}
              - {name: kernel, count: 20, options: [3, 5, 7], within: {decision: depth, groups: 5}}
              - {name: expand, count: 20, options: [3, 6], within: {decision: depth, groups: 5}}
              - {name: lastKernel, options: [3, 5, 7]}
              - {name: lastExpand, options: [3, 6]}
            """
        let list = blocks.map { "\"\($0)\"" }.joined(separator: ", ")
        let (known, parsed) = try known(
            "{kind: table, file: pixel_trim.yaml, blocks: [\(list)]}", in: space, folder: data + "/proxylessnas-lut")
        // Of the file's lines: stem, first block, five strided ones of kernel 3 and expansion 3, last block, head, classifier.
        let byHand =
            4.397037934668071 + 4.035709677419355 + 5.608820512820512 + 2.5136643835616437 + 1.3473525179856116
            + 1.8539716312056735 + 1.8193141025641024 + 3.912773006134969 + 6.28499578503688 + 0.9348261327713382
        let found = try #require(known.milliseconds(of: parsed.smallest))
        #expect(abs(found - byHand) < 1e-9, "\(found)")
    }
}
