internal import API
internal import ArgumentParser
internal import Coordinator
internal import Foundation
internal import SearchSpaces
internal import Store

/// `nasd export RUN`: the results of a run as CSV, beside a live run or after it.
struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Export a run's candidates as CSV.",
        discussion: "Reads only, also while the run goes on. The columns are described in Documentation/results.md.")

    @Argument(
        help: ArgumentHelp("An id, a unique prefix of at least 4 characters, or the name of a run.", valueName: "run"))
    var name: String
    @Option(help: "The data directory; default nasd-runs/RUN where that is one.")
    var directory: String?
    @Flag(help: "Only the front of the newest weights.")
    var front = false
    @Option(help: "A file to write, complete or not at all; default standard output.")
    var output: String?

    func run() throws {
        try Failure.catching {
            let usual = RunFile.usualDirectory(name)
            let path = directory ?? (FileManager.default.fileExists(atPath: usual + "/nasd.sqlite") ? usual : ".")
            guard FileManager.default.fileExists(atPath: path + "/nasd.sqlite") else {
                throw Failure(
                    code: .notFound,
                    message: "error: \(path) holds no nasd.sqlite; name the data directory with --directory")
            }
            let store = try RunReader(DataDirectory(reading: path))
            let found = try store.findRun(name)
            let settings = try RunSpecification.parse(yaml: found.draft.runYAML, file: "run \(found.id)").search
            let csv = ResultsCSV(objectives: settings.objectives, constraints: settings.constraints)
            if let output {
                try csv.write(found.id, from: store, to: output, frontOnly: front)
            } else {
                // Spooled first: no snapshot of the database waits for a slow reader.
                var bytes: [UInt8] = []
                try csv.stream(found.id, from: store, frontOnly: front) { bytes += $0 }
                FileHandle.standardOutput.write(Data(bytes))
            }
        }
    }
}
