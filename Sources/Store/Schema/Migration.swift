internal import GRDB
import Synchronization

/// One frozen step of the schema: plain SQL that knows no type of the program.
struct Migration: Sendable {
    /// The schema version after it.
    let version: Int
    /// The statements.
    let sql: String

    /// Every step, oldest first.
    static let all = [
        Migration(version: 1, sql: SchemaV1.sql), Migration(version: 2, sql: SchemaV2.sql),
        Migration(version: 3, sql: SchemaV3.sql), Migration(version: 4, sql: SchemaV4.sql),
        Migration(version: 5, sql: SchemaV5.sql), Migration(version: 6, sql: SchemaV6.sql),
        Migration(version: 7, sql: SchemaV7.sql),
    ]

    /// Written into the file's header, so that a foreign file is recognised: "nasd" in ASCII.
    static let applicationID = 0x6e61_7364
}

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

/// Databases of earlier versions as readers see them: the columns and tables that came later are there, and empty.
///
/// A reader changes nothing, so it cannot upgrade; views of its own connection stand before the tables.
enum EarlierSchema {
    /// What a connection that reads a database of a version executes first.
    static func views(version: Int) -> String {
        var added: [String: [String]] = [:]
        if version < 2 {
            added["runs", default: []].append("0 AS priority")
            added["measurements", default: []].append("NULL AS time")
        }
        if version < 3 {
            added["runs", default: []] += ["NULL AS summary", "NULL AS digest", "NULL AS results_digest"]
            for table in ["candidates", "measurements", "rounds", "sampler_statistics"] {
                added[table, default: []].append("NULL AS digest")
            }
        }
        if version < 5 { added["runs", default: []].append("NULL AS metrics") }
        var views = added.sorted { $0.key < $1.key }.map { table, columns in
            "CREATE TEMP VIEW \(table) AS SELECT *, \(columns.joined(separator: ", ")) FROM main.\(table);"
        }
        if version < 4 {
            let columns = "run, \(TrainingRecord.columns)".split(separator: ", ").map { "NULL AS \($0)" }
            views.append(
                "CREATE TEMP VIEW training_records AS SELECT \(columns.joined(separator: ", ")) WHERE 0;")
        }
        if version < 5 {
            let columns = Cost.columns.split(separator: ", ").map { "NULL AS \($0)" }
            views.append("CREATE TEMP VIEW costs AS SELECT NULL AS run, \(columns.joined(separator: ", ")) WHERE 0;")
        }
        if version < 6 {
            for (table, columns) in [
                ("reasons", "run, candidate, generation, parents, aim, repaired, digest"),
                ("predictions", "run, candidate, metric, mean, spread, digest"),
                ("evaluations", "run, \(CandidateEvaluation.columns)"),
            ] {
                let absent = columns.split(separator: ", ").map { "NULL AS \($0)" }.joined(separator: ", ")
                views.append("CREATE TEMP VIEW \(table) AS SELECT \(absent) WHERE 0;")
            }
        }
        if version < 7 {
            views.append("CREATE TEMP VIEW answers AS SELECT NULL AS run, NULL AS question, NULL AS answer WHERE 0;")
        }
        return views.joined(separator: "\n")
    }
}
