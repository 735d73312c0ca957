internal import API
internal import Coordinator
internal import Datasets
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
    /// - Parameters:
    ///   - watch: Who looks on while data are read.
    ///   - workers: The worker threads of a run, for which there has to be memory before data are read.
    func inputs(
        overrides: [String], seed: Int?, data: String?, directory: String?,
        watch: ReadingWatch = .nobody, workers: (RunSpecification) -> Int
    ) throws -> RunInputs {
        let specification = try read(overrides: overrides, seed: seed, data: data, directory: directory)
        let space = try SpaceCatalog(directories: SpaceFolders.all(runFile: path))
            .space(named: specification.space, runFile: path)
        return try RunInputs(
            specification: specification, space: space, cache: try Self.cache(directory, of: specification),
            workers: workers(specification), watch: watch)
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

    /// Where a run in the foreground keeps what it makes of data.
    static func cache(_ named: String?, of specification: RunSpecification) throws(Failure) -> String {
        DataDirectory.cacheDirectory(of: try directory(named, of: specification))
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
        // Whoever continues the run, a daemon for one, does not do so from this folder.
        if specification.needsFiles {
            let named = data ?? specification.dataDirectory ?? Self.knownFolder(directory, of: specification) ?? "."
            let folder = URL(fileURLWithPath: named).standardizedFileURL.path
            changes.append(("data.directory", RunSpecification.quoted(folder)))
        }
        try specification.checkCommand(isOwner: true)
        // And starts workers where this folder is theirs.
        let here = FileManager.default.currentDirectoryPath
        for command in specification.commands {
            let folder = command.started(in: here).directory ?? here
            changes.append(("commands.\(command.name).directory", RunSpecification.quoted(folder)))
        }
        if let source = specification.supernet {
            let place = try Self.place(of: source.run, for: specification, in: directory)
            changes.append(("supernet.run", RunSpecification.quoted(place)))
        }
        if let start = specification.train?.start {
            let path = URL(fileURLWithPath: start).standardizedFileURL.path
            changes.append(("train.start", RunSpecification.quoted(path)))
        }
        return try RunSpecification.parse(yaml: text, file: name, overrides: changes)
    }

    /// The folder of the data that a run was begun with; nil where it was not begun yet, or with generated data.
    private static func knownFolder(_ directory: String?, of specification: RunSpecification) -> String? {
        guard let place = try? Self.directory(directory, of: specification) else { return nil }
        return known(in: place) { $0.name == specification.name }?.specification.dataDirectory
    }

    /// Where a supernet is found that a file names by a path, or by a run's name or id as all commands do.
    ///
    /// - Parameter directory: The data directory of the run that searches it: once begun, it needs nobody else's files.
    private static func place(
        of source: String, for specification: RunSpecification, in directory: String?
    ) throws -> String {
        let path = URL(filePath: source).standardizedFileURL.path
        if source.contains("/") { return path }
        let found = try FoundRun.all(source)
        guard found.count < 2 else { throw Failure(StoreError.ambiguousRun(source, ids: found.map(\.run.id.text))) }
        if let found = found.first { return found.path }
        if FileManager.default.fileExists(atPath: source + "/nasd.sqlite") { return path }
        if let known = searched(
            source, called: specification.name, in: try Self.directory(directory, of: specification))
        {
            return known.specification.supernet?.run ?? source
        }
        throw CoordinatorError.noSupernet(
            run: source,
            reason: "no run has that name or id; \(RunFolders.hint()); or name the path of its data directory")
    }

    /// The run of a data directory that searches a supernet which is called so, or was while it was there; otherwise the one that
    /// searches any and has a name, since what a run was called is nowhere once it is gone.
    static func searched(
        _ source: String, called name: String, in directory: String
    ) -> (specification: RunSpecification, space: SearchSpace)? {
        let own = known(in: directory) { run in
            guard let place = run.supernet?.run else { return false }
            let parts = place.split(separator: "/").map(String.init)
            let isRunFolder = parts.count > 2 && parts[parts.count - 2] == "runs"
            let names = isRunFolder ? [parts[parts.count - 3]] : parts.suffix(1)
            return names.contains(source)
                || isRunFolder && source.count >= 4 && parts[parts.count - 1].hasPrefix(source)
        }
        return own ?? known(in: directory) { $0.supernet != nil && $0.name == name }
    }

    private static func known(
        in directory: String, _ isMeant: (RunSpecification) -> Bool
    ) -> (specification: RunSpecification, space: SearchSpace)? {
        guard let reader = try? RunReader(DataDirectory(reading: directory)) else { return nil }
        return (try? reader.storedRuns(limit: 100))?.lazy.compactMap { run in
            guard let specification = try? run.specification(), let space = try? run.space() else { return nil }
            return (specification, space)
        }.first { isMeant($0.0) }
    }
}
