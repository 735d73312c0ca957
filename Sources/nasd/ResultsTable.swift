internal import Coordinator
internal import Documents
internal import Foundation
internal import Runs
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

    /// The lines, so that the run's store can be closed before anybody reads them.
    func lines(run: StoredRun, results paths: String, front frontPath: String, data: String?) throws -> [String] {
        if specification.search == nil {
            return [
                "run \(run.id) (\(run.name)) has trained \(specification.steps) steps",
                "weights  \(results.checkpointDirectory)",
            ]
        }
        var lines: [String] = []
        let metrics = try run.metrics(), main = metrics.main.metric
        let price = metrics.price(of: specification.objectives)
        let front = try results.front().sorted { $0.isCheaper(than: $1, by: price) }
        lines.append("front of run \(run.id) (\(run.name)): \(front.count) networks")
        let columns = columns(metrics)
        let header = ["candidate"] + columns.map(\.title) + ["genome"]
        let rows = front.map { result in
            ["\(result.candidate.number)"] + columns.map { text(result, $0.metric, $0.stage) }
                + [result.candidate.genomeText]
        }
        let best = try results.best()
        let shown = Self.spread(front, best: best?.candidate.number, by: main, count: Self.mostRows)
        lines += TextTable(header: header, rows: shown.map { rows[$0] }).lines
        if rows.count > shown.count {
            lines.append(
                "\(shown.count) of \(rows.count), the best among them; all are in \(frontPath)")
        }
        if front.isEmpty { lines.append("no candidate keeps every constraint; see \(paths)") }
        lines.append("")
        lines.append("results  \(paths)")
        lines.append("front    \(frontPath)")
        guard let best else { return lines }
        let model = results.modelPath(best.candidate.number)
        guard FileManager.default.fileExists(atPath: model) else {
            if specification.train == nil {
                lines.append("best     candidate \(best.candidate.number)  (\(main) \(text(best, main, .search)))")
            }
            return lines
        }
        lines.append("best     \(model)  (test \(main) \(text(best, main, .test)))")
        lines.append(
            "next     "
                + TerminalText.command(
                    [CommandLine.arguments.first ?? "nasd", "evaluate", model] + (data.map { ["--data", $0] } ?? [])))
        return lines
    }

    /// The places of a front, from the cheapest on, that a table of so many rows shows: the best, what else was measured on test
    /// data, and others evenly between.
    private static func spread(_ front: [CandidateResult], best: Int?, by main: Metric, count: Int) -> [Int] {
        guard front.count > count else { return Array(front.indices) }
        let measured = front.indices.filter { front[$0].measurement(of: main, at: .test) != nil }
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

    /// What the table says of each network: the main metric at every stage, the two usual costs, and further objectives.
    private func columns(_ metrics: RunMetrics) -> [(title: String, metric: Metric, stage: MeasurementStage)] {
        let main = metrics.main.metric
        var columns: [(title: String, metric: Metric, stage: MeasurementStage)] = [(main.name, main, .search)]
        let ofFinalists = metrics.values.filter { $0.stage != .search }
        let areStagesEnough = Set(ofFinalists.map(\.stage)).count == ofFinalists.count
        for value in ofFinalists {
            columns.append((areStagesEnough ? value.stage.rawValue : value.name, value.metric, value.stage))
        }
        let usual = [Metric.multiplyAdds, .params].filter(metrics.costs.contains)
        // The loss goes with the main metric, and is in front.csv.
        let further = specification.objectives.map(\.metric).filter {
            $0 != main && $0 != .loss && !usual.contains($0)
        }
        return columns + (usual + further).map { ($0.name, $0, .search) }
    }

    private func text(_ result: CandidateResult, _ metric: Metric, _ stage: MeasurementStage) -> String {
        if stage == .search, let cost = result.candidate.cost[metric] { return "\(cost)" }
        return result.value(of: metric, at: stage).map(ProgressDisplay.text) ?? "-"
    }
}
