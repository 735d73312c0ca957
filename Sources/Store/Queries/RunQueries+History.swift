internal import GRDB

extension RunQueries {
    /// Why a candidate was asked; nil for one that an earlier version asked for.
    public func reason(_ run: RunID, candidate: Int) throws(StoreError) -> CandidateReason? {
        try source.read("reading why a candidate was asked") { db in try CandidateReason.read(db, run, candidate) }
    }

    /// The numbers of the candidates that were made of one, the first of them, and how many there are in all.
    ///
    /// Complexity: O(candidates asked after it).
    public func children(
        _ run: RunID, of candidate: Int, limit: Int
    ) throws(StoreError) -> (first: [Int], count: Int) {
        try source.read("reading what became of a candidate") { db in
            let condition = "run = ? AND candidate > ? AND ' ' || parents || ' ' GLOB ?"
            let arguments: StatementArguments = [run.text, candidate, "* \(candidate) *"]
            let first = try Int.fetchAll(
                db.cachedStatement(
                    sql: "SELECT candidate FROM reasons WHERE \(condition) ORDER BY candidate LIMIT \(limit)"),
                arguments: arguments)
            guard first.count == limit else { return (first, first.count) }
            let count = try Int.fetchOne(
                db.cachedStatement(sql: "SELECT count(*) FROM reasons WHERE \(condition)"), arguments: arguments)
            return (first, count ?? first.count)
        }
    }

    /// What evaluations took and brought, in ask order, after the given candidate.
    public func evaluations(
        _ run: RunID, after candidate: Int = 0, limit: Int = 1000
    ) throws(StoreError) -> [CandidateEvaluation] {
        try source.read("reading evaluations") { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT \(CandidateEvaluation.columns) FROM evaluations
                    WHERE run = ? AND candidate > ? ORDER BY candidate LIMIT ?
                    """, arguments: [run.text, candidate, limit]
            ).map { try CandidateEvaluation($0, of: run) }
        }
    }

    /// The curve of the hypervolume after each evaluation, in ask order; without those of earlier versions.
    ///
    /// - Parameters:
    ///   - candidate: Only candidates after this number.
    ///   - limit: At most so many.
    public func curve(
        _ run: RunID, after candidate: Int = 0, limit: Int = -1
    ) throws(StoreError) -> [CurvePoint] {
        try source.read("reading the curve") { db in try CurvePoint.page(db, run, after: candidate, limit: limit) }
    }

    /// The number of the candidate of a round with a key; nil where there is none.
    public func candidateNumber(_ run: RunID, round: Int, key: String) throws(StoreError) -> Int? {
        try source.read("looking a candidate up") { db in
            try Int.fetchOne(
                db, sql: "SELECT number FROM candidates WHERE run = ? AND round = ? AND key = ?",
                arguments: [run.text, round, key])
        }
    }
}

extension CurvePoint {
    private static let page = """
        SELECT \(CandidateEvaluation.columns.split(separator: ", ").map { "e.\($0)" }.joined(separator: ", ")),
          c.round, c.weights_step
        FROM evaluations e JOIN candidates c ON c.run = e.run AND c.number = e.candidate
        WHERE e.run = ? AND e.candidate > ? ORDER BY e.candidate LIMIT ?
        """

    /// Points after a candidate, in ask order.
    static func page(_ db: Database, _ run: RunID, after candidate: Int, limit: Int) throws -> [CurvePoint] {
        try Row.fetchAll(db.cachedStatement(sql: page), arguments: [run.text, candidate, limit]).map { row in
            let evaluation = try CandidateEvaluation(row, of: run)
            return CurvePoint(
                candidate: evaluation.candidate, round: try row.value(at: 5), weightsStep: try row.value(at: 6),
                hypervolume: evaluation.hypervolume)
        }
    }
}
