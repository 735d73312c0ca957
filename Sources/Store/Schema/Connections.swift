import Foundation
internal import GRDB

/// How connections are opened: the one that writes, and those that only read.
enum Connections {
    /// The writing connection, with its pragmas set.
    static func writer(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.foreignKeysEnabled = true
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { db in
            // After opening: GRDB's own WAL set-up lowers `synchronous`.
            try db.execute(
                sql: """
                    PRAGMA journal_mode = WAL;
                    PRAGMA synchronous = FULL;
                    PRAGMA trusted_schema = OFF;
                    PRAGMA cell_size_check = ON;
                    PRAGMA recursive_triggers = ON;
                    PRAGMA journal_size_limit = 67108864;
                    """)
        }
        return queue
    }

    /// A connection that cannot write.
    ///
    /// Where the folder cannot be written either, SQLite cannot share the file with a writer: it is then read as one that
    /// does not change, while a lock keeps owners out.
    /// - Parameter version: The schema of the file, which may be an earlier one.
    /// - Throws: ``StoreError/unreadableLog(path:)`` where there is a log in such a folder.
    static func reader(_ path: String, version: Int = .max) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        let quiet = try QuietFolder(ofDatabase: path)
        configuration.prepareDatabase { db in
            // The connection holds its configuration, and so the lock.
            defer { withExtendedLifetime(quiet) {} }
            try db.execute(sql: "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON")
            let views = EarlierSchema.views(version: version)
            if !views.isEmpty { try db.execute(sql: views) }
        }
        return try DatabaseQueue(path: quiet?.address ?? path, configuration: configuration)
    }

    /// The schema version of a file; 0 for an empty database.
    ///
    /// - Throws: ``StoreError`` for a foreign, newer or damaged file, which is not changed.
    static func version(of path: String, migrations: [Migration]) throws -> Int {
        let supported = migrations.last?.version ?? 0
        // Before there is a connection: closing any descriptor of the file takes its locks away.
        let lacksLog = lacksLog(path)
        let probe = try reader(path)
        defer { try? probe.close() }
        return try probe.read { db in
            let application = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
            let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
            let objects = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
            if application == 0 && version == 0 && objects == 0 {
                // Runs that it knows nothing of: what it knew was in the log.
                let runs = lacksLog ? try? DataDirectory.runs(in: AtomicFile.folder(of: path)) : nil
                guard runs?.isEmpty ?? true else { throw StoreError.copyWithoutLog(path: path) }
                return 0
            }
            guard application == Migration.applicationID else {
                throw StoreError.foreignFile(path: path, detail: "its application id is \(application)")
            }
            guard version <= supported else {
                throw StoreError.newerSchema(path: path, found: version, supported: supported)
            }
            try SchemaCheck.check(db, path: path, version: version, migrations: migrations)
            return version
        }
    }

    /// Whether a database once had a log, and there is nothing in it now.
    private static func lacksLog(_ path: String) -> Bool {
        guard let header = header(of: path), header.count == 100, header[18] == 2 else { return false }
        // A reader leaves an empty one.
        var log = stat()
        return stat(path + "-wal", &log) != 0 || log.st_size == 0
    }

    /// Takes back what a killed process had begun to change before the database was one with a write-ahead log; no reader
    /// may.
    ///
    /// Only in a file that is empty, or says in its header that it is ours or nobody's.
    static func rollBack(_ path: String) throws {
        guard access(path + "-journal", F_OK) == 0, isOurs(path) else { return }
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        _ = try queue.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") }
    }

    /// Reads the application id from the file's header, without opening it as a database.
    private static func isOurs(_ path: String) -> Bool {
        guard let header = header(of: path) else { return false }
        // Empty, or its first page not yet written while later ones were.
        if header.isEmpty || (header.count == 100 && header.allSatisfy { $0 == 0 }) { return true }
        guard header.count == 100, header.starts(with: "SQLite format 3\0".utf8) else { return false }
        // Big-endian at byte 68 (SQLite's file format, section 1.3).
        let application = header[68..<72].reduce(0) { $0 << 8 | Int($1) }
        return application == 0 || application == Migration.applicationID
    }

    /// The first 100 bytes of a file, or all there are; nil when it cannot be read.
    private static func header(of path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var header = [UInt8](repeating: 0, count: 100)
        let count = read(descriptor, &header, header.count)
        return count < 0 ? nil : Array(header[..<count])
    }
}
