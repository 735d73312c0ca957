internal import GRDB

extension RunQueries {
    /// The run with an id.
    public func run(_ id: RunID) throws(StoreError) -> StoredRun {
        try source.read("reading a run") { db in try Lookup.run(db, id) }
    }

    /// What lists show of the run with an id.
    public func row(_ id: RunID) throws(StoreError) -> RunRow {
        try source.read("reading a run") { db in try Lookup.row(db, id) }
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
    public func runs(after last: RunCursor? = nil, limit: Int = 100) throws(StoreError) -> [RunRow] {
        try source.read("listing runs") { db in
            let rows: [Row]
            if let last {
                rows = try Row.fetchAll(
                    db, sql: Lookup.runsAfter,
                    arguments: [last.created.milliseconds, last.id, limit])
            } else {
                rows = try Row.fetchAll(
                    db, sql: "SELECT \(RunRow.columns) FROM runs ORDER BY created DESC, id DESC LIMIT ?",
                    arguments: [limit])
            }
            return rows.map(RunRow.listed)
        }
    }

    /// Every run with its documents, newest first.
    public func storedRuns(limit: Int) throws(StoreError) -> [StoredRun] {
        try source.read("reading runs") { db in
            try Row.fetchAll(
                db, sql: "SELECT \(StoredRun.columns) FROM runs ORDER BY created DESC, id DESC LIMIT ?",
                arguments: [limit]
            ).map(StoredRun.init)
        }
    }

    /// Runs in a state, the last changed first.
    public func runs(in state: RunState, limit: Int = 100) throws(StoreError) -> [RunRow] {
        try source.read("listing runs") { db in
            try Row.fetchAll(db, sql: Lookup.byState, arguments: [state.rawValue, limit])
                .compactMap(RunRow.readable)
        }
    }

    /// How many runs are in each state.
    public func runCounts() throws(StoreError) -> [RunState: Int] {
        try source.read("counting runs") { db in
            var counts: [RunState: Int] = [:]
            for row in try Row.fetchAll(db, sql: "SELECT state, count(*) AS count FROM runs GROUP BY state") {
                let text: String = try row.value("state")
                if let state = RunState(rawValue: text) { counts[state] = try row.value("count") }
            }
            return counts
        }
    }

    /// A page of every live or paused run, the oldest first, and then of the `ended` last ended ones, with their counts.
    ///
    /// Complexity: O(page), however many runs there are.
    /// - Parameter place: Where the page before ended; nil for the first page.
    /// - Returns: The page, and where it ends when more follow.
    public func status(
        after place: StatusCursor? = nil, limit: Int = .max, ended: Int = 20
    ) throws(StoreError) -> (runs: [RunStatus], next: StatusCursor?) {
        try source.read("reading the status") { db in
            var live: [RunRow] = []
            var skipped = 0
            switch place {
            case .ended(let count): skipped = count
            case .live(let cursor):
                live = try Self.live(db, after: (cursor.created.milliseconds, cursor.id), limit: limit)
            case nil: live = try Self.live(db, after: (.min, ""), limit: limit)
            }
            if live.count > limit {
                let page = live.prefix(limit)
                return (try page.map { try Lookup.status(db, $0) }, page.last.map(StatusCursor.init))
            }
            var over: [RunRow] = []
            for state in RunState.allCases where state.isEnded {
                over += try Row.fetchAll(db, sql: Lookup.byState, arguments: [state.rawValue, ended]).map(RunRow.listed)
            }
            over.sort { ($0.updated, $0.id.text) > ($1.updated, $1.id.text) }
            let rest = over.prefix(ended).dropFirst(skipped)
            let shown = rest.prefix(limit - live.count)
            return (
                try (live + shown).map { try Lookup.status(db, $0) },
                shown.count < rest.count ? .ended(skipped + shown.count) : nil
            )
        }
    }

    /// Live and paused runs after a place; one more than the limit when there are more.
    private static func live(_ db: Database, after place: (Int64, String), limit: Int) throws -> [RunRow] {
        try Row.fetchAll(
            db, sql: Lookup.live, arguments: [place.0, place.1, limit == .max ? limit : limit + 1]
        ).map(RunRow.listed)
    }

    /// One run with its counts.
    public func status(of id: RunID) throws(StoreError) -> RunStatus {
        try source.read("reading the status") { db in try Lookup.status(db, Lookup.row(db, id)) }
    }

    /// Runs that wait for their turn, the next one first.
    public func queue(limit: Int = 1000) throws(StoreError) -> [RunRow] {
        try source.read("reading the queue") { db in
            try Row.fetchAll(db, sql: Lookup.queue, arguments: [RunState.queued.rawValue, limit])
                .compactMap(RunRow.readable)
        }
    }

    /// Runs that were computing when the process ended, the most urgent first.
    public func interrupted() throws(StoreError) -> [RunRow] {
        try source.read("reading interrupted runs") { db in
            var found: [RunRow] = []
            for state in [RunState.preparing, .training, .searching, .validating] {
                found += try Row.fetchAll(db, sql: Lookup.queue, arguments: [state.rawValue, -1])
                    .compactMap(RunRow.readable)
            }
            return found.sorted { ($1.priority, $0.created, $0.id.text) < ($0.priority, $1.created, $1.id.text) }
        }
    }

    /// The place in the queue of every waiting run, from 1.
    public func queuePositions() throws(StoreError) -> [RunID: Int] {
        try source.read("reading the queue") { db in
            let ids = try String.fetchAll(
                db, sql: "SELECT id FROM runs WHERE state = 'queued' ORDER BY priority DESC, created, id")
            return Dictionary(
                ids.enumerated().map { (RunID(stored: $1), $0 + 1) }, uniquingKeysWith: { first, _ in first })
        }
    }
}
