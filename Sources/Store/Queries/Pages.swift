internal import GRDB
import SearchSpaces

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
        var unverified: [Int: Int] = [:]
        /// Counts a row without a digest, which stands at a place.
        func count(_ row: Row, at index: Int, for candidate: Int) throws {
            let digest: Int64? = try row.value(at: index)
            if digest == nil { unverified[candidate, default: 0] += 1 }
        }
        while let row = try rows.next() {
            let candidate = try Candidate(row, of: run)
            // Whoever reads page by page would come back to where it was.
            guard candidate.number > candidates.last?.number ?? number else {
                throw StoreError.corrupt(path: "candidates of run \(run)", detail: "the rows are out of order")
            }
            try count(row, at: 9, for: candidate.number)
            candidates.append(candidate)
        }
        guard let first = candidates.first, let last = candidates.last else { return [] }
        try addCosts(to: &candidates, of: run, db)
        var groups: [Int: [CandidateMeasurement]] = [:]
        var times: [Int: Int64] = [:]
        let measurements = try Row.fetchCursor(
            db.cachedStatement(sql: Lookup.measurementPage), arguments: [run.text, first.number, last.number])
        while let row = try measurements.next() {
            let measurement = try CandidateMeasurement(row, of: run)
            try count(row, at: 5, for: measurement.candidate)
            groups[measurement.candidate, default: []].append(measurement)
            let time: Int64? = try row.value(at: 6)
            if let time {
                times[measurement.candidate] = max(times[measurement.candidate] ?? 0, time)
            }
        }
        return candidates.map { candidate in
            CandidateResult(
                candidate: candidate, measurements: groups[candidate.number] ?? [],
                measured: times[candidate.number].map { Timestamp(milliseconds: $0) },
                unverifiedRows: unverified[candidate.number] ?? 0)
        }
    }

    /// Adds the costs that are rows of their own to a page.
    private static func addCosts(to candidates: inout [Candidate], of run: RunID, _ db: Database) throws {
        guard let first = candidates.first, let last = candidates.last else { return }
        let rows = try Row.fetchCursor(
            db.cachedStatement(sql: Lookup.costPage), arguments: [run.text, first.number, last.number])
        var index = 0
        while let row = try rows.next() {
            let cost = try Cost(row, of: run)
            while index < candidates.count, candidates[index].number < cost.candidate { index += 1 }
            // Of candidates of other weights, which are no part of the page.
            guard index < candidates.count, candidates[index].number == cost.candidate else { continue }
            let known = candidates[index].cost
            candidates[index].cost = ArchitectureCost(
                known.metrics + [Metric(cost: cost.name, unit: "")], known.values + [cost.value])
        }
    }

    /// Hands every candidate out, in order; where none is left out, their numbers have no gap.
    static func all(
        _ db: Database, run: RunID, weightsStep: Int?, after start: Int = 0,
        _ body: (CandidateResult) throws -> Void
    ) throws {
        var number = start
        while true {
            let page = try next(db, run: run, after: number, limit: 1000, weightsStep: weightsStep)
            guard !page.isEmpty else { return }
            for result in page {
                let found = result.candidate.number
                guard weightsStep != nil || found == number + 1 else {
                    throw StoreError.corrupt(
                        path: "candidate \(number + 1) of run \(run)", detail: "the row is missing")
                }
                try body(result)
                number = found
            }
        }
    }
}
