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
        for line in TextTable(header: header, rows: Array(rows.prefix(Self.mostRows))).lines { Output.line(line) }
        if rows.count > Self.mostRows { Output.line("… and \(rows.count - Self.mostRows) more in \(frontPath)") }
        if front.isEmpty { Output.line("no candidate keeps every constraint; see \(paths)") }
        Output.line("")
        Output.line("results  \(paths)")
        Output.line("front    \(frontPath)")
        guard let best = try results.best() else { return }
        let model = results.modelPath(best.candidate.number)
        guard FileManager.default.fileExists(atPath: model) else { return }
        Output.line("best     \(model)  (test accuracy \(text(best, .testAccuracy)))")
        Output.line(
            "next     \(CommandLine.arguments.first ?? "nasd") evaluate \(model)\(data.map { " --data \($0)" } ?? "")")
    }

    private func text(_ result: CandidateResult, _ kind: MeasurementKind) -> String {
        result.measurement(kind)?.value.map(ProgressDisplay.text) ?? "-"
    }
}
