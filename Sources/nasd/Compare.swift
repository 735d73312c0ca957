internal import API
internal import ArgumentParser
internal import Coordinator
internal import Documents
internal import Foundation
internal import Runs
internal import SearchSpaces
internal import UserFiles

/// `nasd compare FILE…`: search algorithms against one another on trained supernets and on tables, or samplers against one
/// another in trainings of their own.
struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare search algorithms on trained supernets or tables, or samplers at equal compute.",
        discussion: """
            Prints the hypervolume for each algorithm and seed at equal evaluations: of accuracy and multiply-adds on a \
            supernet, for which the run must have a checkpoint; of the run's objectives on a table. A search ends early once \
            it has asked for every architecture. Nothing of the run is changed. Several run files are compared one after \
            the other; medians and quartiles over the seeds follow on standard error. With --output: every search \
            (results.csv), every evaluation (curves.csv), medians and quartiles after each evaluation (summary.csv), and \
            these as curves (results.svg).

            With --samplers: trains a supernet for each sampler and seed until --multiply-adds are executed (forward once, \
            backward twice, teachers and measurements included), with the rate and the batch that short trials on a part of \
            the training examples choose, and measures the same subnets of every bin of cost. Prints means and differences \
            to the first sampler, paired by seed, with 95 % intervals; results.csv, results.svg and what is needed to go on \
            after an interruption are in --output.
            """)

    @OptionGroup var trained: TrainedRun
    @Argument(
        help: ArgumentHelp("Further run files to compare searches on.", valueName: "file"), transform: PathText.checked)
    var others: [String] = []
    @Option(
        help: """
            Algorithms, separated by commas, or by semicolons what search.algorithm takes, such as 'nsga2; {kind: nsga2, \
            tournament: 4}'.
            """)
    var algorithms = "nsga2,random"
    @Option(help: "Seeds 1 up to this, of searches or of trainings.")
    var seeds = 5
    @Option(help: "Evaluations of each search.")
    var evaluations = 200
    @Option(help: "Candidates of a generation.")
    var population = 20
    @Option(help: "What an accuracy on a supernet must exceed to count.")
    var referenceAccuracy = 0.9
    @Option(
        help: "The folder of what is found; default none for searches, nasd-runs/NAME-samplers for samplers.",
        transform: PathText.checked)
    var output: String?
    @OptionGroup(title: "Samplers") var samplers: SamplerArguments

    func validate() throws {
        guard seeds >= 1, evaluations >= population, population >= 2, (0..<1).contains(referenceAccuracy) else {
            throw ValidationError("seeds, population and evaluations are positive, the reference is from 0 up to 1")
        }
        guard others.isEmpty || trained.directory == nil && samplers.samplers == nil else {
            throw ValidationError("--directory and --samplers are of one run file, and several are named")
        }
    }

    func run() throws {
        try Failure.catching {
            if let text = samplers.samplers {
                return try CompareSamplers(trained: trained, arguments: samplers, seeds: seeds, output: output).run(
                    text)
            }
            try CompareSearches(arguments: self).run()
        }
    }
}

/// `nasd compare FILE…`: searches, tells, and leaves figures as CSV and SVG where a folder is named.
struct CompareSearches {
    let arguments: Compare

    func run() throws {
        var report: SearchComparisonReport?
        var asked = 0, failed = 0
        for (place, file) in ([arguments.trained.file] + arguments.others).enumerated() {
            var trained = arguments.trained
            trained.file = file
            let (comparison, specification) = try trained.comparison(referenceAccuracy: arguments.referenceAccuracy)
            let arms = try SearchArm.list(arguments.algorithms, in: specification)
            let best = comparison.mainMetric?.name(behind: "best") ?? "best"
            let run = name(specification.name, file, in: report)
            if place == 0 {
                Output.line(
                    "algorithm,seed,evaluations,hypervolume,\(best)\(arguments.others.isEmpty ? "" : ",run")")
            }
            var found = report ?? SearchComparisonReport(best: arguments.others.isEmpty ? best : "best")
            for seed in 1...arguments.seeds {
                for arm in arms {
                    let result = try comparison.search(
                        arm.algorithm, seed: seed, evaluations: arguments.evaluations, population: arguments.population)
                    // What there is no number for is an empty field.
                    let numbers = [result.hypervolume, result.best].map { $0.map { "\($0)" } ?? "" }
                    let fields = [Self.field(arm.name), "\(seed)", "\(result.evaluations)"] + numbers
                    let line = (fields + (arguments.others.isEmpty ? [] : [Self.field(run)])).joined(separator: ",")
                    Output.line(line)
                    // A search takes a while: whoever reads a pipe sees it when it is done.
                    fflush(nil)
                    found.add(result, run: run, arm: arm.name)
                    asked += result.evaluations
                    failed += result.failed
                }
            }
            report = found
        }
        if failed > 0 {
            Output.tell("note: \(failed) of \(asked) candidates could not be measured, such as without an entry")
        }
        guard let report else { return }
        if arguments.seeds > 1 { for line in lines(report) { Output.tell(line) } }
        if let folder = arguments.output { try write(report, to: folder) }
    }

    /// The name of a run; with its file where another has the same.
    private func name(_ name: String, _ file: String, in report: SearchComparisonReport?) -> String {
        report?.runs.contains(name) == true ? "\(name) (\(file))" : name
    }

    private static func field(_ text: String) -> String {
        text.contains { ",\"\n\r".contains($0) } ? "\"\(text.replacing("\"", with: "\"\""))\"" : text
    }

    private func write(_ report: SearchComparisonReport, to folder: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw Failure(
                code: .failure, message: "error: \(folder): cannot be made: \(error.localizedDescription)")
        }
        for (name, bytes) in [
            ("results", report.results()), ("curves", report.curves()), ("summary", report.summary()),
        ] {
            try OutputFile.write(bytes, to: "\(folder)/\(name).csv")
        }
        let charts = report.runs.map { run in
            SVGChart(
                title: "\(run): medians and quartiles of \(arguments.seeds) seeds", xName: "evaluations",
                yName: "hypervolume",
                series: report.arms.filter { $0.run == run }.map { arm in
                    let quartiles = arm.quartiles
                    return .init(
                        name: arm.name,
                        points: quartiles.enumerated().map { (Double($0.offset + 1), $0.element.median) },
                        mark: .band(lower: quartiles.map(\.lower), upper: quartiles.map(\.upper)))
                })
        }.filter(\.isDrawn)
        try OutputFile.write(
            Array(SVGChart.drawing(charts, title: "searches compared").utf8), to: "\(folder)/results.svg")
        Output.tell("results  \(folder)/results.csv, curves.csv, summary.csv, results.svg")
    }

    /// Medians and quartiles after a quarter, half and all of the evaluations.
    private func lines(_ report: SearchComparisonReport) -> [String] {
        let marks = Set(
            [arguments.evaluations / 4, arguments.evaluations / 2, arguments.evaluations].map { max($0, 1) }
        )
        .sorted()
        return report.runs.flatMap { run -> [String] in
            let rows = report.arms.filter { $0.run == run }.map { arm in
                let quartiles = arm.quartiles
                return [arm.name]
                    + marks.map { mark in
                        guard !quartiles.isEmpty else { return "-" }
                        let found = quartiles[min(mark, quartiles.count) - 1]
                        return String(format: "%.4f (%.4f-%.4f)", found.median, found.lower, found.upper)
                    }
            }
            let title = "\(run): median hypervolume and quartiles of \(arguments.seeds) seeds after so many evaluations"
            return ["", title] + TextTable(header: ["algorithm"] + marks.map(String.init), rows: rows).lines
        }
    }
}
