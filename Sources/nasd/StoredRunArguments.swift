internal import API
internal import ArgumentParser
internal import Foundation
internal import Store

/// The arguments that name a run in a data directory, to be read beside a live run or after it.
struct StoredRunArguments: ParsableArguments {
    @Argument(
        help: ArgumentHelp("An id, a unique prefix of at least 4 characters, or the name of a run.", valueName: "run"))
    var name: String
    @Option(help: "The data directory; default nasd-runs/RUN where that is one.")
    var directory: String?

    /// The run and where it is read from.
    func open() throws -> (store: RunReader, run: StoredRun) {
        let usual = RunFile.usualDirectory(name)
        let path = directory ?? (FileManager.default.fileExists(atPath: usual + "/nasd.sqlite") ? usual : ".")
        guard FileManager.default.fileExists(atPath: path + "/nasd.sqlite") else {
            throw Failure(
                code: .notFound,
                message: "error: \(path) holds no nasd.sqlite; name the data directory with --directory")
        }
        let store = try RunReader(DataDirectory(reading: path))
        return (store, try store.findRun(name))
    }
}
