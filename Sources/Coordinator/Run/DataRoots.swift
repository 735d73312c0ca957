public import Datasets
public import SearchSpaces
internal import Store

/// The folders that submitted runs may read data from.
public struct DataRoots: Sendable {
    /// The folders, the preferred first.
    public let paths: [String]

    /// Takes the folders.
    public init(_ paths: [String]) { self.paths = paths }

    /// The folder of a run's data: the first root that has it; nil for data that needs no files.
    ///
    /// - Parameter isTrusted: Whether the run was begun on this machine's command line, where a path may be anything;
    ///   otherwise only a relative one is taken.
    /// - Throws: `CoordinatorError.noDataFolder`, or `DatasetError.unreadable` when the system does not say.
    public func folder(of data: DataSettings, isTrusted: Bool) throws -> DataFolder? {
        if case .generated = data.source { return nil }
        guard let directory = data.directory else {
            throw CoordinatorError.noDataFolder(
                name: "", reason: "expected a folder under one of the daemon's data roots, found nothing")
        }
        if isTrusted, directory.hasPrefix("/") { return DataFolder(directory) }
        for path in paths {
            let folder = DataFolder(directory, beneath: path)
            if try folder.exists() { return folder }
        }
        let reason =
            paths.isEmpty
            ? "the daemon has no data roots; name some in dataRoots of its configuration"
            : "none of the daemon's \(paths.count) data roots has such a folder within it"
        throw CoordinatorError.noDataFolder(name: directory, reason: reason)
    }

    /// Everything that a stored run needs to start, on so many workers.
    func inputs(of run: StoredRun, workers: Int) throws -> RunInputs {
        let specification = try run.specification()
        return try RunInputs(
            specification: specification, space: try run.space(),
            folder: try folder(of: specification.data, isTrusted: true), workers: workers)
    }
}
