internal import GRDB
import Synchronization

/// Holds the definitions of a file against those that its version has.
///
/// A damaged name of a column is still a definition, and would only be noticed where the column is asked for.
enum SchemaCheck {
    private static let known = Mutex<[String: [String: String]]>([:])

    /// Checks the definitions of a database of a version.
    ///
    /// - Throws: ``StoreError/corrupt(path:detail:)``.
    static func check(_ db: Database, path: String, version: Int, migrations: [Migration]) throws {
        let expected = try definitions(version: version, migrations: migrations)
        let found = try definitions(db)
        for (name, sql) in expected where found[name] != sql {
            throw StoreError.corrupt(path: path, detail: "the definition of \(name) is not that of schema \(version)")
        }
    }

    /// The definitions of a version, by name.
    private static func definitions(version: Int, migrations: [Migration]) throws -> [String: String] {
        let steps = migrations.filter { $0.version <= version }
        let key = steps.map(\.sql).joined()
        if let kept = known.withLock({ $0[key] }) { return kept }
        let queue = try DatabaseQueue()
        let made = try queue.write { db in
            for step in steps { try db.execute(sql: step.sql) }
            return try definitions(db)
        }
        known.withLock { $0[key] = made }
        return made
    }

    private static func definitions(_ db: Database) throws -> [String: String] {
        var found: [String: String] = [:]
        for row in try Row.fetchAll(db, sql: "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL") {
            found[try row.value("name")] = try row.value("sql")
        }
        return found
    }
}
