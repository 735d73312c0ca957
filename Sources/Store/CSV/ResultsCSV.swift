internal import GRDB
public import SearchSpaces

/// The results of a run as CSV: the columns of results.csv, in order; new ones only at the end.
///
/// Nothing in it depends on time, host, duration or the run's id, so that equal runs give equal bytes.
public struct ResultsCSV: Sendable {
    /// What the front is about.
    public let objectives: [Objective]
    /// The bounds of a feasible candidate.
    public let constraints: [Constraint]

    /// The fixed columns; columns of further measurements follow, by name.
    public static let columns = [
        "candidate", "key", "genome", "origin", "round", "weightsStep", "state", "feasible", "violation", "accuracy",
        "loss", "samples", "params", "multiplyAdds", "latencyMilliseconds", "latencyKind", "onFront",
        "validationAccuracy", "testAccuracy",
    ]

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
            var digest = ResultsDigest()
            var front = ParetoFront(objectives: objectives, constraints: constraints)
            var extra: Set<String> = []
            var newest = 0
            var unverified = 0
            try Pages.all(db, run: run, weightsStep: nil) { result in
                front.add(result)
                digest.add(result, of: run)
                unverified += result.unverifiedRows
                newest = max(newest, result.candidate.weightsStep)
                for one in result.measurements where !Self.isFixed(one.kind) { extra.insert(one.kind.rawValue) }
            }
            if let whole = stored.resultsDigest, whole != digest.text {
                throw StoreError.corrupt(
                    path: "results of run \(run)", detail: "rows are missing, or not as they were written")
            }
            let members = front.members()
            let further = extra.sorted().map { MeasurementKind(rawValue: $0) }
            let writer = CSVWriter()
            try receive(
                writer.record(Self.columns.map(CSVField.symbol) + further.map { CSVField.text($0.rawValue) }))
            try Pages.all(db, run: run, weightsStep: nil) { result in
                let onFront = members.contains(result.candidate.number)
                if frontOnly && !(onFront && result.candidate.weightsStep == newest) { return }
                try receive(writer.record(fields(result, onFront: onFront, further: further)))
            }
            return unverified
        }
    }

    private static func isFixed(_ kind: MeasurementKind) -> Bool {
        [.accuracy, .loss, .validationAccuracy, .testAccuracy].contains(kind) || kind.latencyKind != nil
    }

    private func fields(_ result: CandidateResult, onFront: Bool, further: [MeasurementKind]) -> [CSVField] {
        let candidate = result.candidate
        let violation = result.violation(of: constraints)
        let latency = result.measurements.first { $0.kind.latencyKind != nil }
        let samples = (result.measurement(.accuracy) ?? result.measurement(.loss))?.samples
        func value(_ kind: MeasurementKind) -> CSVField {
            result.measurement(kind)?.value.map(CSVField.number) ?? .empty
        }
        return [
            .integer(candidate.number), .symbol(candidate.key), .symbol(candidate.genomeText),
            .symbol(candidate.origin), .integer(candidate.round), .integer(candidate.weightsStep),
            .text(result.stateText), violation.map { .boolean($0 == 0) } ?? .empty,
            violation.map { .number($0) } ?? .empty, value(.accuracy), value(.loss),
            samples.map { .integer($0) } ?? .empty, .integer(candidate.cost.params),
            .integer(candidate.cost.multiplyAdds), latency?.value.map { .number($0) } ?? .empty,
            latency?.kind.latencyKind.map { .text($0) } ?? .empty, .boolean(onFront), value(.validationAccuracy),
            value(.testAccuracy),
        ] + further.map(value)
    }
}
