internal import GRDB

/// A read-only handle on a data directory, beside a live owner or without one.
public struct RunReader: RunQueries {
    /// The connection that answers.
    public let source: ReadSource
    /// The data directory.
    public let directory: DataDirectory

    /// Opens the database for reading and never writes; takes no lock, but for one that readers share where the folder cannot be
    /// written (``QuietFolder``).
    public init(_ directory: DataDirectory) throws(StoreError) {
        self.directory = directory
        let path = directory.databasePath
        do {
            let version = try Connections.version(of: path, migrations: Migration.all)
            guard version > 0 else {
                throw StoreError.invalid(
                    what: "the database is empty", place: path, remedy: "start the daemon or the run on it once")
            }
            source = ReadSource(path, connections: 1, version: version)
        } catch {
            throw StoreError(error, doing: "open", path: path)
        }
    }
}
