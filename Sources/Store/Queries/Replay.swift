internal import GRDB

/// A row that is inserted once; repeating it is harmless, and differing is an error.
enum Replay {
    /// Inserts the row unless one with the same key is there, which must then be equal in every column.
    ///
    /// - Parameter circumstances: Columns that a repetition may differ in, such as a time; the first ones stay.
    /// - Returns: Whether a row was inserted.
    static func insert(
        _ db: Database, table: String, key: [(String, DatabaseValue)], columns: [(String, DatabaseValue)],
        circumstances: [(String, DatabaseValue)] = []
    ) throws -> Bool {
        if try isStored(db, table: table, key: key, columns: columns) { return false }
        let all = key + columns + circumstances
        let marks = Array(repeating: "?", count: all.count).joined(separator: ",")
        let statement = try db.cachedStatement(
            sql: "INSERT INTO \(table) (\(all.map(\.0).joined(separator: ","))) VALUES (\(marks))")
        try statement.execute(arguments: StatementArguments(all.map(\.1)))
        return true
    }

    /// Whether a row with a key is there; it is equal in every column, or an error.
    static func isStored(
        _ db: Database, table: String, key: [(String, DatabaseValue)], columns: [(String, DatabaseValue)]
    ) throws -> Bool {
        let condition = key.map { "\($0.0) = ?" }.joined(separator: " AND ")
        let stored = try Row.fetchOne(
            db, cachedStatement: "SELECT * FROM \(table) WHERE \(condition)", key.map(\.1))
        guard let stored else { return false }
        for (column, given) in columns {
            let old: DatabaseValue = try stored.value(column)
            guard old != given else { continue }
            throw StoreError.conflictingReplay(
                table: table, row: key.map { "\($0.1.text)" }.joined(separator: "/"), column: column,
                stored: old.text, given: given.text)
        }
        return true
    }
}

extension Row {
    /// The first row of a statement that is prepared once per connection.
    static func fetchOne(
        _ db: Database, cachedStatement sql: String, _ arguments: [DatabaseValue]
    ) throws -> Row? {
        try Row.fetchOne(db.cachedStatement(sql: sql), arguments: StatementArguments(arguments))
    }
}

extension DatabaseValue {
    /// The value for an error message.
    var text: String {
        switch storage {
        case .null: "nothing"
        case .int64(let value): "\(value)"
        case .double(let value): "\(value)"
        case .string(let value): value.count > 200 ? "\(value.prefix(200))…" : value
        case .blob(let value): value.prefix(64).map { String($0) }.joined(separator: ",")
        }
    }
}
