internal import GRDB

/// Adds events with gap-free numbers.
enum Journal {
    /// Adds an event, and in the same transaction a message for every endpoint that wants it.
    ///
    /// Progress that no endpoint has been sent yet is rewritten in place rather than added, its number kept.
    static func append(
        _ db: Database, run: RunID?, _ event: EventDraft, time: Timestamp, announcing: Bool = true
    ) throws -> Event {
        guard event.type.isOfDaemon == (run == nil) else {
            throw StoreError.invalid(
                what: "an event '\(event.type.rawValue)' does not belong there", place: run?.text ?? "daemon",
                remedy: "run events go to a run, daemon events to the daemon")
        }
        let name = try run.flatMap { try Lookup.name(db, $0) }
        let table = run == nil ? "daemon_events" : "events"
        let scope: [DatabaseValue] = run.map { [$0.text.databaseValue] } ?? []
        let condition = run == nil ? "" : "run = ? AND "
        if let key = event.key,
            let row = try Row.fetchOne(
                db, cachedStatement: "SELECT * FROM \(table) WHERE \(condition)key = ?",
                scope + [key.databaseValue])
        {
            let stored = try Event(row, run: run, name: name)
            let pairs = [
                ("type", stored.content.type.rawValue, event.type.rawValue), ("data", stored.content.data, event.data),
            ]
            for (column, old, new) in pairs where old != new {
                throw StoreError.conflictingReplay(
                    table: table, row: "\(run?.text ?? "daemon")/\(key)", column: column, stored: old, given: new)
            }
            return stored
        }
        let last = try Row.fetchOne(
            db, cachedStatement: "SELECT max(seq) AS last FROM \(table)\(run == nil ? "" : " WHERE run = ?")", scope)
        let newest: Int? = try last?.value("last")
        let (sequence, isOver) = (newest ?? 0).addingReportingOverflow(1)
        if isOver { throw StoreError.corrupt(path: table, detail: "the numbers of events have come to an end") }
        if let run, event.type == .runProgress,
            let rewritten = try rewrite(db, run: run, name: name, sequence: sequence - 1, event, time: time)
        {
            return rewritten
        }
        let columns = (run == nil ? "" : "run, ") + "seq, type, time, data, key"
        let marks = (run == nil ? "" : "?, ") + "?, ?, ?, ?, ?"
        try db.execute(
            sql: "INSERT INTO \(table) (\(columns)) VALUES (\(marks))",
            arguments: StatementArguments(
                scope + [
                    sequence.databaseValue, event.type.rawValue.databaseValue, time.milliseconds.databaseValue,
                    event.data.databaseValue, event.key?.databaseValue ?? .null,
                ]))
        let added = Event(run: run, name: name, sequence: sequence, time: time, content: event)
        if announcing { try Outbox.add(db, added) }
        return added
    }

    private static func rewrite(
        _ db: Database, run: RunID, name: String?, sequence: Int, _ event: EventDraft, time: Timestamp
    ) throws -> Event? {
        let type = try String.fetchOne(
            db, sql: "SELECT type FROM events WHERE run = ? AND seq = ?", arguments: [run.text, sequence])
        let rewritten = Event(run: run, name: name, sequence: sequence, time: time, content: event)
        guard type == EventType.runProgress.rawValue, try Outbox.rewrite(db, rewritten) else { return nil }
        try db.execute(
            sql: "UPDATE events SET data = ?, time = ?, key = ? WHERE run = ? AND seq = ?",
            arguments: [event.data, time.milliseconds, event.key, run.text, sequence])
        return rewritten
    }
}
