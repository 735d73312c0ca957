import Documents
import Foundation
import Runs
import Testing

@testable import SearchSpaces

/// Texts that exhaust or deceive a reader, and those of the store, which are read more leniently.
@Suite struct HostileTextTests {
    private func run(_ name: String = "r", _ more: String = "", constraints: String = "[]") -> String {
        """
        apiVersion: nasd/v1
        kind: Run
        name: \(name)
        space: s
        data: {format: glyphs}
        train: {steps: 10\(more)}
        search:
          objectives: [{metric: accuracy}]
          constraints: \(constraints)
        """
    }

    /// What only looks like aliases is text between quotes, as in the form that is stored.
    @Test func whatIsQuotedIsNoAlias() throws {
        let space = "\"" + String(repeating: #"\x20\x2a"#, count: 17) + "x\""
        let read = try RunSpecification.parse(
            yaml: run("quoted").replacing("space: s\n", with: "space: \(space)\n"), file: "r")
        #expect(read.space == String(repeating: " *", count: 17) + "x")
        let again = try RunSpecification.parse(yaml: read.resolvedYAML, file: "r")
        #expect(again == read)
        #expect(try RunSpecification.parse(yaml: read.resolvedYAML, file: "r", origin: .store) == read)
    }

    /// Quotes that hide aliases from a count, in every way that YAML lets a text mean something else.
    @Test(arguments: [
        "# it's \"quoted\nname: [ALIASES]\n", "name: a \"b\nkind: [ALIASES]\n",
        "name: \"x\n  key: \", ALIASES, \"y\"\n",
        "source: |\n  \"\nname: [ALIASES]\n", "name: [ \"x\n key: \", ALIASES, \"\" ]\n",
        "name: 'it''s \"'\nkind: [ALIASES]\n",
        "a: &a [x]\nname: [ALIASES]\n", "? \"k\n: [ALIASES]\n", "name: ! \"\nkind: [ALIASES]\n",
    ]) func aliasesAreNeverHidden(_ text: String) {
        let yaml = text.replacing("ALIASES", with: Array(repeating: "*a", count: 40).joined(separator: ", "))
        #expect(!faults { try RunSpecification.parse(yaml: yaml, file: "r") }.isEmpty)
        var counts = ScreenCounts(mostOpeners: 1024)
        let (lines, rest) = YAMLOpening.of(yaml)
        var problem: String?
        for line in lines { problem = problem ?? counts.take(line.unicodeScalars) }
        #expect((problem ?? counts.take(rest.unicodeScalars))?.contains("aliases") == true, "\(yaml)")
    }

    /// Time and answers stay small, whatever is handed in.
    @Test func manyAndLongKeys() throws {
        let many = run() + (0..<20_000).map { "\nkey\($0): 1" }.joined()
        let long =
            run() + "\n" + String(repeating: "k", count: 100_000) + ":\n" + (0..<5000).map { "  a\($0): 1\n" }.joined()
        let items = run(constraints: "[" + Array(repeating: "x", count: 60_000).joined(separator: ", ") + "]")
        for yaml in [many, long, items] {
            let begin = ContinuousClock.now
            guard case .invalidFile(_, let found)? = error({ try RunSpecification.parse(yaml: yaml, file: "r") }) else {
                Issue.record("accepted")
                continue
            }
            #expect(found.count <= FaultCollector.most + 1)
            #expect(found.reduce(0) { $0 + $1.text(file: "r").utf8.count } < 200_000)
            // Quadratic reading takes a minute and more; this is no measurement of speed.
            #expect(ContinuousClock.now - begin < .seconds(20))
        }
        #expect(
            error { try RunSpecification.parse(yaml: many, file: "r") }.map { "\($0)" }?.contains(
                "and 19900 more faults") == true)
    }

    @Test func numbersAreWhatTheyAreInTheTypeThatComputes() {
        func accepted(_ more: String) -> Bool {
            faults { try RunSpecification.parse(yaml: run("r", more), file: "r") }.isEmpty
        }
        for value in ["0", "0.5", "1.1754944e-38", "1e-30"] { #expect(accepted(", dropout: \(value)"), "\(value)") }
        for value in ["1e-46", "1e-40", "5e-324"] { #expect(!accepted(", dropout: \(value)"), "\(value)") }
        #expect(accepted(", distillation: {temperature: 1e-30}") && !accepted(", distillation: {temperature: 1e-50}"))
    }

    /// What an earlier version took is read as it was stored.
    @Test func theStoreIsReadLeniently() throws {
        let stored = try RunSpecification.parse(yaml: run("r", ", dropout: 0.5"), file: "r").resolvedYAML
        let old = stored.replacing("name: \"r\"", with: "name: \"a\\U0000001b/\\U00000000\"").replacing(
            "dropout: 0.5", with: "dropout: 1e-46")
        let bounds = Array(repeating: "{metric: params, atMost: 5}", count: 1100).joined(separator: ", ")
        let long = old.replacing("constraints: []", with: "constraints: [\(bounds)]")
        let read = try RunSpecification.parse(yaml: long, file: "r", origin: .store)
        #expect(read.train?.dropout == 1e-46 && read.name == "a\u{1B}/\0" && read.search?.constraints.count == 1100)
        #expect(!faults { try RunSpecification.parse(yaml: long, file: "r") }.isEmpty)
        // It is no way around the screen.
        for line in ["x: &a [*a]", "x: |", "x: [\"a\" , *b]"] {
            #expect(!faults { try RunSpecification.parse(yaml: long + line + "\n", file: "r", origin: .store) }.isEmpty)
        }
        let deep = "name: " + String(repeating: "[", count: 2000) + "\n"
        #expect(!faults { try RunSpecification.parse(yaml: deep, file: "r", origin: .store) }.isEmpty)
    }

    @Test func controlCharactersNameNothing() {
        for name in [#""a\0b""#, #""a\eb""#, #""a\nb""#, #""a\u202eb""#] {
            #expect(
                faults { try RunSpecification.parse(yaml: run(name), file: "r") }.first?.contains("control") == true)
        }
        #expect(faults { try RunSpecification.parse(yaml: run("größe-模型"), file: "r") }.isEmpty)
    }

    @Test func whatIsTooLongToStoreIsRefused() {
        let files = Array(repeating: "\"" + String(repeating: "é", count: 2000) + "\"", count: 120).joined(
            separator: ", ")
        let text = run().replacing(
            "{format: glyphs}", with: "{format: cifar10, train: {files: [\(files)]}, test: {files: [a]}}")
        #expect(faults { try RunSpecification.parse(yaml: text, file: "r") }.first?.contains("read back") == true)
        #expect(
            faults {
                try RunSpecification.parse(yaml: run("\"" + String(repeating: "é", count: 110_000) + "\""), file: "r")
            }
            .first?.contains("at most 4096 bytes") == true)
    }

    @Test func summariesReadBack() throws {
        let summary = RunSummary(try RunSpecification.parse(yaml: run(), file: "r"))
        #expect(RunSummary(text: summary.text) == summary)
        for text in ["", "1", "1 2 3 4", "-1 0 1 1 s", "0 1 1 1 s", "x 0 1 1 s", "1 -1 1 1 s"] {
            #expect(RunSummary(text: text) == nil)
        }
    }

    @Test func estimatesStayWithinTheirType() {
        #expect(Int.max.plus(1) == .max && 3.plus(4) == 7 && Int.max.times(2) == .max && 3.times(4) == 12)
        #expect(Int(saturating: .nan) == 0 && Int(saturating: 1e300) == .max && Int(saturating: -1e300) == .min)
        #expect(Int(saturating: 0x1p63) == .max && Int(saturating: 2.5) == 3 && Int(saturating: -.infinity) == .min)
    }

    private func error(_ read: () throws -> some Any) -> DocumentError? {
        do { _ = try read() } catch { return error as? DocumentError }
        return nil
    }
}
