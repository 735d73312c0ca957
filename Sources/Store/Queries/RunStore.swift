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
    /// Whether the last owner ended without closing the database.
    public let wasLeftOpen: Bool
    /// The connections that answer what is answered at once.
    public let source: ReadSource
    /// The same results for those who read all of them: on connections of their own, so that nobody waits for them.
    public let bulk: BulkReader

    let writer: DatabaseQueue
    private let observer = Mutex<Observer?>(nil)
    private let writes = Atomic<Int>(0)
    private let queueChanges = Atomic<Int>(0)
    private let failure = Mutex<String?>(nil)
    /// The folder and the database, watched for going away.
    private let presences: [FilePresence]

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
            wasLeftOpen = opening.wasLeftOpen
            notices = opening.notices + (try Self.lostRuns(directory, opening.writer))
            source = ReadSource(directory.databasePath, connections: 4)
            bulk = BulkReader(source: ReadSource(directory.databasePath, connections: 16))
            if migrations.last?.version == Migration.all.last?.version {
                try writer.write { db in try Self.summarize(db) }
            }
            presences = [try FilePresence(directory.path), try FilePresence(directory.databasePath)]
        } catch {
            throw StoreError(error, doing: "open", path: directory.databasePath)
        }
        self.directory = directory
    }

    /// Tells of folders with checkpoints of runs that the database does not know: a database that lost its end, or an older
    /// one that was put back.
    private static func lostRuns(_ directory: DataDirectory, _ writer: DatabaseQueue) throws -> [String] {
        let folders = try DataDirectory.runs(in: directory.path)
        guard !folders.isEmpty else { return [] }
        let known = try writer.read { db in Set(try String.fetchAll(db, sql: "SELECT id FROM runs")) }
        return folders.filter { run in
            // Marked as deleted by an earlier version: about to be removed.
            guard !known.contains(run.text), access(directory.deletionMark(run), F_OK) != 0 else { return false }
            let files = try? FileManager.default.contentsOfDirectory(atPath: directory.checkpointDirectory(run))
            return files?.contains { $0.hasPrefix("step-") } ?? false
        }.map {
            "\(directory.runDirectory($0)) has checkpoints of a run that the database does not know: it lost its end, or an "
                + "older one was put back; the folder is left as it is"
        }.sorted()
    }

    /// Fills the summaries of runs that an earlier version wrote; a run whose document cannot be read gets an empty one.
    private static func summarize(_ db: Database) throws {
        for row in try Row.fetchAll(db, sql: "SELECT id, run_yaml FROM runs WHERE summary IS NULL") {
            let id: String = try row.value("id"), yaml: String = try row.value("run_yaml")
            try db.execute(
                sql: "UPDATE runs SET summary = ? WHERE id = ?", arguments: [summary(of: yaml), id])
        }
    }

    /// Closes the database cleanly; without it, the next opening checks the file first.
    public func close() throws(StoreError) {
        do {
            try source.close()
            try bulk.source.close()
            try writer.close()
        } catch {
            throw StoreError(error, doing: "close", path: directory.databasePath)
        }
        unlink(directory.markerPath)
    }

    /// Copies the database into a file of its own, complete or not at all.
    public func backUp(to path: String) throws(StoreError) {
        do {
            let reader = try Connections.reader(directory.databasePath)
            defer { try? reader.close() }
            try Opening.backUp(reader, to: path)
        } catch {
            throw StoreError(error, doing: "backup", path: path)
        }
    }

    /// Has a function called after every committed write, on the writing thread; it must be quick.
    public func observe(_ body: (@Sendable () -> Void)?) { observer.withLock { $0 = body.map(Observer.init) } }

    /// How many writes were committed since the opening: what was read at one count holds until the next.
    public var writeCount: Int { writes.load(ordering: .acquiring) }

    /// How many writes may have changed who waits in the queue, or in which order.
    public var queueChangeCount: Int { queueChanges.load(ordering: .acquiring) }

    /// Why writes fail at present by no fault of their own: the data is gone, or the last write found a full disk; nil once
    /// one went well again.
    public var outage: String? { loss?.what ?? failure.withLock { $0 } }

    /// What became of the folder or the database under this process; nil while both are there.
    public var loss: StoreError? {
        presences.contains(where: \.isLost) ? .gone(path: directory.path) : nil
    }

    /// Writes what changes nothing, to see whether writes go well.
    ///
    /// - Throws: ``StoreError`` as any other write.
    public func probe() throws(StoreError) {
        try write("looking whether the database can be written") { db in
            try db.execute(sql: "PRAGMA user_version = \(Migration.all.last?.version ?? 0)")
        }
    }

    func write<Value>(
        _ doing: String, changesQueue: Bool = false, _ body: (Database) throws -> Value
    ) throws(StoreError) -> Value {
        let value: Value
        do {
            value = try writer.write { db in
                let value = try body(db)
                // Before the commit: what is refused must not be found later, should the folder be put back.
                if let loss { throw loss }
                return value
            }
            // And afterwards, so that nothing is acknowledged that nobody will find.
            if let loss { throw loss }
        } catch {
            let error = StoreError(error, doing: doing, path: directory.databasePath)
            if error.isTransient { failure.withLock { $0 = error.what } }
            throw error
        }
        failure.withLock { $0 = nil }
        if changesQueue { queueChanges.add(1, ordering: .releasing) }
        writes.add(1, ordering: .releasing)
        observer.withLock { $0 }?.body()
        return value
    }
}

/// The queries of a store on connections of their own, for long reading.
public struct BulkReader: RunQueries {
    /// The connections that answer.
    public let source: ReadSource
}
