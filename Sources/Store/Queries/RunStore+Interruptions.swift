internal import GRDB

/// How often in a row the process ended under a run that got no further.
public struct Interruption: Sendable, Hashable {
    /// Ends by a fault of the process's own, the last ones in a row.
    public let faults: Int
    /// Ends of any kind but a clean stop.
    public let ends: Int
}

extension RunStore {
    /// Counts that the process ended while a run computed, from the first of such ends since which nothing was added to the
    /// run.
    ///
    /// - Parameter fault: The fault of the process that ended it, such as SIGSEGV; nil for any other end.
    public func noteInterruption(_ run: RunID, fault: String?) throws(StoreError) -> Interruption {
        try write("noting an interruption") { db in
            let progress = try Self.progress(db, run)
            let row = try Row.fetchOne(
                db, sql: "SELECT progress, faults, ends FROM interruptions WHERE run = ?", arguments: [run.text])
            var (faults, ends) = (0, 0)
            if let row, try row.value("progress") == progress {
                (faults, ends) = (try row.value("faults"), try row.value("ends"))
            }
            faults = fault == nil ? 0 : faults + 1
            ends += 1
            try db.execute(
                sql: """
                    INSERT INTO interruptions (run, progress, faults, ends, last_fault) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (run) DO UPDATE SET progress = excluded.progress, faults = excluded.faults,
                      ends = excluded.ends, last_fault = excluded.last_fault
                    """, arguments: [run.text, progress, faults, ends, fault])
            return Interruption(faults: faults, ends: ends)
        }
    }

    /// Forgets the interruptions of a run, or of all.
    public func forgetInterruptions(_ run: RunID? = nil) throws(StoreError) {
        try write("forgetting interruptions") { db in
            try db.execute(
                sql: "DELETE FROM interruptions WHERE ? IS NULL OR run = ?", arguments: [run?.text, run?.text])
        }
    }

    /// How far a run is: its durable step, the last candidate that was measured, and the finalists that were.
    private static func progress(_ db: Database, _ run: RunID) throws -> String {
        func number(_ sql: String) throws -> Int { try Int.fetchOne(db, sql: sql, arguments: [run.text]) ?? 0 }
        let step = try Lookup.row(db, run).step
        let candidate = try number("SELECT max(candidate) FROM measurements WHERE run = ?")
        let finalists = try number("SELECT count(*) FROM measurements WHERE run = ? AND kind = 'validationAccuracy'")
        return "\(step) \(candidate) \(finalists)"
    }
}
