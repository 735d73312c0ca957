import Dispatch
internal import GRDB
import Synchronization

/// Everything that can be asked of a store without changing it.
public protocol RunQueries: Sendable {
    /// The connection that answers.
    var source: ReadSource { get }
}

/// Where queries read from: a few read-only connections, opened when they are first needed.
public final class ReadSource: Sendable {
    let path: String
    private struct State {
        var idle: [DatabaseQueue] = []
        var isClosed = false
    }
    private let state = Mutex(State())
    /// Counts the connections that are free, opened or not.
    private let free: DispatchSemaphore
    private let connections: Int

    private let version: Int

    /// - Parameter version: The schema of the file, which may be an earlier one.
    init(_ path: String, connections: Int, version: Int = .max) {
        self.path = path
        self.version = version
        self.connections = connections
        free = DispatchSemaphore(value: connections)
    }

    func read<Value>(_ doing: String, _ body: (Database) throws -> Value) throws(StoreError) -> Value {
        free.wait()
        defer { free.signal() }
        let idle: DatabaseQueue?
        do {
            idle = try state.withLock { state in
                guard !state.isClosed else {
                    throw StoreError.invalid(
                        what: "the database is closed", place: path, remedy: "open it again")
                }
                return state.idle.popLast()
            }
            let queue = try idle ?? Connections.reader(path, version: version)
            defer { giveBack(queue) }
            return try queue.read { db in try body(db) }
        } catch {
            throw StoreError(error, doing: doing, path: path)
        }
    }

    /// Closes every connection, once those at work have come back.
    func close() throws {
        for _ in 0..<connections { free.wait() }
        defer { for _ in 0..<connections { free.signal() } }
        let all = state.withLock { state in
            state.isClosed = true
            defer { state.idle = [] }
            return state.idle
        }
        for queue in all { try queue.close() }
    }

    private func giveBack(_ queue: DatabaseQueue) {
        state.withLock { $0.idle.append(queue) }
    }
}

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
