import Foundation
internal import GRDB
import SearchSpaces

extension RunStore {
    /// Adds candidates in ask order; their numbers continue the stored ones or repeat them.
    ///
    /// Costs that the run did not declare when it began are left out: a generation that an earlier version wrote is the same
    /// when it is written again.
    ///
    /// - Parameter reasons: Why they are asked; of a generation that an earlier version wrote, those that are told now.
    public func appendCandidates(
        _ run: RunID, _ candidates: [Candidate], reasons: [CandidateReason] = []
    ) throws(StoreError) {
        try write("adding candidates") { db in
            let declared = try Lookup.metrics(db, run) ?? []
            var last = try Int.fetchOne(db, sql: Lookup.lastCandidate, arguments: [run.text]) ?? 0
            for candidate in candidates {
                guard candidate.number >= 1, candidate.number <= last + 1 else {
                    throw StoreError.invalid(
                        what: "candidate \(candidate.number) does not follow candidate \(last)", place: "run \(run)",
                        remedy: "add candidates in ask order")
                }
                if candidate.number > last {
                    let twin = try Row.fetchOne(
                        db, cachedStatement: "SELECT number FROM candidates WHERE run = ? AND round = ? AND key = ?",
                        [run.text.databaseValue, candidate.round.databaseValue, candidate.key.databaseValue])
                    if let twin {
                        throw StoreError.conflictingReplay(
                            table: "candidates", row: "\(run)/round \(candidate.round)/\(candidate.key)",
                            column: "number", stored: "\(try twin.value("number") as Int)", given: "\(candidate.number)"
                        )
                    }
                }
                _ = try Replay.insert(
                    db, table: "candidates",
                    key: [("run", run.text.databaseValue), ("number", candidate.number.databaseValue)],
                    columns: candidate.values,
                    circumstances: [("digest", RowDigest.of(candidate.digestValues(run)).databaseValue)])
                for cost in Cost.all(of: candidate) where declared.contains(cost.name) {
                    _ = try Replay.insert(
                        db, table: "costs",
                        key: [
                            ("run", run.text.databaseValue), ("candidate", candidate.number.databaseValue),
                            ("name", cost.name.databaseValue),
                        ], columns: [("value", cost.value.databaseValue)],
                        circumstances: [("digest", RowDigest.of(cost.digestValues(run)).databaseValue)])
                }
                last = max(last, candidate.number)
            }
            for reason in reasons { try reason.insert(db, of: run) }
        }
    }

    /// Adds measurements, all or none.
    ///
    /// - Parameters:
    ///   - evaluations: What measuring took and brought; a repetition keeps what it took the first time.
    ///   - time: When they were measured; a repetition keeps the first time.
    public func recordMeasurements(
        _ run: RunID, _ measurements: [CandidateMeasurement], evaluations: [CandidateEvaluation] = [],
        time: Timestamp? = nil
    ) throws(StoreError) {
        try write("adding measurements") { db in
            for measurement in measurements {
                if let value = measurement.value, !value.isFinite {
                    throw StoreError.invalid(
                        what: "a completed measurement is not finite", place: "candidate \(measurement.candidate)",
                        remedy: "record it as failed: nonfinite")
                }
                let exists = try Row.fetchOne(
                    db, cachedStatement: "SELECT 1 FROM candidates WHERE run = ? AND number = ?",
                    [run.text.databaseValue, measurement.candidate.databaseValue])
                guard exists != nil else {
                    throw StoreError.invalid(
                        what: "candidate \(measurement.candidate) is not known", place: "run \(run)",
                        remedy: "add the candidate first")
                }
                _ = try Replay.insert(
                    db, table: "measurements",
                    key: [
                        ("run", run.text.databaseValue), ("candidate", measurement.candidate.databaseValue),
                        ("kind", measurement.kind.rawValue.databaseValue),
                    ],
                    columns: measurement.values,
                    circumstances: [
                        ("time", time?.milliseconds.databaseValue ?? .null),
                        ("digest", RowDigest.of(measurement.digestValues(run)).databaseValue),
                    ])
            }
            for evaluation in evaluations { try evaluation.insert(db, of: run) }
        }
    }

    /// Saves how far a round is.
    ///
    /// A running round moves on. A save with fewer evaluations than stored repeats an earlier moment and changes
    /// nothing; one that differs from a completed round, or names other weights, is a conflict.
    /// - Returns: Whether the row changed.
    @discardableResult
    public func saveRound(_ run: RunID, _ round: SearchRound) throws(StoreError) -> Bool {
        try write("saving a round") { db in
            _ = try Lookup.row(db, run)
            let key = [("run", run.text.databaseValue), ("round", round.round.databaseValue)]
            let columns = round.values
            let digest = RowDigest.of(round.digestValues(run)).databaseValue
            let row = try Row.fetchOne(
                db, cachedStatement: "SELECT \(SearchRound.columns) FROM rounds WHERE run = ? AND round = ?",
                key.map(\.1))
            if let stored = try row.map(SearchRound.init) {
                if stored.weightsStep == round.weightsStep {
                    if round.evaluations < stored.evaluations && round.state == .running { return false }
                    if stored.state == .running {
                        try db.execute(
                            sql: """
                                UPDATE rounds SET state = ?, search_state = ?, evaluations = ?, hypervolume = ?,
                                  digest = ? WHERE run = ? AND round = ?
                                """,
                            arguments: StatementArguments(
                                columns.dropFirst().map(\.1) + [digest] + key.map(\.1)))
                        return stored != round
                    }
                }
            }
            return try Replay.insert(
                db, table: "rounds", key: key, columns: columns, circumstances: [("digest", digest)])
        }
    }

    /// Forgets what was told of training after a step, and is about to be told otherwise: after other numerics or another
    /// learning rate.
    public func forgetTraining(_ run: RunID, afterStep step: Int) throws(StoreError) {
        try write("forgetting training") { db in
            for table in ["sampler_statistics", "training_records"] {
                try db.execute(sql: "DELETE FROM \(table) WHERE run = ? AND step > ?", arguments: [run.text, step])
            }
        }
    }

    /// Adds what training tells, all or none: records of steps in their order, and numbers about the sampler.
    public func recordTraining(
        _ run: RunID, _ records: [TrainingRecord], statistics: [SamplerStatistic] = []
    ) throws(StoreError) {
        try write("adding what training tells") { db in
            _ = try Lookup.row(db, run)
            try TrainingRecord.insert(db, run, records)
            for one in statistics {
                _ = try Replay.insert(
                    db, table: "sampler_statistics",
                    key: [
                        ("run", run.text.databaseValue), ("step", one.step.databaseValue),
                        ("name", one.name.databaseValue), ("bin", one.bin.databaseValue),
                    ], columns: [("value", one.value.databaseValue)],
                    circumstances: [("digest", RowDigest.of(one.digestValues(run)).databaseValue)])
            }
        }
    }

    /// Adds a checkpoint that is completely on disk.
    public func recordCheckpoint(_ run: RunID, _ checkpoint: CheckpointRecord) throws(StoreError) {
        try write("adding a checkpoint") { db in
            _ = try Lookup.row(db, run)
            _ = try Replay.insert(
                db, table: "checkpoints",
                key: [("run", run.text.databaseValue), ("step", checkpoint.step.databaseValue)],
                columns: [
                    ("file", checkpoint.file.databaseValue), ("digest", checkpoint.digest.databaseValue),
                ])
        }
    }

    /// Forgets a checkpoint whose file is gone or about to go.
    public func removeCheckpoint(_ run: RunID, step: Int) throws(StoreError) {
        try write("removing a checkpoint") { db in try CheckpointRecord.remove(of: run.text, step: step, db) }
    }
}
