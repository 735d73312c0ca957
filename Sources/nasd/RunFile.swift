internal import API
internal import Coordinator
internal import Documents
internal import Foundation
internal import Runs
internal import SearchSpaces
internal import Store
internal import UserFiles

/// A run file with the changes of the command line.
struct RunFile {
    let path: String

    /// Reads the file, the space that it names, and the data; parameters as in `read`.
    ///
    /// - Parameter workers: The worker threads of a run, for which there has to be memory before data are read.
    func inputs(
        overrides: [String], seed: Int?, data: String?, directory: String?, workers: (RunSpecification) -> Int
    ) throws -> RunInputs {
        let specification = try read(overrides: overrides, seed: seed, data: data, directory: directory)
        let space = try SpaceCatalog(directories: SpaceFolders.all(runFile: path))
            .space(named: specification.space, runFile: path)
        return try RunInputs(specification: specification, space: space, workers: workers(specification))
    }

    /// The data directory of a run where none is named; nil for what is no name of a run.
    static func usualDirectory(_ name: String) -> String? { PlainName.isOne(name) ? "nasd-runs/\(name)" : nil }

    /// The data directory of a run.
    ///
    /// - Parameter named: The one that the user names, if any.
    static func directory(_ named: String?, of specification: RunSpecification) throws(Failure) -> String {
        if let named { return named }
        guard let usual = usualDirectory(specification.name) else {
            throw Failure(code: .usage, message: "error: name: expected \(PlainName.expectation)")
        }
        return usual
    }

    /// What `--set` says, each text of the form key=value.
    static func changes(_ overrides: [String]) throws(Failure) -> [(key: String, value: String)] {
        try overrides.map { override throws(Failure) in
            let parts = override.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw Failure(code: .usage, message: "error: expected --set key=value, found '\(override)'")
            }
            return (String(parts[0]), String(parts[1]))
        }
    }

    /// Reads the file.
    ///
    /// - Parameters:
    ///   - overrides: Texts of the form key=value.
    ///   - seed: The seed in place of the file's.
    ///   - data: The folder of the data in place of the file's.
    ///   - directory: The data directory of the run, which knows the folder where neither says one.
    private func read(
        overrides: [String], seed: Int?, data: String?, directory: String?
    ) throws -> RunSpecification {
        let text = try UserText.read(path)
        let name = UserText.name(of: path)
        var changes = try Self.changes(overrides)
        if let seed { changes.append(("seed", String(seed))) }
        let specification = try RunSpecification.parse(yaml: text, file: name, overrides: changes)
        guard specification.needsFiles else { return specification }
        // Whoever continues the run, a daemon for one, does not do so from this folder.
        let named = data ?? specification.dataDirectory ?? Self.knownFolder(directory, of: specification) ?? "."
        let folder = URL(fileURLWithPath: named).standardizedFileURL.path
        changes.append(("data.directory", RunSpecification.quoted(folder)))
        return try RunSpecification.parse(yaml: text, file: name, overrides: changes)
    }

    /// The folder of the data that a run was begun with; nil where it was not begun yet, or with generated data.
    private static func knownFolder(_ directory: String?, of specification: RunSpecification) -> String? {
        guard let place = try? Self.directory(directory, of: specification),
            let reader = try? RunReader(DataDirectory(reading: place)),
            let run = (try? reader.storedRuns(limit: 100))?.first(where: { $0.name == specification.name })
        else { return nil }
        return (try? run.specification())?.dataDirectory
    }
}
