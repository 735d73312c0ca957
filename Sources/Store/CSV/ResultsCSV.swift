internal import GRDB
internal import Runs
public import SearchSpaces

/// The results of a run as CSV: the columns of its metrics (``CandidateColumn/all(_:)``), new ones only at the end.
///
/// A run keeps the columns of the version that it began with, however often it is stopped, upgraded and continued.
/// Nothing in it depends on time, host, duration or the run's id, so that equal runs give equal bytes.
public struct ResultsCSV: Sendable {
    /// What the front is about.
    public let objectives: [Objective]
    /// The bounds of a feasible candidate.
    public let constraints: [Constraint]

    /// Creates an export.
    public init(objectives: [Objective], constraints: [Constraint] = []) {
        self.objectives = objectives
        self.constraints = constraints
    }

    /// Writes the file from one snapshot; it appears complete or not at all.
    ///
    /// - Parameter frontOnly: Whether only the front of the newest weights is written.
    /// - Returns: How many rows have no digest to be held against.
    @discardableResult
    public func write(
        _ run: RunID, from store: some RunQueries, to path: String, frontOnly: Bool = false
    ) throws(StoreError) -> Int {
        let file = try AtomicFile(path: path)
        let unverified = try stream(run, from: store, frontOnly: frontOnly) { record throws(StoreError) in
            try file.write(record)
        }
        try file.commit()
        return unverified
    }

    /// Hands out the header and then record after record, from one snapshot.
    ///
    /// The receiver must be quick: the snapshot lasts until the last record. What was handed out counts only once it is
    /// back: a row that is not as it was written, or missing, is noticed at the end at the latest.
    /// - Returns: How many rows have no digest to be held against, since an earlier version wrote them.
    /// - Throws: ``StoreError/corrupt(path:detail:)`` where a row is not as it was written.
    @discardableResult
    public func stream(
        _ run: RunID, from store: some RunQueries, frontOnly: Bool = false,
        _ receive: ([UInt8]) throws(StoreError) -> Void
    ) throws(StoreError) -> Int {
        try store.source.read("exporting results") { db in
            let stored = try Lookup.run(db, run)
            let columns = CandidateColumn.all(try Self.metrics(of: stored))
            var digest = ResultsDigest()
            var front = ParetoFront(objectives: objectives, constraints: constraints)
            var newest = 0
            var unverified = 0
            try Pages.all(db, run: run, weightsStep: nil) { result in
                front.add(result)
                digest.add(result, of: run)
                unverified += result.unverifiedRows
                newest = max(newest, result.candidate.weightsStep)
            }
            if let whole = stored.resultsDigest, whole != digest.text {
                throw StoreError.corrupt(
                    path: "results of run \(run)", detail: "rows are missing, or not as they were written")
            }
            let members = front.members()
            let writer = CSVWriter()
            try receive(writer.record(columns.map { .symbol($0.name) }))
            try Pages.all(db, run: run, weightsStep: nil) { result in
                let onFront = members.contains(result.candidate.number)
                if frontOnly && !(onFront && result.candidate.weightsStep == newest) { return }
                try receive(
                    writer.record(columns.map { $0.field(of: result, constraints: constraints) { onFront } }))
            }
            return unverified
        }
    }

    private static func metrics(of run: StoredRun) throws(StoreError) -> RunMetrics {
        do { return try run.metrics() } catch {
            throw .corrupt(path: "documents of run \(run.id)", detail: "\(error)")
        }
    }
}
