internal import GRDB

/// The statements about runs, named so that a test can look at their plans.
enum Lookup {
    static let byID = "SELECT \(StoredRun.columns) FROM runs WHERE id = ?"
    static let rowByID = "SELECT \(RunRow.columns) FROM runs WHERE id = ?"
    static let metricsByID = "SELECT metrics FROM runs WHERE id = ?"
    static let nameByID = "SELECT name FROM runs WHERE id = ?"
    static let byState = "SELECT \(RunRow.columns) FROM runs WHERE state = ? ORDER BY updated DESC LIMIT ?"
    static let queue = "SELECT \(RunRow.columns) FROM runs WHERE state = ? ORDER BY priority DESC, created, id LIMIT ?"
    static let live = """
        SELECT \(RunRow.columns) FROM runs
        WHERE state IN ('queued','preparing','training','searching','validating','paused') AND (created, id) > (?, ?)
        ORDER BY created, id LIMIT ?
        """
    static let runsAfter = """
        SELECT \(RunRow.columns) FROM runs WHERE (created, id) < (?, ?) ORDER BY created DESC, id DESC LIMIT ?
        """
    static let lastCandidate = "SELECT max(number) FROM candidates WHERE run = ?"
    static let lastEvent = "SELECT max(seq) FROM events WHERE run = ?"
    /// Without the state of the search, which may be large.
    static let lastRound =
        "SELECT round, evaluations, hypervolume FROM rounds WHERE run = ? ORDER BY round DESC LIMIT 1"
    static let candidatePage =
        "SELECT \(Candidate.columns) FROM candidates WHERE run = ? AND number > ? ORDER BY number LIMIT ?"
    static let candidatesOfWeights = """
        SELECT \(Candidate.columns) FROM candidates WHERE run = ? AND weights_step = ? AND number > ? ORDER BY number LIMIT ?
        """
    static let measurementPage = """
        SELECT \(CandidateMeasurement.columns), time FROM measurements WHERE run = ? AND candidate BETWEEN ? AND ? ORDER BY candidate, kind
        """
    static let costPage =
        "SELECT \(Cost.columns) FROM costs WHERE run = ? AND candidate BETWEEN ? AND ? ORDER BY candidate, name"
    // The condition of the index, and the kind that is asked for.
    static let finalists = """
        SELECT candidate FROM measurements WHERE run = ? AND kind = ? AND kind GLOB 'validation[A-Z]*' ORDER BY candidate
        """
    static let trainingInsertion =
        "INSERT INTO training_records (run, \(TrainingRecord.columns)) VALUES (?, ?, ?, ?, ?, ?, ?)"
    static let trainingPage =
        "SELECT \(TrainingRecord.columns) FROM training_records WHERE run = ? AND step > ? ORDER BY step LIMIT ?"
    static let trainingUpTo = """
        SELECT \(TrainingRecord.columns) FROM training_records WHERE run = ? AND step <= ? ORDER BY step DESC LIMIT 1
        """

    static func run(_ db: Database, _ id: RunID) throws -> StoredRun {
        guard let row = try Row.fetchOne(db, sql: byID, arguments: [id.text]) else {
            throw StoreError.noSuchRun(id.text)
        }
        return try StoredRun(row)
    }

    static func row(_ db: Database, _ id: RunID) throws -> RunRow {
        guard let row = try Row.fetchOne(db, cachedStatement: rowByID, [id.text.databaseValue]) else {
            throw StoreError.noSuchRun(id.text)
        }
        return try RunRow(row)
    }

    /// The names of the metrics that a run declared when it began; nil for one of an earlier version.
    static func metrics(_ db: Database, _ id: RunID) throws -> [String]? {
        guard let row = try Row.fetchOne(db, cachedStatement: metricsByID, [id.text.databaseValue]) else {
            throw StoreError.noSuchRun(id.text)
        }
        return RunDraft.metrics(try row.value("metrics"))
    }

    /// What the keys of events begin with that tell of an extension.
    static let extensionKey = "extension-"

    /// How often a completed run was opened for more.
    static func extensions(_ db: Database, _ id: RunID) throws -> Int {
        try Int.fetchOne(
            db, sql: "SELECT count(*) FROM events WHERE run = ? AND key GLOB ?",
            arguments: [id.text, extensionKey + "*"]) ?? 0
    }

    /// The name of a run; nil for one that there is not.
    static func name(_ db: Database, _ id: RunID) throws -> String? {
        try String.fetchOne(db.cachedStatement(sql: nameByID), arguments: [id.text])
    }

    static func status(_ db: Database, _ run: RunRow) throws -> RunStatus {
        let id = [run.id.text.databaseValue]
        func number(_ sql: String) throws -> Int {
            let row = try Row.fetchOne(db, cachedStatement: sql, id)
            let number: Int? = try row?.value(at: 0)
            return number ?? 0
        }
        let round = try Row.fetchOne(db, cachedStatement: lastRound, id)
        return RunStatus(
            run: run, candidates: try number(lastCandidate), lastEvent: try number(lastEvent),
            round: try round?.value(at: 0), evaluations: try round?.value(at: 1) ?? 0,
            hypervolume: try round?.value(at: 2))
    }
}
