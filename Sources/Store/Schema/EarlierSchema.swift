/// Databases of earlier versions as readers see them: the columns that came later are there, and empty.
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
        return added.sorted { $0.key < $1.key }.map { table, columns in
            "CREATE TEMP VIEW \(table) AS SELECT *, \(columns.joined(separator: ", ")) FROM main.\(table);"
        }.joined(separator: "\n")
    }
}
