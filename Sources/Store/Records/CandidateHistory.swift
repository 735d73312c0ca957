internal import GRDB
import SearchSpaces

/// Why a search asked for a candidate, beyond its origin.
public struct CandidateReason: Sendable, Hashable {
    /// What was predicted of an objective before it was measured.
    public struct Prediction: Sendable, Hashable {
        /// The name of the metric.
        public let metric: String
        /// The expected value, in the units of the metric.
        public let mean: Double
        /// The standard deviation of the prediction.
        public let spread: Double

        /// Creates a prediction.
        public init(metric: String, mean: Double, spread: Double) {
            self.metric = metric
            self.mean = mean
            self.spread = spread
        }
    }

    /// The candidate's number.
    public let candidate: Int
    /// The generation of its round, from 0.
    public let generation: Int
    /// The numbers of the candidates that it was made of; of one that is measured anew, its number in the round before.
    public let parents: [Int]
    /// What it was taken for among many that were predicted, such as `hypervolume`; nil where nothing was predicted.
    public let aim: String?
    /// Whether it was moved into the windows of exact costs.
    public let isRepaired: Bool
    /// What was predicted of it, in the order of the metrics' names.
    public let predictions: [Prediction]

    /// Creates a reason.
    public init(
        candidate: Int, generation: Int, parents: [Int] = [], aim: String? = nil, isRepaired: Bool = false,
        predictions: [Prediction] = []
    ) {
        self.candidate = candidate
        self.generation = generation
        self.parents = parents
        self.aim = aim
        self.isRepaired = isRepaired
        self.predictions = predictions.sorted { $0.metric < $1.metric }
    }
}

/// What measuring a candidate took, and what it brought.
public struct CandidateEvaluation: Sendable, Hashable {
    /// The candidate's number.
    public let candidate: Int
    /// The hypervolume of the front of the round's weights with it and all before it; nil where nobody tells it.
    public let hypervolume: Double?
    /// Seconds that measuring took, as its share of those that were measured together; nil where that was not noted.
    public let seconds: Double?
    /// How many candidates were measured together; nil with the seconds.
    public let together: Int?

    /// Creates an evaluation.
    public init(candidate: Int, hypervolume: Double?, seconds: Double? = nil, together: Int? = nil) {
        self.candidate = candidate
        self.hypervolume = hypervolume
        self.seconds = together == nil ? nil : seconds
        self.together = seconds == nil ? nil : together
    }
}

/// A point of the curve of a search: how good the front is after an evaluation.
public struct CurvePoint: Sendable, Hashable {
    /// The candidate that was measured last.
    public let candidate: Int
    /// Its round.
    public let round: Int
    /// The training step of the weights.
    public let weightsStep: Int
    /// The hypervolume of the front of these weights; nil where nobody tells it.
    public let hypervolume: Double?
}

extension CandidateReason {
    /// Writes the rows of a reason, or finds them as they are; what was predicted stays as it was the first time.
    func insert(_ db: Database, of run: RunID) throws {
        let key = [("run", run.text.databaseValue), ("candidate", candidate.databaseValue)]
        let columns = [
            ("generation", generation.databaseValue),
            ("parents", parents.map { "\($0)" }.joined(separator: " ").databaseValue),
            ("aim", aim?.databaseValue ?? .null), ("repaired", isRepaired.databaseValue),
        ]
        _ = try Replay.insert(
            db, table: "reasons", key: key, columns: columns,
            circumstances: [("digest", RowDigest.of((key + columns).map(\.1)).databaseValue)])
        for prediction in predictions {
            let key = key + [("metric", prediction.metric.databaseValue)]
            let columns = [("mean", prediction.mean.databaseValue), ("spread", prediction.spread.databaseValue)]
            _ = try Replay.insert(
                db, table: "predictions", key: key, columns: [],
                circumstances: columns + [("digest", RowDigest.of((key + columns).map(\.1)).databaseValue)])
        }
    }

    /// The reason of a candidate; nil for one that an earlier version asked for.
    ///
    /// - Throws: ``StoreError/corrupt(path:detail:)`` where a row is not as it was written.
    static func read(_ db: Database, _ run: RunID, _ candidate: Int) throws -> CandidateReason? {
        let key = [run.text.databaseValue, candidate.databaseValue]
        let row = try Row.fetchOne(
            db,
            cachedStatement:
                "SELECT generation, parents, aim, repaired, digest FROM reasons WHERE run = ? AND candidate = ?",
            key)
        guard let row else { return nil }
        let generation: Int = try row.value(at: 0), parents: String = try row.value(at: 1)
        let aim: String? = try row.value(at: 2), isRepaired: Bool = try row.value(at: 3)
        try RowDigest.check(
            try row.value(at: 4),
            of: key + [
                generation.databaseValue, parents.databaseValue, aim?.databaseValue ?? .null, isRepaired.databaseValue,
            ],
            "reason of candidate \(candidate) of run \(run)")
        let predictions = try Row.fetchAll(
            db.cachedStatement(
                sql:
                    "SELECT metric, mean, spread, digest FROM predictions WHERE run = ? AND candidate = ? ORDER BY metric"
            ),
            arguments: StatementArguments(key)
        ).map { row in
            let prediction = Prediction(
                metric: try row.value(at: 0), mean: try row.value(at: 1), spread: try row.value(at: 2))
            try RowDigest.check(
                try row.value(at: 3),
                of: key + [
                    prediction.metric.databaseValue, prediction.mean.databaseValue, prediction.spread.databaseValue,
                ], "prediction of candidate \(candidate) of run \(run)")
            return prediction
        }
        return CandidateReason(
            candidate: candidate, generation: generation, parents: parents.split(separator: " ").compactMap { Int($0) },
            aim: aim, isRepaired: isRepaired, predictions: predictions)
    }
}

extension CandidateEvaluation {
    static let columns = "candidate, hypervolume, seconds, together, digest"

    /// Writes the row, or leaves the one that there is: a later version that repeats a generation may round otherwise.
    func insert(_ db: Database, of run: RunID) throws {
        _ = try Replay.insert(
            db, table: "evaluations",
            key: [("run", run.text.databaseValue), ("candidate", candidate.databaseValue)],
            columns: [],
            circumstances: [
                ("hypervolume", hypervolume?.databaseValue ?? .null), ("seconds", seconds?.databaseValue ?? .null),
                ("together", together?.databaseValue ?? .null),
                ("digest", RowDigest.of(digestValues(run)).databaseValue),
            ])
    }

    /// Reads a row of ``columns`` of a run.
    init(_ row: Row, of run: RunID) throws {
        self.init(
            candidate: try row.value(at: 0), hypervolume: try row.value(at: 1), seconds: try row.value(at: 2),
            together: try row.value(at: 3))
        try RowDigest.check(
            try row.value(at: 4), of: digestValues(run), "evaluation of candidate \(candidate) of run \(run)")
    }

    private func digestValues(_ run: RunID) -> [DatabaseValue] {
        [
            run.text.databaseValue, candidate.databaseValue, hypervolume?.databaseValue ?? .null,
            seconds?.databaseValue ?? .null, together?.databaseValue ?? .null,
        ]
    }
}
