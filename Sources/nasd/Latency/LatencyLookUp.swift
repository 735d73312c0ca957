internal import API
internal import ArgumentParser
internal import Coordinator
internal import Foundation
internal import Runs
internal import SearchSpaces
internal import Store
internal import UserFiles

/// `nasd latency lookup FILE`: the latency of architectures as a run knows it.
struct LatencyLookUp: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lookup", abstract: "Print what a run file predicts or looks up as the latency of architectures.",
        discussion: """
            Reads the section latency of the file and prints CSV: genome, milliseconds and, where it is predicted, the ends of \
            the interval. An architecture that a table has no entry of has an empty field.
            """)

    @Argument(help: "A run file with latency: {kind: predicted | table, …}.", transform: PathText.checked)
    var file: String
    @Option(help: "An architecture as in results.csv, or largest or smallest; may be given several times.")
    var genome: [String] = []
    @Option(help: "A file with a genome in each line.", transform: PathText.checked)
    var subnets: String?
    @Option(
        help: "The folder of the files; default data.directory of the run file, or the current folder.",
        transform: PathText.checked)
    var data: String?

    func validate() throws {
        guard genome.isEmpty != (subnets == nil) else {
            throw ValidationError("expected --genome or --subnets, \(subnets == nil ? "found neither" : "found both")")
        }
    }

    func run() throws {
        try Failure.catching {
            let run = try RunSpecification.parse(yaml: try UserText.read(file), file: UserText.name(of: file))
            let space = try SpaceCatalog(directories: SpaceFolders.all(runFile: file))
                .space(named: run.space, runFile: file)
            let genomes =
                try subnets.map { try GenomeList.read($0, genome: space.genome(named:)) }
                ?? genome.map(space.genome(named:))
            let lookup = try LatencyLookup(run, in: space, directory: data)
            Output.tell(lookup.remark)
            let csv = CSVWriter()
            func line(_ fields: [CSVField]) {
                Output.line(String(decoding: csv.record(fields).dropLast(2), as: UTF8.self))
            }
            line(["genome", "milliseconds", "low", "high"].map { .symbol($0) })
            for genome in genomes {
                let interval = lookup.interval(of: genome)
                line([
                    .symbol(space.text(of: genome)), lookup.milliseconds(of: genome).map { .number($0) } ?? .empty,
                    interval.map { .number($0.lowerBound) } ?? .empty,
                    interval.map { .number($0.upperBound) } ?? .empty,
                ])
            }
        }
    }
}
