import Documents
import Foundation
import Runs
import SearchSpaces
import Testing

@Suite struct SpaceFileTests {
    @Test func everySpaceOfTheRepositoryLoads() throws {
        let folder = repository.appendingPathComponent("SearchSpaces")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".yaml") }
        #expect(files.count >= 5)
        for file in files {
            let space = try SpaceCatalog.load(folder.appendingPathComponent(file).path)
            #expect(space.name + ".yaml" == file)
        }
    }

    /// A space whose networks live elsewhere reads back from the form in which it is stored, and its metrics with it.
    @Test func spacesElsewhereReadBack() throws {
        let space = try SearchSpace.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: SearchSpace
                name: cells
                family: external
                decisions:
                  - {name: depth, count: 2, options: [2, 3]}
                  - {name: kernel, count: 6, options: [3, 5, 7], within: {decision: depth, groups: 2}}
                  - {name: op, count: 3, options: [none, skip_connect, nor_conv_3x3]}
                metrics:
                  error: {goal: minimize, unit: "% of all"}
                  throughput: {goal: maximize}
                """, file: "s")
        let again = try SearchSpace.parse(yaml: space.resolvedYAML, file: "t", origin: .store)
        #expect(again == space && again.resolvedYAML == space.resolvedYAML && space.decisions.count == 11)
        #expect(again.metrics == [Metric(cost: "error", unit: ""), Metric(cost: "throughput", unit: "")])
        #expect(again.metrics.map(\.goal) == [.minimize, .maximize] && again.metrics[0].unit == "% of all")
    }

    /// A metric takes no name that tables have for something else; what an earlier version took and stored is read.
    @Test(arguments: [
        ("round", "none of candidate, key"), ("Top1", "beginning with a small letter"),
        (
            "testRmse",
            "expected the metric itself, found 'testRmse', its name for finalists; hint: declare the metric; a table"
        ),
        ("validationX", "below evaluator.validation"),
    ])
    func namesOfMetrics(name: String, message: String) throws {
        let text =
            "apiVersion: nasd/v1\nkind: SearchSpace\nname: x\nfamily: external\n"
            + "decisions: [{name: op, options: [1, 2]}]\nmetrics: {\(name): {goal: minimize}}\n"
        let error = #expect(throws: DocumentError.self) { try SearchSpace.parse(yaml: text, file: "s") }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
        let plain = try SearchSpace.parse(yaml: text.replacing(name, with: "error"), file: "s")
        let stored = plain.resolvedYAML.replacing("error", with: name)
        let isOfFinalists = ["testRmse", "validationX"].contains(name)
        #expect(
            (try? SearchSpace.parse(yaml: stored, file: "t", origin: .store))?.metrics.count
                == (isOfFinalists ? 1 : nil))
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let from: String
        let to: String
        let expected: String
        var testDescription: String { expected }
    }

    static let cases = [
        Case(
            from: "nasd/v1", to: "nasd/v2",
            expected: "s:1:13: apiVersion: expected 'nasd/v1', found 'nasd/v2'; hint: did you mean 'nasd/v1'?"),
        Case(from: "kind: SearchSpace", to: "kind: Run", expected: "s:2:7: kind: expected 'SearchSpace', found 'Run'"),
        Case(
            from: "family: vit", to: "family: lstm",
            expected: "s:4:9: family: expected one of vit, mlp, cnn, external, found 'lstm'"),
        Case(
            from: "headWidth: 8", to: "headWidht: 8",
            expected:
                "s:6:1: headWidht: expected one of the keys apiVersion, kind, name, family, source, input, headWidth, choices, mixture, found 'headWidht'; hint: did you mean 'headWidth'?"
        ),
        Case(
            from: "headWidth: 8", to: "headWidth: eight",
            expected: "s:6:12: headWidth: expected a whole number from 1 to 512, found 'eight'"),
        Case(
            from: "headWidth: 8", to: "headWidth: 0",
            expected: "s:6:12: headWidth: expected a whole number from 1 to 512, found '0'"),
        Case(from: "name: tiny", to: "name: 5", expected: "s:3:7: name: expected text, found '5'"),
        Case(
            from: "patch: 4,", to: "patch: 3,",
            expected: "s:5:17: input.height: expected a multiple of patch 3, found '8'"),
        Case(
            from: "[8, 16]", to: "[]",
            expected: "s:8:10: choices.embed: expected at least one option, found an empty list"),
        Case(
            from: "[8, 16]", to: "[16, 8]",
            expected: "s:8:15: choices.embed[1]: expected ascending options, found '8' after '16'"),
        Case(
            from: "[8, 16]", to: "[8, 8]",
            expected: "s:8:14: choices.embed[1]: expected each option once, found '8' after '8'"),
        Case(
            from: "[8, 16]", to: "[8, x]",
            expected: "s:8:14: choices.embed[1]: expected whole numbers from 1 to 16384, found 'x'"),
        Case(
            from: "[8, 16]", to: "8",
            expected: "s:8:10: choices.embed: expected a list of whole numbers from 1 to 16384, found '8'"),
        Case(
            from: "[8, 16]", to: "[\((1...257).map(String.init).joined(separator: ", "))]",
            expected: "s:8:10: choices.embed: expected at most 256 options, found 257"),
        Case(
            from: "[2, 2.5, 3]", to: "[2, 2.6, 3]",
            expected: "s:11:13: choices.mlpRatio: expected embed times mlpRatio to be whole, found 8 times 2.6"),
        Case(
            from: "  depth: [1, 3]\n", to: "",
            expected: "s:8:3: choices.depth: expected a list of whole numbers from 1 to 64, found nothing"),
        Case(
            from: "[8, 16]", to: "&a [8, 16]",
            expected: "s:8:10: choices.embed: expected no anchors or aliases; hint: write the value out"),
        Case(
            from: "  depth", to: "  embed: [8]\n  depth",
            expected: "s:8:3: expected each key once, found 'embed' more than once"),
        Case(from: "[8, 16]", to: "[8, 16", expected: "s:9:8: malformed YAML: did not find expected ',' or ']'"),
        Case(from: "[8, 16]", to: "*b", expected: "s:8:10: malformed YAML: found undefined alias"),
    ]

    @Test(arguments: cases) func faultsArePlaced(fault: Case) {
        let yaml = tinySpace.replacing(fault.from, with: fault.to)
        let found = faults { try SearchSpace.parse(yaml: yaml, file: "s") }
        #expect(found.contains(fault.expected), "\(found)")
    }

    @Test func allFaultsAreReportedInOrder() {
        let yaml = tinySpace.replacing("family: vit", with: "family: vti").replacing("[8, 16]", with: "[]")
            .replacing("channels: 1", with: "channels: many").replacing("depth:", with: "dpeth:")
        let found = faults { try SearchSpace.parse(yaml: yaml, file: "s") }
        #expect(
            found.map { $0.split(separator: " ").prefix(2).joined(separator: " ") } == [
                "s:4:9: family:", "s:5:40: input.channels:", "s:8:3: choices.depth:", "s:8:10: choices.embed:",
                "s:9:3: choices.dpeth:",
            ])
        #expect(found.last?.hasSuffix("did you mean 'depth'?") == true)
    }

    @Test(arguments: ["", "# nothing\n", "5", "[]", "---\n...\n", "a", "~", "\0", "\u{feff}", "a: b\n---\nc: d\n"])
    func whatIsNoSpaceIsAFault(yaml: String) {
        let found = faults { try SearchSpace.parse(yaml: yaml, file: "s") }
        #expect(found.first?.hasPrefix("s:") == true, "\(found)")
    }

    @Test(arguments: ["vit-mnist", "vit-cifar", "vit-glyphs", "vit-autoformer-tiny", "vit-autoformer-small"])
    func theResolvedSpaceReadsBack(name: String) throws {
        let original = try space(name)
        let again = try SearchSpace.parse(yaml: original.resolvedYAML, file: "again")
        #expect(again == original && again.resolvedYAML == original.resolvedYAML)
    }

    @Test func exhaustingInputIsRefused() {
        for yaml in [
            String(repeating: "[", count: 200_000), String(repeating: "- ", count: 200_000),
            String(repeating: "{a: ", count: 100_000), String(repeating: "x", count: 1 << 21),
            "a: &a [x]\n" + (0..<40).map { "k\($0): [*a, *a]\n" }.joined(),
        ] {
            #expect(!faults { try SearchSpace.parse(yaml: yaml, file: "s") }.isEmpty)
        }
    }

    @Test func catalogSaysWhereItLooked() throws {
        let folder = repository.appendingPathComponent("SearchSpaces").path
        let catalog = SpaceCatalog(directories: ["/nowhere", folder])
        #expect(try catalog.space(named: "vit-mnist", runFile: "\(folder)/runs/x.yaml").name == "vit-mnist")
        #expect(try catalog.space(named: "../vit-cifar.yaml", runFile: "\(folder)/runs/x.yaml").name == "vit-cifar")
        #expect(
            throws: RunError.spaceNotFound(
                name: "none", searched: ["\(folder)/none.yaml", "/nowhere/none.yaml", "\(folder)/none.yaml"])
        ) { try catalog.space(named: "none", runFile: "\(folder)/x.yaml") }
        #expect(throws: DocumentError.self) { try SpaceCatalog.load(folder) }
        // The run file of that name beside it is no space.
        #expect(
            try catalog.space(named: "nas-bench-macro", runFile: "\(folder)/runs/nas-bench-macro.yaml").name
                == "nas-bench-macro")
    }

    @Test func mutatedFilesNeverCrash() throws {
        let sources = [Array(tinySpace.utf8), Array(try text("SearchSpaces/runs/mnist-vit.yaml").utf8)]
        let splices = [
            "[", "]", "{", "}", ":", "- ", "&a ", "*a", "\n", "\t", "\0", "!!int ", "\"", "|\n", "? ", "-1", "1e999",
            "é",
        ]
        var generator = SeededGenerator(state: 5)
        for index in 0..<2000 {
            var bytes = sources[index % 2]
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let at = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[at] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: at)
                case 2:
                    bytes.insert(contentsOf: splices[Int.random(in: 0..<splices.count, using: &generator)].utf8, at: at)
                default: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...40, using: &generator)))
                }
                if bytes.isEmpty { bytes = [10] }
            }
            let yaml = String(decoding: bytes, as: UTF8.self)
            let found =
                index % 2 == 0
                ? faults { try SearchSpace.parse(yaml: yaml, file: "s") }
                : faults { try RunSpecification.parse(yaml: yaml, file: "s") }
            #expect(!found.contains { $0.hasPrefix("unexpected") })
        }
    }
}
