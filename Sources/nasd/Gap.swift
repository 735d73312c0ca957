internal import API
internal import ArgumentParser
internal import Coordinator
internal import Foundation
internal import Runs
internal import Search
internal import SearchSpaces
internal import Store
internal import Training
internal import UserFiles

/// `nasd gap FILE`: how far a run's supernet can be trusted.
struct Gap: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train some subnets alone and compare them with their inherited weights.",
        discussion: """
            Takes the newest checkpoint of a run. The smallest subnet, the largest and others evenly over the costs between \
            are trained from scratch by the run's recipe and measured on all validation examples; the gap is the \
            inherited loss minus the stand-alone one. Where multiply-adds cannot be counted the others are drawn at random from \
            the whole space. What is done is kept with the run: a study that was interrupted goes \
            on, and nasd plot draws it.
            """)

    @OptionGroup var trained: TrainedRun
    @Option(help: "Subnets.")
    var subnets = 8
    @Option(help: "Stand-alone trainings of each subnet.")
    var seeds = 1
    @Option(
        help: """
            Steps that inherited weights may take to the stand-alone loss, at a tenth of the rate; 0 leaves that out; \
            default a quarter of the run's.
            """)
    var extra: Int?
    @Option(
        help: "Another run's gap.json, whose stand-alone trainings count here too: the same space, data and recipe.",
        transform: PathText.checked)
    var reuse: String?
    @Option(help: "A CSV file to write, complete or not at all.", transform: PathText.checked)
    var output: String?

    func validate() throws {
        guard (1...1000).contains(subnets), (1...1000).contains(seeds), (0...1_000_000_000).contains(extra ?? 0) else {
            throw ValidationError("--subnets and --seeds are from 1 to 1000, --extra is at least 0")
        }
    }

    func run() throws {
        try Failure.catching {
            if let reuse, !FileManager.default.fileExists(atPath: reuse) {
                throw Failure(code: .notFound, message: "error: \(reuse): there is no such file")
            }
            let network = try trained.load()
            if subnets > 2, !network.space.isSpreadByCost {
                Output.tell(
                    "note: multiplyAdds of the space '\(network.space.name)' add up in too many ways to be counted; the subnets "
                        + "between the ends are drawn at random from the whole space")
            }
            var shown = ContinuousClock.now
            let study = try GapStudy(
                network,
                settings: GapSettings(subnets: subnets, seeds: seeds, extraSteps: extra ?? network.steps / 4),
                reusing: reuse
            ) { progress in
                switch progress {
                case .begins(let memoryBytes): Output.tell("memory: at most \(memoryBytes >> 20) MiB")
                case .done(let record, let index, let all):
                    Output.tell("\(index)/\(all)  gap \(Self.text(record.gap))  \(record.genome) seed \(record.seed)")
                case .training(let genome, let seed, let step, let all, let isContinued):
                    guard shown.duration(to: .now) > .seconds(15) else { return }
                    shown = .now
                    Output.tell("\(isContinued ? "going on" : "alone") \(step)/\(all)  \(genome) seed \(seed)")
                }
            }
            if study.genomes.count < subnets {
                Output.tell(
                    "note: \(study.genomes.count) subnets are studied, not \(subnets): the space has "
                        + "\(network.space.canonicalGenomeCountText) architectures"
                        + (network.space.isSpreadByCost
                            ? ", and beside the smallest and the largest one of each of \(max(0, subnets - 2)) equal "
                                + "ranges of cost is taken, where there is one" : ""))
            }
            let records = try study.run()
            if let output { try OutputFile.write(Self.csv(records, network.task.kind.mainMetric), to: output) }
            Self.print(GapReport(records), network.task.kind.mainMetric, step: network.step)
        }
    }

    private static func print(_ report: GapReport, _ main: Metric, step: Int) {
        let rows = report.groups.map { group in
            [
                group.name, "\(group.count)", text(group.gap, error: group.standardError),
                text(group.mainGap), group.extraSteps.map(String.init) ?? "-",
            ]
        }
        let header = ["subnets", "count", "gap in loss", "in \(main)", "extra steps, median"]
        TextTable(header: header, rows: rows).lines.forEach { Output.line($0) }
        Output.line("Kendall tau  \(report.tau.map { text($0.value, error: $0.standardError) } ?? "-")")
        if report.tau?.standardError == nil || report.groups.contains(where: { $0.standardError == nil }) {
            Output.line("an error (±) is told of the mean of two subnets or more, and of Kendall tau of four or more")
        }
        Output.line("weights of step \(step); gap = inherited - alone, on all validation examples")
        if main.goal == .minimize { Output.line("above 0 the subnet is worse in the supernet, in loss and in \(main)") }
    }

    private static func csv(_ records: [GapRecord], _ main: Metric) -> [UInt8] {
        let csv = CSVWriter()
        let header = [
            "genome", "params", "multiplyAdds", "seed", "steps", "standaloneLoss", main.name(behind: "standalone"),
            "weightsStep",
            "inheritedLoss", main.name(behind: "inherited"), "extraSteps", "extraLimit",
        ]
        return csv.record(header.map { .symbol($0) })
            + records.flatMap { record in
                csv.record([
                    .symbol(record.genome), .integer(record.params), .integer(record.multiplyAdds),
                    .integer(record.seed), .integer(record.steps), .number(record.standaloneLoss),
                    .number(record.standaloneMain), .integer(record.weightsStep), .number(record.inheritedLoss),
                    .number(record.inheritedMain), record.extraSteps.map { .integer($0) } ?? .empty,
                    .integer(record.extraLimit),
                ])
            }
    }

    private static func text(_ value: Double) -> String { String(format: "%+.4f", value) }

    private static func text(_ value: Double, error: Double?) -> String {
        text(value) + (error.map { String(format: " ± %.4f", $0) } ?? "")
    }
}
