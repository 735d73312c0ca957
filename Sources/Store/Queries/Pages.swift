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
            db, sql: Lookup.measurementPage, arguments: [run.text, first.number, last.number]
        ).map { CandidateMeasurement($0) }
        let groups = Dictionary(grouping: measurements, by: \.candidate)
        return candidates.map { CandidateResult(candidate: $0, measurements: groups[$0.number] ?? []) }
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
