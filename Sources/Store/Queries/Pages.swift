internal import GRDB

/// Pages of candidates inside one snapshot.
enum Pages {
    static func next(
        _ db: Database, run: RunID, after number: Int, limit: Int, weightsStep: Int?
    ) throws -> [CandidateResult] {
        let (sql, arguments): (String, StatementArguments) =
            if let weightsStep {
                (Lookup.candidatesOfWeights, [run.text, weightsStep, number, limit])
            } else {
                (Lookup.candidatePage, [run.text, number, limit])
            }
        var candidates: [Candidate] = []
        let rows = try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: arguments)
        while let row = try rows.next() { candidates.append(Candidate(row)) }
        guard let first = candidates.first, let last = candidates.last else { return [] }
        var groups: [Int: [CandidateMeasurement]] = [:]
        var times: [Int: Int64] = [:]
        let measurements = try Row.fetchCursor(
            db.cachedStatement(sql: Lookup.measurementPage), arguments: [run.text, first.number, last.number])
        while let row = try measurements.next() {
            let measurement = CandidateMeasurement(row)
            groups[measurement.candidate, default: []].append(measurement)
            if let time: Int64 = row[5] {
                times[measurement.candidate] = max(times[measurement.candidate] ?? 0, time)
            }
        }
        return candidates.map { candidate in
            CandidateResult(
                candidate: candidate, measurements: groups[candidate.number] ?? [],
                measured: times[candidate.number].map { Timestamp(milliseconds: $0) })
        }
    }

    static func all(
        _ db: Database, run: RunID, weightsStep: Int?, _ body: (CandidateResult) throws -> Void
    ) throws {
        var number = 0
        while true {
            let page = try next(db, run: run, after: number, limit: 1000, weightsStep: weightsStep)
            guard let last = page.last else { return }
            for result in page { try body(result) }
            number = last.candidate.number
        }
    }
}
