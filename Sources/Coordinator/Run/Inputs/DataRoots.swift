public import Datasets
internal import Foundation
public import Runs
internal import SearchSpaces
internal import Store

/// The folders that submitted runs may read data from.
public struct DataRoots: Sendable {
    /// The folders, the preferred first.
    public let paths: [String]
    /// Where what is made of data is kept; nil for nowhere.
    let cache: String?

    /// Takes the folders.
    public init(_ paths: [String], cache: String? = nil) {
        self.paths = paths
        self.cache = cache
    }

    /// The folder of a run's data: the first root that has it; nil for data that needs no files.
    ///
    /// - Parameter isTrusted: Whether the run was begun on this machine's command line, where a path may be anything;
    ///   otherwise only a relative one is taken.
    /// - Throws: `CoordinatorError.noDataFolder`, or `DatasetError.unreadable` when the system does not say.
    public func folder(of specification: RunSpecification, isTrusted: Bool) throws -> DataFolder? {
        guard specification.needsFiles else { return nil }
        return try folder(named: specification.dataDirectory ?? "", isTrusted: isTrusted)
    }

    func folder(named directory: String, isTrusted: Bool) throws -> DataFolder {
        func refuse(_ reason: String) -> CoordinatorError { .noDataFolder(name: directory, reason: reason) }
        if isTrusted, directory.hasPrefix("/") { return DataFolder(directory) }
        guard !paths.isEmpty else {
            throw refuse(
                "the daemon has no data roots and reads no files; start it with --set dataRoots=FOLDER, or with "
                    + "dataRoots: [FOLDER] in its configuration, and name the folder of the data relative to FOLDER")
        }
        guard !directory.isEmpty else {
            throw refuse(
                "expected a folder relative to a data root of the daemon, found nothing; name it in the run file, or "
                    + "with --set data.directory=NAME")
        }
        if directory.hasPrefix("/") {
            throw refuse(
                "expected a folder relative to a data root of the daemon, found '\(directory)'; "
                    + Self.advice(directory))
        }
        var failure: (any Error)?
        for path in paths {
            // A root that is away may come back for a stored run; a submission is told what there is now.
            if !isTrusted, !FileManager.default.fileExists(atPath: path) { continue }
            let folder = DataFolder(directory, beneath: path)
            do {
                if try folder.exists() { return folder }
            } catch {
                // The next ones may have it.
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        throw refuse(
            "none of the daemon's \(paths.count) data roots has such a folder within it, links that lead out of it apart; put "
                + "the data beneath one, or add the folder above it to dataRoots of the daemon's configuration")
    }

    /// How to name an absolute folder instead. The root of the file system is never proposed as a data root.
    private static func advice(_ directory: String) -> String {
        let parts = directory.split(separator: "/")
        guard parts.count > 1, let last = parts.last else {
            return "name the folder of the data relative to one of its dataRoots"
        }
        return "with /\(parts.dropLast().joined(separator: "/")) among its dataRoots, write \(last)"
    }

    /// Everything that a stored run needs to start, on so many workers; nil where it is asked to stop while that is read.
    ///
    /// - Parameter control: What is looked at all the while, which shows a slot's life, too.
    func inputs(of run: StoredRun, workers: Int, control: RunControl) throws -> RunInputs? {
        let specification = try run.specification()
        do {
            return try RunInputs(
                specification: specification, space: try run.space(),
                folder: try folder(of: specification, isTrusted: true), cache: cache, workers: workers,
                watch: ReadingWatch { control.isAsked })
        } catch DatasetError.stopped {
            return nil
        }
    }
}
