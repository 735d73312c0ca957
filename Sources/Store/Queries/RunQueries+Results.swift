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
                db, sql: "SELECT * FROM rounds WHERE run = ? AND round = ?", arguments: [run.text, round]
            ).map(SearchRound.init)
        }
    }

    /// Every round, in order.
    public func rounds(_ run: RunID) throws(StoreError) -> [SearchRound] {
        try source.read("listing rounds") { db in
            try Row.fetchAll(db, sql: "SELECT * FROM rounds WHERE run = ? ORDER BY round", arguments: [run.text])
                .map(SearchRound.init)
        }
    }

    /// Events of a run, in order, after the given sequence number.
    public func events(_ run: RunID, after sequence: Int = 0, limit: Int = 100) throws(StoreError) -> [Event] {
        try source.read("listing events") { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM events WHERE run = ? AND seq > ? ORDER BY seq LIMIT ?",
                arguments: [run.text, sequence, limit]
            ).map { try Event($0, run: run) }
        }
    }

    /// Events of the daemon, in order, after the given sequence number.
    public func daemonEvents(after sequence: Int = 0, limit: Int = 100) throws(StoreError) -> [Event] {
        try source.read("listing events") { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM daemon_events WHERE seq > ? ORDER BY seq LIMIT ?",
                arguments: [sequence, limit]
            ).map { try Event($0, run: nil) }
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
                    SELECT * FROM sampler_statistics WHERE run = ? AND step > ? ORDER BY step, name, bin LIMIT ?
                    """, arguments: [run.text, step, limit]
            ).map { SamplerStatistic(step: $0["step"], name: $0["name"], bin: $0["bin"], value: $0["value"]) }
        }
    }

    /// All of the sampler's numbers, in the order of step, name and bin.
    public func allSamplerStatistics(_ run: RunID) throws(StoreError) -> [SamplerStatistic] {
        try samplerStatistics(run, limit: .max)
    }

    /// The recorded checkpoints, newest first.
    public func checkpoints(_ run: RunID) throws(StoreError) -> [CheckpointRecord] {
        try source.read("listing checkpoints") { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM checkpoints WHERE run = ? ORDER BY step DESC", arguments: [run.text]
            ).map { CheckpointRecord(step: $0["step"], file: $0["file"], digest: $0["digest"]) }
        }
    }
}
