internal import GRDB
public import SearchSpaces

extension RunQueries {
    /// Candidates with their measurements, in ask order, after the given number.
    public func candidates(
        _ run: RunID, after number: Int = 0, limit: Int = 100
    ) throws(StoreError) -> [CandidateResult] {
        try source.read("listing candidates") { db in
            try Pages.next(db, run: run, after: number, limit: limit, weightsStep: nil)
        }
    }

    /// All candidates of one weights state, in ask order.
    public func candidates(_ run: RunID, weightsStep: Int) throws(StoreError) -> [CandidateResult] {
        try source.read("listing candidates") { db in
            var results: [CandidateResult] = []
            try Pages.all(db, run: run, weightsStep: weightsStep) { results.append($0) }
            return results
        }
    }

    /// The feasible candidates of one weights state that no other one dominates, in ask order.
    public func front(
        _ run: RunID, weightsStep: Int, objectives: [Objective], constraints: [Constraint] = []
    ) throws(StoreError) -> [CandidateResult] {
        try source.read("reading the front") { db in
            var front = ParetoFront(objectives: objectives, constraints: constraints)
            try Pages.all(db, run: run, weightsStep: weightsStep) { front.add($0) }
            let members = front.members()
            return try members.sorted().flatMap { number in
                try Pages.next(db, run: run, after: number - 1, limit: 1, weightsStep: nil)
            }
        }
    }

    /// One round; nil when it has not begun.
    public func loadRound(_ run: RunID, round: Int) throws(StoreError) -> SearchRound? {
        try source.read("reading a round") { db in
            try Row.fetchOne(
                db, sql: "SELECT \(SearchRound.columns) FROM rounds WHERE run = ? AND round = ?",
                arguments: [run.text, round]
            ).map(SearchRound.init)
        }
    }

    /// Rounds in order, without the state of their search; the newest where there are more than the limit.
    public func rounds(_ run: RunID, limit: Int = -1) throws(StoreError) -> [SearchRound] {
        try source.read("listing rounds") { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT run, round, weights_step, state, '' AS search_state, evaluations, hypervolume,
                      NULL AS digest FROM rounds WHERE run = ? ORDER BY round DESC LIMIT ?
                    """, arguments: [run.text, limit]
            ).map(SearchRound.init).reversed()
        }
    }

    /// The number of the first candidate of a round: that of its own first, or the one that follows all there are.
    ///
    /// Complexity: O(candidates of the round).
    public func firstCandidate(_ run: RunID, of round: Int) throws(StoreError) -> Int {
        try source.read("numbering a round") { db in
            let own = try Int.fetchOne(
                db, sql: "SELECT min(number) FROM candidates WHERE run = ? AND round = ?",
                arguments: [run.text, round])
            return try own ?? (Int.fetchOne(db, sql: Lookup.lastCandidate, arguments: [run.text]) ?? 0) + 1
        }
    }

    /// The candidates of which a metric was measured on all validation data, in ask order.
    ///
    /// Complexity: O(finalists).
    public func finalists(_ run: RunID, by metric: Metric) throws(StoreError) -> [CandidateResult] {
        try source.read("reading the finalists") { db in
            let numbers = try Int.fetchAll(
                db, sql: Lookup.finalists, arguments: [run.text, MeasurementStage.validation.name(of: metric)])
            return try numbers.flatMap { number in
                try Pages.next(db, run: run, after: number - 1, limit: 1, weightsStep: nil)
            }
        }
    }

    /// Events of a run, in order, after the given sequence number.
    public func events(_ run: RunID, after sequence: Int = 0, limit: Int = 100) throws(StoreError) -> [Event] {
        try source.read("listing events") { db in
            let name = try Lookup.name(db, run)
            return try Row.fetchAll(
                db, sql: "SELECT seq, type, time, data, key FROM events WHERE run = ? AND seq > ? ORDER BY seq LIMIT ?",
                arguments: [run.text, sequence, limit]
            ).map { try Event($0, run: run, name: name) }
        }
    }

    /// How often a run was opened for more after it had completed.
    public func extensions(_ run: RunID) throws(StoreError) -> Int {
        try source.read("counting extensions") { db in try Lookup.extensions(db, run) }
    }

    /// Events of the daemon, in order, after the given sequence number.
    public func daemonEvents(after sequence: Int = 0, limit: Int = 100) throws(StoreError) -> [Event] {
        try source.read("listing events") { db in
            try Row.fetchAll(
                db, sql: "SELECT seq, type, time, data, key FROM daemon_events WHERE seq > ? ORDER BY seq LIMIT ?",
                arguments: [sequence, limit]
            ).map { try Event($0, run: nil, name: nil) }
        }
    }

    /// The sampler's numbers of steps after the given one, in the order of step, name and bin.
    public func samplerStatistics(
        _ run: RunID, afterStep step: Int = -1, limit: Int = 1000
    ) throws(StoreError) -> [SamplerStatistic] {
        try source.read("reading sampler statistics") { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT \(SamplerStatistic.columns) FROM sampler_statistics
                    WHERE run = ? AND step > ? ORDER BY step, name, bin LIMIT ?
                    """, arguments: [run.text, step, limit]
            ).map { try SamplerStatistic($0, of: run) }
        }
    }

    /// All of the sampler's numbers, in the order of step, name and bin.
    public func allSamplerStatistics(_ run: RunID) throws(StoreError) -> [SamplerStatistic] {
        try samplerStatistics(run, limit: .max)
    }

    /// The recorded checkpoints, newest first.
    public func checkpoints(_ run: RunID) throws(StoreError) -> [CheckpointRecord] {
        try source.read("listing checkpoints") { db in try CheckpointRecord.all(of: run.text, db) }
    }
}

extension CheckpointRecord {
    /// Those of a run, newest first.
    static func all(of run: String, _ db: Database) throws -> [CheckpointRecord] {
        try Row.fetchAll(
            db, sql: "SELECT step, file, digest FROM checkpoints WHERE run = ? ORDER BY step DESC", arguments: [run]
        ).map {
            CheckpointRecord(step: try $0.value("step"), file: try $0.value("file"), digest: try $0.value("digest"))
        }
    }

    /// Forgets one of a run.
    static func remove(of run: String, step: Int, _ db: Database) throws {
        try db.execute(sql: "DELETE FROM checkpoints WHERE run = ? AND step = ?", arguments: [run, step])
    }
}
