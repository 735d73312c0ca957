internal import GRDB

extension RunQueries {
    /// The run with an id.
    public func run(_ id: RunID) throws(StoreError) -> StoredRun {
        try source.read("reading a run") { db in try Lookup.run(db, id) }
    }

    /// Whether there is a run with an id.
    public func hasRun(_ id: RunID) throws(StoreError) -> Bool {
        try source.read("looking for a run") { db in
            try Row.fetchOne(db, sql: Lookup.byID, arguments: [id.text]) != nil
        }
    }

    /// The run that a text means: an id, a unique prefix of at least 4 characters, or a name that one run has.
    public func findRun(_ text: String) throws(StoreError) -> StoredRun {
        try source.read("finding a run") { db in
            if let id = RunID(text), let row = try Row.fetchOne(db, sql: Lookup.byID, arguments: [id.text]) {
                return try StoredRun(row)
            }
            var found: [String] = try String.fetchAll(
                db, sql: "SELECT id FROM runs WHERE name = ? ORDER BY id LIMIT 20", arguments: [text])
            if text.count >= 4 && RunID.isPrefix(text) {
                found += try String.fetchAll(
                    db, sql: "SELECT id FROM runs WHERE id >= ? AND id < ? ORDER BY id LIMIT 20",
                    arguments: [text, text + "~"])
            }
            let ids = Set(found).sorted()
            guard let first = ids.first else { throw StoreError.noSuchRun(text) }
            guard ids.count == 1 else { throw StoreError.ambiguousRun(text, ids: ids) }
            return try Lookup.run(db, RunID(stored: first))
        }
    }

    /// Runs, newest first, after a place in that order.
    public func runs(after last: RunCursor? = nil, limit: Int = 100) throws(StoreError) -> [StoredRun] {
        try source.read("listing runs") { db in
            let rows: [Row]
            if let last {
                rows = try Row.fetchAll(
                    db, sql: Lookup.runsAfter,
                    arguments: [last.created.milliseconds, last.id, limit])
            } else {
                rows = try Row.fetchAll(
                    db, sql: "SELECT * FROM runs ORDER BY created DESC, id DESC LIMIT ?", arguments: [limit])
            }
            return try rows.map(StoredRun.init)
        }
    }

    /// Runs in a state, the last changed first.
    public func runs(in state: RunState, limit: Int = 100) throws(StoreError) -> [StoredRun] {
        try source.read("listing runs") { db in
            try Row.fetchAll(db, sql: Lookup.byState, arguments: [state.rawValue, limit]).map(StoredRun.init)
        }
    }

    /// How many runs are in each state.
    public func runCounts() throws(StoreError) -> [RunState: Int] {
        try source.read("counting runs") { db in
            var counts: [RunState: Int] = [:]
            for row in try Row.fetchAll(db, sql: "SELECT state, count(*) AS count FROM runs GROUP BY state") {
                if let state = RunState(rawValue: row["state"]) { counts[state] = row["count"] }
            }
            return counts
        }
    }

    /// Every live or paused run and the `ended` last ended ones, with their counts.
    public func status(ended: Int = 20) throws(StoreError) -> [RunStatus] {
        try source.read("reading the status") { db in
            var live: [StoredRun] = []
            var over: [StoredRun] = []
            for state in RunState.allCases {
                let limit = state.isEnded ? ended : -1
                let rows = try Row.fetchAll(db, sql: Lookup.byState, arguments: [state.rawValue, limit])
                if state.isEnded { over += try rows.map(StoredRun.init) } else { live += try rows.map(StoredRun.init) }
            }
            over.sort { ($0.updated, $0.id.text) > ($1.updated, $1.id.text) }
            live.sort { ($0.created, $0.id.text) < ($1.created, $1.id.text) }
            return try (live + over.prefix(ended)).map { try Lookup.status(db, $0) }
        }
    }

    /// One run with its counts.
    public func status(of id: RunID) throws(StoreError) -> RunStatus {
        try source.read("reading the status") { db in try Lookup.status(db, Lookup.run(db, id)) }
    }

    /// Runs that wait for their turn, the next one first.
    public func queue(limit: Int = 1000) throws(StoreError) -> [StoredRun] {
        try source.read("reading the queue") { db in
            try Row.fetchAll(db, sql: Lookup.queue, arguments: [RunState.queued.rawValue, limit]).map(StoredRun.init)
        }
    }

    /// Runs that were computing when the process ended, the most urgent first.
    public func interrupted() throws(StoreError) -> [StoredRun] {
        try source.read("reading interrupted runs") { db in
            var found: [StoredRun] = []
            for state in [RunState.preparing, .training, .searching, .validating] {
                found += try Row.fetchAll(db, sql: Lookup.queue, arguments: [state.rawValue, -1]).map(StoredRun.init)
            }
            return found.sorted { ($1.priority, $0.created, $0.id.text) < ($0.priority, $1.created, $1.id.text) }
        }
    }

    /// The place in the queue of every waiting run, from 1.
    public func queuePositions() throws(StoreError) -> [RunID: Int] {
        try source.read("reading the queue") { db in
            let ids = try String.fetchAll(
                db, sql: "SELECT id FROM runs WHERE state = 'queued' ORDER BY priority DESC, created, id")
            return Dictionary(uniqueKeysWithValues: ids.enumerated().map { (RunID(stored: $1), $0 + 1) })
        }
    }
}
