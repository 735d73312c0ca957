internal import GRDB

extension RunQueries {
    /// Records of training after a step, in order.
    ///
    /// - Parameter unwritten: Records that will be written later, in order; they follow those that were.
    public func trainingRecords(
        _ run: RunID, afterStep step: Int = 0, limit: Int = .max, unwritten: [TrainingRecord] = []
    ) throws(StoreError) -> [TrainingRecord] {
        try source.read("reading the training record") { db in
            var records = try TrainingRecord.page(db, run, after: step, limit: limit)
            if records.count < limit {
                let last = try TrainingRecord.newestStep(db, run)
                records += unwritten.filter { $0.step > max(last, step) }.prefix(limit - records.count)
            }
            return records
        }
    }

    /// At most so many records of training, the first, the last and some spread evenly over the steps between them.
    ///
    /// Complexity: O(count log records).
    /// - Parameters:
    ///   - count: From 2.
    ///   - unwritten: As of `trainingRecords(_:afterStep:limit:unwritten:)`.
    public func trainingRecords(
        _ run: RunID, afterStep step: Int = 0, spread count: Int, unwritten: [TrainingRecord] = []
    ) throws(StoreError) -> [TrainingRecord] {
        try source.read("reading the training record") { db in
            let newest = try TrainingRecord.newestStep(db, run)
            let later = unwritten.filter { $0.step > max(newest, step) }
            func next(after step: Int) throws -> TrainingRecord? {
                try TrainingRecord.page(db, run, after: step, limit: 1).first ?? later.first { $0.step > step }
            }
            guard let first = try next(after: step) else { return [] }
            var records = [first]
            let span = (later.last?.step ?? newest) - first.step
            for index in 1..<max(2, count) {
                let target = first.step + span.scaled(by: index, of: max(2, count) - 1)
                guard target > records[records.count - 1].step, let one = try next(after: target - 1) else { continue }
                records.append(one)
            }
            return records
        }
    }

    /// The newest record of training up to a step; nil when there is none.
    public func trainingRecord(_ run: RunID, upToStep step: Int) throws(StoreError) -> TrainingRecord? {
        try source.read("reading the training record") { db in
            try Row.fetchOne(
                db, cachedStatement: Lookup.trainingUpTo, [run.text.databaseValue, step.databaseValue]
            ).map { try TrainingRecord($0, TrainingDigest(run)) }
        }
    }
}

extension TrainingRecord {
    /// Records after a step, in order.
    static func page(_ db: Database, _ run: RunID, after step: Int, limit: Int) throws -> [TrainingRecord] {
        let rows = try Row.fetchCursor(
            db.cachedStatement(sql: Lookup.trainingPage), arguments: [run.text, step, limit])
        let digests = TrainingDigest(run)
        var records: [TrainingRecord] = []
        while let row = try rows.next() { records.append(try TrainingRecord(row, digests)) }
        return records
    }

    /// Adds records; those that are there already must be equal in what is the same each time.
    static func insert(_ db: Database, _ run: RunID, _ records: [TrainingRecord]) throws {
        let newest = try newestStep(db, run)
        let digests = TrainingDigest(run)
        let insertion = try db.cachedStatement(sql: Lookup.trainingInsertion)
        for one in records {
            // Looked for only where steps are done again.
            if one.step <= newest,
                try Replay.isStored(
                    db, table: "training_records",
                    key: [("run", run.text.databaseValue), ("step", one.step.databaseValue)], columns: one.values)
            {
                continue
            }
            try insertion.execute(
                arguments: [
                    run.text, one.step, one.loss, one.learningRate, one.stepsPerSecond, one.elapsedSeconds,
                    digests.ofRow(one),
                ])
        }
    }

    /// The step of the last record; 0 when there is none.
    static func newestStep(_ db: Database, _ run: RunID) throws -> Int {
        let row = try Row.fetchOne(
            db, cachedStatement: Lookup.trainingUpTo, [run.text.databaseValue, Int.max.databaseValue])
        return try row?.value(at: 0) ?? 0
    }
}

extension Int {
    /// A share of the number, rounded down: no product of two large numbers is formed.
    fileprivate func scaled(by share: Int, of whole: Int) -> Int {
        self / whole * share + self % whole * share / whole
    }
}
