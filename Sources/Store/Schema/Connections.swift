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
    static func reader(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON")
        }
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// The schema version of a file; 0 for an empty database.
    ///
    /// - Throws: ``StoreError`` for a foreign, newer or damaged file, which is not changed.
    static func version(of path: String, supported: Int) throws -> Int {
        let probe = try reader(path)
        defer { try? probe.close() }
        let (application, version, objects) = try probe.read { db in
            (
                try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0,
                try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0,
                try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
            )
        }
        if application == 0 && version == 0 && objects == 0 { return 0 }
        guard application == Migration.applicationID else {
            throw StoreError.foreignFile(path: path, detail: "its application id is \(application)")
        }
        guard version <= supported else {
            throw StoreError.newerSchema(path: path, found: version, supported: supported)
        }
        return version
    }
}
