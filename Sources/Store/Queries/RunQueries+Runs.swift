internal import GRDB

extension RunQueries {
    /// The run with an id.
    public func run(_ id: RunID) throws(StoreError) -> StoredRun {
        try source.read("reading a run") { db in try Lookup.run(db, id) }
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

    /// Runs, newest first, after the given one in that order.
    public func runs(after last: RunID? = nil, limit: Int = 100) throws(StoreError) -> [StoredRun] {
        try source.read("listing runs") { db in
            let rows: [Row]
            if let last {
                rows = try Row.fetchAll(
                    db, sql: Lookup.runsAfter,
                    arguments: [try Lookup.run(db, last).created.milliseconds, last.text, limit])
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
}

/// The statements about runs, named so that a test can look at their plans.
enum Lookup {
    static let byID = "SELECT * FROM runs WHERE id = ?"
    static let byState = "SELECT * FROM runs WHERE state = ? ORDER BY updated DESC LIMIT ?"
    static let runsAfter = """
        SELECT * FROM runs WHERE (created, id) < (?, ?) ORDER BY created DESC, id DESC LIMIT ?
        """
    static let lastCandidate = "SELECT max(number) FROM candidates WHERE run = ?"
    static let lastEvent = "SELECT max(seq) FROM events WHERE run = ?"
    static let lastRound = "SELECT * FROM rounds WHERE run = ? ORDER BY round DESC LIMIT 1"
    static let candidatePage = "SELECT * FROM candidates WHERE run = ? AND number > ? ORDER BY number LIMIT ?"
    static let candidatesOfWeights = """
        SELECT * FROM candidates WHERE run = ? AND weights_step = ? AND number > ? ORDER BY number LIMIT ?
        """
    static let measurementPage = """
        SELECT * FROM measurements WHERE run = ? AND candidate BETWEEN ? AND ? ORDER BY candidate, kind
        """

    static func run(_ db: Database, _ id: RunID) throws -> StoredRun {
        guard let row = try Row.fetchOne(db, sql: byID, arguments: [id.text]) else {
            throw StoreError.noSuchRun(id.text)
        }
        return try StoredRun(row)
    }

    static func status(_ db: Database, _ run: StoredRun) throws -> RunStatus {
        let round = try Row.fetchOne(db, sql: lastRound, arguments: [run.id.text]).map(SearchRound.init)
        return RunStatus(
            run: run, candidates: try Int.fetchOne(db, sql: lastCandidate, arguments: [run.id.text]) ?? 0,
            lastEvent: try Int.fetchOne(db, sql: lastEvent, arguments: [run.id.text]) ?? 0, round: round?.round,
            evaluations: round?.evaluations ?? 0, hypervolume: round?.hypervolume)
    }
}
