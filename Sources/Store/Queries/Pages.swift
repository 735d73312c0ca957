internal import GRDB

/// Pages of candidates inside one snapshot.
enum Pages {
    static func next(
        _ db: Database, run: RunID, after number: Int, limit: Int, weightsStep: Int?
    ) throws -> [CandidateResult] {
        let rows =
            if let weightsStep {
                try Row.fetchAll(
                    db, sql: Lookup.candidatesOfWeights, arguments: [run.text, weightsStep, number, limit])
            } else {
                try Row.fetchAll(db, sql: Lookup.candidatePage, arguments: [run.text, number, limit])
            }
        let candidates = rows.map { Candidate($0) }
        guard let first = candidates.first, let last = candidates.last else { return [] }
        let measurements = try Row.fetchAll(
            db, sql: Lookup.measurementPage, arguments: [run.text, first.number, last.number])
        var groups: [Int: [CandidateMeasurement]] = [:]
        var times: [Int: Int64] = [:]
        for row in measurements {
            let measurement = CandidateMeasurement(row)
            groups[measurement.candidate, default: []].append(measurement)
            if let time: Int64 = row["time"] {
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
