internal import Coordinator
internal import Foundation
internal import SearchSpaces
internal import Store

/// The end of a run on standard output: the front as a table, where the files are, and what to try next.
struct ResultsTable {
    private let results: RunResults
    private let specification: RunSpecification

    /// Rows that a table shows; the rest is in front.csv.
    private static let mostRows = 25

    init(_ results: RunResults, _ specification: RunSpecification) {
        self.results = results
        self.specification = specification
    }

    func show(run: StoredRun, results paths: String, front frontPath: String, data: String?) throws {
        let front = try results.front().sorted {
            ($0.candidate.cost.multiplyAdds, $0.candidate.number) < (
                $1.candidate.cost.multiplyAdds, $1.candidate.number
            )
        }
        Output.line("front of run \(run.id) (\(run.name)): \(front.count) networks")
        let header = ["candidate", "accuracy", "validation", "test", "multiplyAdds", "params", "genome"]
        let rows = front.map { result in
            [
                "\(result.candidate.number)", text(result, .accuracy), text(result, .validationAccuracy),
                text(result, .testAccuracy), "\(result.candidate.cost.multiplyAdds)",
                "\(result.candidate.cost.params)", result.candidate.genomeText,
            ]
        }
        let best = try results.best()
        let shown = Self.spread(front, best: best?.candidate.number, count: Self.mostRows)
        for line in TextTable(header: header, rows: shown.map { rows[$0] }).lines { Output.line(line) }
        if rows.count > shown.count {
            Output.line(
                "\(shown.count) of \(rows.count), those measured on test data among them; all are in \(frontPath)")
        }
        if front.isEmpty { Output.line("no candidate keeps every constraint; see \(paths)") }
        Output.line("")
        Output.line("results  \(paths)")
        Output.line("front    \(frontPath)")
        guard let best else { return }
        let model = results.modelPath(best.candidate.number)
        guard FileManager.default.fileExists(atPath: model) else { return }
        Output.line("best     \(model)  (test accuracy \(text(best, .testAccuracy)))")
        Output.line(
            "next     "
                + TerminalText.command(
                    [CommandLine.arguments.first ?? "nasd", "evaluate", model] + (data.map { ["--data", $0] } ?? [])))
    }

    /// The places of a front, ordered by cost, that a table of so many rows shows: the best, what else was measured on test
    /// data, and others evenly between.
    private static func spread(_ front: [CandidateResult], best: Int?, count: Int) -> [Int] {
        guard front.count > count else { return Array(front.indices) }
        let measured = front.indices.filter { front[$0].measurement(.testAccuracy) != nil }
        var shown = Set(front.indices.filter { front[$0].candidate.number == best })
        for place in evenly(measured, count - shown.count) { shown.insert(place) }
        let rest = front.indices.filter { !shown.contains($0) }
        for place in evenly(rest, count - shown.count) { shown.insert(place) }
        return shown.sorted()
    }

    /// So many of some places, the ends among them.
    private static func evenly(_ places: [Int], _ count: Int) -> [Int] {
        guard places.count > count else { return places }
        guard count > 1 else { return Array(places.prefix(count)) }
        return (0..<count).map { places[$0 * (places.count - 1) / (count - 1)] }
    }

    private func text(_ result: CandidateResult, _ kind: MeasurementKind) -> String {
        result.measurement(kind)?.value.map(ProgressDisplay.text) ?? "-"
    }
}
