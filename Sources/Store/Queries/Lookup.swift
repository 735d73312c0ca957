internal import GRDB

/// The statements about runs, named so that a test can look at their plans.
enum Lookup {
    static let byID = "SELECT * FROM runs WHERE id = ?"
    static let byState = "SELECT * FROM runs WHERE state = ? ORDER BY updated DESC LIMIT ?"
    static let queue = "SELECT * FROM runs WHERE state = ? ORDER BY priority DESC, created, id LIMIT ?"
    static let runsAfter = """
        SELECT * FROM runs WHERE (created, id) < (?, ?) ORDER BY created DESC, id DESC LIMIT ?
        """
    static let lastCandidate = "SELECT max(number) FROM candidates WHERE run = ?"
    static let lastEvent = "SELECT max(seq) FROM events WHERE run = ?"
    static let lastRound = "SELECT * FROM rounds WHERE run = ? ORDER BY round DESC LIMIT 1"
    static let candidatePage =
        "SELECT \(Candidate.columns) FROM candidates WHERE run = ? AND number > ? ORDER BY number LIMIT ?"
    static let candidatesOfWeights = """
        SELECT \(Candidate.columns) FROM candidates WHERE run = ? AND weights_step = ? AND number > ? ORDER BY number LIMIT ?
        """
    static let measurementPage = """
        SELECT \(CandidateMeasurement.columns), time FROM measurements WHERE run = ? AND candidate BETWEEN ? AND ? ORDER BY candidate, kind
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
