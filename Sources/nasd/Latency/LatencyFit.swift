internal import API
internal import ArgumentParser
internal import Coordinator
internal import Foundation
internal import Search
internal import SearchSpaces
internal import Store
internal import UserFiles

/// `nasd latency fit FILE`: how well the latencies of a file tell those of other architectures.
struct LatencyFit: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fit", abstract: "Tell how well a latency file predicts other architectures.",
        discussion: """
            Every record is predicted by what the four fifths of the file that it is not in teach, by the predictors that a run \
            with latency: {kind: predicted} uses, and by ridge regression alone: mean absolute percentage error, root mean \
            squared error in milliseconds, Kendall's tau, and how many of the records lie within the interval that was told of \
            them. --learn draws so many records to learn from, --draws times, and predicts others (400 at most).
            """)

    @OptionGroup var latencies: LatencyArguments
    @Option(help: "The share of architectures that the interval is to hold.")
    var level = 0.9
    @Option(help: "Numbers of records to learn from, separated by commas, such as 50,100,200.")
    var learn: String?
    @Option(help: "Draws of each.")
    var draws = 3
    @Flag(help: "Milliseconds as they were measured, not by the ratio to the reference.")
    var raw = false
    @Option(help: "A CSV file to write, with what was predicted of each record.", transform: PathText.checked)
    var output: String?

    func validate() throws {
        guard (0.5...0.99).contains(level), (1...1000).contains(draws) else {
            throw ValidationError("--level is from 0.5 to 0.99, --draws from 1 to 1000")
        }
        _ = try sizes()
    }

    private func sizes() throws -> [Int] {
        try (learn ?? "").split(separator: ",", omittingEmptySubsequences: learn == nil).map { text in
            guard let size = Int(text), (IntervalPredictor.leastRows(level: level)...1_000_000).contains(size) else {
                throw ValidationError(
                    "--learn: expected whole numbers from \(IntervalPredictor.leastRows(level: level)), found '\(text)'"
                )
            }
            return size
        }
    }

    func run() throws {
        try Failure.catching {
            let (whole, space) = try latencies.read(), file = try whole.only(latencies.device)
            let genomes = file.records.map(\.genome)
            let values = raw ? file.records.map(\.milliseconds) : file.milliseconds
            var rows: [[String]] = [], told: [PredictorTrial.Row] = []
            for members in IntervalPredictor.Members.allCases {
                guard
                    let found = PredictorTrial.crossValidated(
                        genomes, values: values, in: space, level: level, members: members)
                else {
                    throw LatencyError.fewRecords(
                        file: file.name, found: genomes.count,
                        needed: (IntervalPredictor.leastRows(level: level) * 5 + 3) / 4)
                }
                rows.append(row(found.trial, members, learned: "4 of 5 parts"))
                if members == .ensemble { told = found.rows }
            }
            for size in try sizes() {
                for members in IntervalPredictor.Members.allCases {
                    guard
                        let trial = PredictorTrial.learning(
                            from: size, draws: draws, genomes, values: values, in: space, level: level, members: members
                        )
                    else {
                        throw Failure(
                            code: .usage,
                            message:
                                "error: --learn: expected fewer than the \(genomes.count) records of \(file.name), "
                                + "found \(size)")
                    }
                    rows.append(row(trial, members, learned: "\(size)"))
                }
            }
            Output.line("device     \(file.devices.first.flatMap { $0.isEmpty ? nil : $0 } ?? "not told")")
            Output.line("space      \(space.name)")
            Output.line("records    \(genomes.count)")
            let percent = String(format: "%g", 100 * level)
            let header = [
                "learned from", "predictor", "MAPE %", "RMSE ms", "tau", "in \(percent) % interval", "half width %",
            ]
            TextTable(header: header, rows: rows).lines.forEach { Output.line($0) }
            if let output { try write(told, genomes, values, space, to: output) }
        }
    }

    private func row(_ trial: PredictorTrial, _ members: IntervalPredictor.Members, learned: String) -> [String] {
        [
            learned, members.rawValue, String(format: "%.2f", 100 * trial.relativeError),
            Latency.text(trial.rootMeanSquaredError), String(format: "%.3f", trial.tau),
            "\(trial.inside) of \(trial.count)", String(format: "%.2f", 100 * trial.halfWidth),
        ]
    }

    private func write(
        _ rows: [PredictorTrial.Row], _ genomes: [Genome], _ values: [Double], _ space: SearchSpace, to path: String
    ) throws {
        let csv = CSVWriter()
        var bytes = csv.record(
            ["genome", "milliseconds", "predicted", "low", "high", "inside"].map { .symbol($0) })
        for row in rows {
            let prediction = row.prediction
            bytes += csv.record([
                .symbol(space.text(of: genomes[row.row])), .number(values[row.row]), .number(prediction.value),
                .number(prediction.interval.lowerBound), .number(prediction.interval.upperBound),
                .boolean(prediction.interval.contains(values[row.row])),
            ])
        }
        try OutputFile.write(bytes, to: path)
    }
}
