internal import API
internal import ArgumentParser
internal import Datasets
internal import Foundation
internal import Runs
internal import SearchSpaces
internal import Supernets
internal import UserFiles

/// `nasd cost SPACE`: the exact costs of architectures, from their genomes alone.
struct Cost: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print every cost of architectures.",
        discussion: """
            Costs are exact and need neither data nor training. --genomes reads a CSV file whose columns are called as the \
            decisions of the space, with a list such as 3;2;4 where a decision is one of each block, or a column genome as in \
            results.csv; columns of other names are told by --columns, all others passed over. A list has an entry for each \
            block that is there, or for every block; then those past the depth are ignored. One line a row is printed, as CSV, and none of a header alone. As for \
            all data, FILE.gz is read where there is no FILE, and what is packed is unpacked.
            """)

    @Argument(help: "The name of a space, or the path of its file.", transform: PathText.checked)
    var space: String
    @Option(
        help: ArgumentHelp(
            "An architecture as in results.csv, or largest or smallest; may be given several times.", valueName: "text")
    )
    var genome: [String] = []
    @Option(help: ArgumentHelp("A CSV file of architectures.", valueName: "file"), transform: PathText.checked)
    var genomes: String?
    @Option(
        help: ArgumentHelp(
            "With --genomes the decisions that columns of other names have, such as ks=kernel,d=depth.",
            valueName: "column=decision,…"))
    var columns: String?
    @Flag(help: "With --genome also the bytes of activations that nasd itself takes for one example.")
    var arena = false

    func validate() throws {
        guard genome.isEmpty != (genomes == nil) else {
            throw ValidationError("expected --genome or --genomes, \(genomes == nil ? "found neither" : "found both")")
        }
        guard columns == nil || genomes != nil else { throw ValidationError("--columns goes with --genomes") }
    }

    func run() throws {
        try Failure.catching {
            let space = try SpaceCatalog(directories: SpaceFolders.all()).space(named: space)
            guard !space.costs.isEmpty else {
                throw Failure(
                    code: .usage,
                    message:
                        "error: the space \(space.name) is of the family \(space.familyName), whose architectures have "
                        + "no costs that are known from the genome")
            }
            if let genomes { return try table(space, genomes) }
            for text in genome {
                let one = try space.genome(named: text)
                let cost = space.cost(of: one)
                let width = max(6, cost.metrics.map(\.name.count).max() ?? 0) + 2
                func line(_ name: String, _ value: String) {
                    Output.line(name.padding(toLength: width, withPad: " ", startingAt: 0) + value)
                }
                line("genome", space.text(of: one))
                for (metric, value) in zip(cost.metrics, cost.values) { line(metric.name, String(value)) }
                if arena, space.hasSupernet {
                    let floats = space.standalone(one).arenaFloats(batch: 1, for: .evaluation)
                    line("arenaBytes", String(4 * floats))
                }
            }
        }
    }

    private func table(_ space: SearchSpace, _ file: String) throws {
        let source = RecordSource(csv: [file], join: nil, missing: []), folder = DataFolder(".")
        let names = try columnNames(in: space), header = try source.columns(in: folder)
        if let missing = names.values.filter({ !header.contains($0) }).min() {
            throw Failure(
                code: .usage,
                message: "\(file):1: there is no column '\(missing)', which --columns names; there are "
                    + header.map { "'\($0)'" }.joined(separator: ", "))
        }
        let columns = space.genomeColumns.filter { header.contains(names[$0] ?? $0) }
        guard !columns.isEmpty else {
            throw DatasetError.records(
                file: file, line: 1, .noneOf(space.genomeColumns, purpose: "a decision of the space", columns: header))
        }
        let texts = columns.map { RecordSource.Column(names[$0] ?? $0, key: "--genomes") }
        let table: RecordTable?
        do {
            table = try source.read(texts: texts, numbers: [], in: folder)
        } catch DatasetError.records(_, _, .none) {
            // The results of a run that has just begun.
            table = nil
        }
        let places = Dictionary(uniqueKeysWithValues: columns.enumerated().map { ($0.element, $0.offset) })
        // Printed as a whole or not at all.
        var lines = [(["genome"] + space.costs.map(\.name)).joined(separator: ",")]
        for (row, line) in (table?.lines ?? []).enumerated() {
            let genome: Genome
            do throws(SearchSpaceError) {
                genome = try space.genome { column in places[column].flatMap { table?.texts[$0][row] } }
            } catch {
                throw Failure(code: .usage, message: "\(file):\(line): \(error)")
            }
            let text = space.text(of: genome)
            let quoted = text.contains(",") ? "\"\(text)\"" : text
            lines.append(([quoted] + space.cost(of: genome).values.map(String.init)).joined(separator: ","))
        }
        lines.forEach { Output.line($0) }
    }

    /// The columns that `--columns` tells, by what stands in them.
    private func columnNames(in space: SearchSpace) throws(Failure) -> [String: String] {
        var names: [String: String] = [:]
        for pair in (columns ?? "").split(separator: ",", omittingEmptySubsequences: columns == nil) {
            let sides = pair.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
            guard sides.count == 2, !sides[0].isEmpty else {
                throw Failure(
                    code: .usage,
                    message: "error: --columns: expected column=decision, such as ks=kernel, found '\(pair)'")
            }
            guard space.genomeColumns.contains(sides[1]) else {
                let known = space.decisionNames.map(\.name).joined(separator: ", ")
                throw Failure(
                    code: .usage,
                    message: "error: --columns: the space has no decision '\(sides[1])'; there are \(known)")
            }
            guard names.updateValue(sides[0], forKey: sides[1]) == nil else {
                throw Failure(
                    code: .usage, message: "error: --columns: expected one column for \(sides[1]), found two")
            }
        }
        return names
    }
}
