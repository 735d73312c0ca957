internal import API
internal import ArgumentParser
internal import Foundation
internal import Store

/// The arguments that name a run in a data directory, to be read beside a live run or after it.
struct StoredRunArguments: ParsableArguments {
    @Argument(
        help: ArgumentHelp("An id, a unique prefix of at least 4 characters, or the name of a run.", valueName: "run"))
    var name: String
    @Option(help: "The data directory; default nasd-runs/RUN where that is one.", transform: PathText.checked)
    var directory: String?

    /// The run and where it is read from.
    func open() throws -> FoundRun {
        let found = try FoundRun.all(name, in: directory)
        guard let first = found.first else {
            throw Failure(
                code: .notFound,
                message: "error: no run has the id, id prefix or name '\(name)'"
                    + (directory.map { " in \($0)" } ?? "")
                    + "; \(RunFolders.hint(directory)); name another data directory with --directory")
        }
        guard found.count == 1 else {
            throw Failure(StoreError.ambiguousRun(name, ids: found.map(\.run.id.text)))
        }
        return first
    }
}

/// A run of a data directory, as it is read.
struct FoundRun {
    /// The data directory.
    let place: String
    let store: RunReader
    let run: StoredRun

    /// The runs of an id, a unique prefix of one, or a name: in a data directory, or in `nasd-runs/NAME` where that is one, or
    /// else in all that there are here.
    static func all(_ name: String, in directory: String? = nil) throws -> [FoundRun] {
        let usual = RunFile.usualDirectory(name).flatMap { usual in
            FileManager.default.fileExists(atPath: usual + "/nasd.sqlite") ? usual : nil
        }
        return try RunFolders.all(directory ?? usual).compactMap { place in
            do {
                return try find(name, in: place)
            } catch {
                // Somebody else's folder says nothing of this run.
                guard directory == nil, usual == nil else { throw error }
                Output.tell("note: \(error)")
                return nil
            }
        }
    }

    /// The run in one data directory; nil where that has none of the name.
    private static func find(_ name: String, in place: String) throws -> FoundRun? {
        let store = try RunReader(DataDirectory(reading: place))
        do throws(StoreError) {
            return FoundRun(place: place, store: store, run: try store.findRun(name))
        } catch {
            if case .noSuchRun = error { return nil }
            throw error
        }
    }

    /// Where the run lies, for whoever is in another folder.
    var path: String { URL(filePath: place).standardizedFileURL.path + "/runs/\(run.id)" }
}
