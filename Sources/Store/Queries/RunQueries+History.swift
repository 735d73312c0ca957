internal import GRDB

extension RunQueries {
    /// Why a candidate was asked; nil for one that an earlier version asked for.
    public func reason(_ run: RunID, candidate: Int) throws(StoreError) -> CandidateReason? {
        try source.read("reading why a candidate was asked") { db in try CandidateReason.read(db, run, candidate) }
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
        try source.read("reading the curve") { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT \(CandidateEvaluation.columns.split(separator: ", ").map { "e.\($0)" }.joined(separator: ", ")),
                      c.round, c.weights_step
                    FROM evaluations e JOIN candidates c ON c.run = e.run AND c.number = e.candidate
                    WHERE e.run = ? AND e.candidate > ? ORDER BY e.candidate LIMIT ?
                    """, arguments: [run.text, candidate, limit]
            ).map { row in
                let evaluation = try CandidateEvaluation(row, of: run)
                return CurvePoint(
                    candidate: evaluation.candidate, round: try row.value(at: 5), weightsStep: try row.value(at: 6),
                    hypervolume: evaluation.hypervolume)
            }
        }
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
