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
                let steps = run.summary.map { $0.steps > 0 ? "\(run.step)/\($0.steps)" : "-" } ?? "\(run.step)"
                return [run.id.text, run.name, run.state.rawValue, steps, place]
            }
            let table = TextTable(header: ["id", "name", "state", "step", "directory"], rows: rows)
            for line in table.lines { Output.line(line) }
        }
    }
}

/// The data directories that commands look in where none is named.
enum RunFolders {
    /// Runs that are listed of each.
    private static let most = 100

    /// The directories: the one that is named, or the current folder and those of `nasd-runs/`.
    static func all(_ named: String? = nil) -> [String] {
        if let named { return [named] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "nasd-runs")) ?? []
        return (["."] + names.sorted().map { "nasd-runs/\($0)" }).filter {
            FileManager.default.fileExists(atPath: $0 + "/nasd.sqlite")
        }
    }

    /// Their runs, the newest of each first; a directory that cannot be read is passed over, unless it was named.
    ///
    /// - Parameter tells: Whether those that are passed over are told of.
    static func runs(_ named: String? = nil, tells: Bool = true) throws -> [(place: String, run: RunRow)] {
        try all(named).flatMap { place -> [(String, RunRow)] in
            do {
                return try RunReader(DataDirectory(reading: place)).runs(limit: most).map { (place, $0) }
            } catch  where named == nil {
                if tells { Output.tell("note: \(error)") }
                return []
            }
        }
    }

    /// The runs in a sentence, for whoever named another.
    static func hint(_ named: String? = nil) -> String {
        let found = ((try? runs(named, tells: false)) ?? []).prefix(20).map {
            "\($0.run.name) (\($0.run.id) in \($0.place))"
        }
        return found.isEmpty ? "there are none here" : "there are \(found.joined(separator: ", "))"
    }
}
