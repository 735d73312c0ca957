internal import API
internal import ArgumentParser
internal import Foundation
internal import Runs
internal import SearchSpaces
internal import Store

/// `nasd list`: the runs of data directories here.
struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the runs of a data directory, or of all under nasd-runs/.",
        discussion: "Reads only, also while runs go on.")

    @Option(
        help: "The data directory; default the current folder where that is one, and each of nasd-runs/.",
        transform: PathText.checked)
    var directory: String?

    func run() throws {
        try Failure.catching {
            let found = try RunFolders.runs(directory)
            guard !found.isEmpty else {
                let place = directory ?? "the current folder and nasd-runs/"
                throw Failure(
                    code: .notFound,
                    message:
                        "error: no run in \(place); begin one with nasd run, or name a data directory with --directory"
                )
            }
            let rows = found.map { place, run in
                let steps = run.summary.map { "\(run.step)/\($0.steps)" } ?? "\(run.step)"
                return [run.id.text, run.name, run.state.rawValue, steps, place]
            }
            let table = TextTable(header: ["id", "name", "state", "step", "directory"], rows: rows)
            for line in table.lines { Output.line(line) }
        }
    }
}
