import Foundation
internal import GRDB
import Synchronization

/// The results of every run in a data directory: one writing connection, one that reads.
///
/// Every write is one transaction. Repeating a write after a crash changes nothing, and fails with
/// ``StoreError/conflictingReplay(table:row:column:stored:given:)`` when it differs from what is stored.
public final class RunStore: RunQueries {
    /// The folder.
    public let directory: DataDirectory
    /// What a user should be told about the opening: an upgrade, or a damaged file set aside.
    public let notices: [String]
    /// The connection that answers queries.
    public let source: ReadSource

    let writer: DatabaseQueue
    private let observer = Mutex<Observer?>(nil)
    private let writes = Atomic<Int>(0)

    /// A function in a type of its own: as the mutex's value it would be wrapped once more each time that it is read, and
    /// end in a stack overflow.
    private struct Observer {
        let body: @Sendable () -> Void
    }

    /// Opens the database of an owned folder, creating or upgrading it where needed.
    public convenience init(_ directory: DataDirectory) throws(StoreError) {
        try self.init(directory, migrations: Migration.all)
    }

    init(_ directory: DataDirectory, migrations: [Migration]) throws(StoreError) {
        guard directory.isOwned else {
            throw .invalid(
                what: "the folder is open for reading only", place: directory.path, remedy: "open it as its owner")
        }
        do {
            let opening = try Opening(directory, migrations: migrations)
            AtomicFile.removeLeftovers(in: directory.path)
            writer = opening.writer
            notices = opening.notices
            source = ReadSource(
                queue: try Connections.reader(directory.databasePath), path: directory.databasePath)
        } catch {
            throw StoreError(error, doing: "open", path: directory.databasePath)
        }
        self.directory = directory
    }

    /// Closes the database cleanly; without it, the next opening checks the file first.
    public func close() throws(StoreError) {
        do {
            try source.queue.close()
            try writer.close()
        } catch {
            throw StoreError(error, doing: "close", path: directory.databasePath)
        }
        unlink(directory.markerPath)
    }

    /// Copies the database into a file of its own, complete or not at all.
    public func backUp(to path: String) throws(StoreError) {
        do {
            try Opening.backUp(source.queue, to: path)
        } catch {
            throw StoreError(error, doing: "backup", path: path)
        }
    }

    /// Has a function called after every committed write, on the writing thread; it must be quick.
    public func observe(_ body: (@Sendable () -> Void)?) { observer.withLock { $0 = body.map(Observer.init) } }

    /// How many writes were committed since the opening: what was read at one count holds until the next.
    public var writeCount: Int { writes.load(ordering: .acquiring) }

    func write<Value>(_ doing: String, _ body: (Database) throws -> Value) throws(StoreError) -> Value {
        let value: Value
        do {
            value = try writer.write { db in try body(db) }
        } catch {
            throw StoreError(error, doing: doing, path: directory.databasePath)
        }
        writes.add(1, ordering: .releasing)
        observer.withLock { $0 }?.body()
        return value
    }
}
