import Documents
import Foundation
import Runs
import SearchSpaces
import TestSupport
import Testing

/// The section `latency` of a run file.
@Suite struct LatencySourceTests {
    private static func run(
        _ latency: String, search: String = "objectives: [{metric: accuracy}, {metric: latencyMilliseconds}]",
        evaluator: String = ""
    ) -> String {
        """
        apiVersion: nasd/v1
        kind: Run
        name: r
        space: tiny
        data: {format: glyphs, holdOut: {validation: 100}}
        train: {steps: 10}
        latency: \(latency)
        search: {\(search)}
        \(evaluator)
        """
    }

    private func parse(_ text: String) throws -> RunSpecification { try .parse(yaml: text, file: "r.yaml") }

    @Test func everyKindReadsBack() throws {
        let measured = try parse(Self.run("{kind: measured, batch: 4, threads: 2}"))
        let source = try #require(measured.latency)
        #expect(source.kind == .measured && source.files.isEmpty && source.batch == 4 && source.threads == 2)
        #expect(!measured.needsFiles)
        let predicted = try parse(Self.run("{kind: predicted, file: l.csv, device: \"a, b\", level: 0.8}"))
        #expect(predicted.latency?.files == ["l.csv"] && predicted.latency?.device == "a, b")
        #expect(predicted.latency?.level == 0.8 && predicted.needsFiles)
        let table = try parse(
            Self.run("{kind: table, file: [a.yaml, b.csv], blocks: [stem, \"k:{heads.0}\"], milliseconds: 0.5}"))
        #expect(table.latency?.blocks.map(\.text) == ["stem", "k:{heads.0}"])
        #expect(table.latency?.blocks.map { $0.template?.decisions ?? [] } == [[], ["heads.0"]])
        for run in [measured, predicted, table] {
            let again = try RunSpecification.parse(yaml: run.resolvedYAML, file: "again", origin: .store)
            #expect(again == run && again.resolvedYAML == run.resolvedYAML)
        }
        #expect(measured.fingerprint != predicted.fingerprint)
        #expect(measured.withoutSearch.latency == nil)
    }

    /// What it declares is a metric of the run, and the price that candidates are ordered by.
    @Test func itDeclaresTheMetric() throws {
        let run = try parse(Self.run("{kind: measured}"))
        let space = try SearchSpace.parse(yaml: TinySpace.yaml(), file: "tiny.yaml")
        let metrics = RunMetrics(run, space: space)
        #expect(metrics.measured.map(\.name) == ["accuracy", "loss", "latencyMilliseconds"])
        #expect(metrics.price(of: run.objectives) == .latencyMilliseconds)
        #expect(metrics.main.metric == .accuracy)
        #expect(metrics.values.map(\.name).contains("latencyMilliseconds"))
    }

    @Test(arguments: [
        ("{kind: guessed}", "latency.kind: expected one of measured, predicted, table, found 'guessed'"),
        ("{kind: predicted}", "latency.file: expected the name of a latency file, found nothing"),
        ("{kind: measured, file: x.csv}", "latency.file: expected one of the keys"),
        (
            "{kind: measured, batch: 2, threads: 3}",
            "latency.threads: expected at most the 2 of latency.batch, found '3'"
        ),
        ("{kind: predicted, file: a.csv, level: 1}", "latency.level: expected a number from 0.5 to 0.99"),
        ("{kind: predicted, file: [a.csv, b.csv]}", "latency.file: expected the name of a latency file, found a list"),
        ("{kind: table, file: a.csv, milliseconds: 2}", "latency.milliseconds: expected blocks beside it, found none"),
        ("{kind: table, file: a.csv, blocks: [\"k:{x\"]}", "latency.blocks[0]: expected what a block is called"),
    ]) func whatIsWrongIsTold(latency: String, message: String) throws {
        let error = #expect(throws: DocumentError.self) { _ = try parse(Self.run(latency)) }
        #expect("\(try #require(error))".contains(message), "\(error.map { "\($0)" } ?? "")")
    }

    @Test func whatNothingGoesByIsRefused() throws {
        let unused = #expect(throws: DocumentError.self) {
            _ = try parse(Self.run("{kind: measured}", search: "objectives: [{metric: accuracy}]"))
        }
        #expect("\(try #require(unused))".contains("expected an objective or a constraint of latencyMilliseconds"))
        // Without the section nobody knows the metric of a supernet.
        let unknown = #expect(throws: DocumentError.self) {
            _ = try parse(Self.run("x").replacing("latency: x\n", with: ""))
        }
        #expect("\(try #require(unknown))".contains("search.objectives[1].metric: expected one of"))
        let twice = """
            apiVersion: nasd/v1
            kind: Run
            name: r
            space: tiny
            evaluator: {kind: table, file: t.csv, key: {columns: {op: op}}, metrics: {accuracy: a, latencyMilliseconds: l}}
            latency: {kind: predicted, file: l.csv}
            search: {objectives: [{metric: latencyMilliseconds}]}
            """
        let both = #expect(throws: DocumentError.self) { _ = try parse(twice) }
        #expect(
            "\(try #require(both))".contains("expected no latency, since the evaluator table has latencyMilliseconds"))
    }
}
