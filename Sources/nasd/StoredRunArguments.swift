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
    func open() throws -> (store: RunReader, run: StoredRun) {
        let usual = RunFile.usualDirectory(name).flatMap { usual in
            FileManager.default.fileExists(atPath: usual + "/nasd.sqlite") ? usual : nil
        }
        var found: [(store: RunReader, run: StoredRun)] = []
        for place in RunFolders.all(directory ?? usual) {
            do {
                if let one = try find(in: place) { found.append(one) }
            } catch {
                // Somebody else's folder says nothing of this run.
                guard directory == nil, usual == nil else { throw error }
                Output.tell("note: \(error)")
            }
        }
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

    /// The run in one data directory; nil where that has none of the name.
    private func find(in place: String) throws -> (store: RunReader, run: StoredRun)? {
        let store = try RunReader(DataDirectory(reading: place))
        do throws(StoreError) {
            return (store, try store.findRun(name))
        } catch {
            if case .noSuchRun = error { return nil }
            throw error
        }
    }
}
