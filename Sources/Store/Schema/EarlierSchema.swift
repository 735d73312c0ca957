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
        return views.joined(separator: "\n")
    }
}
