import Foundation
internal import GRDB
internal import Runs
import SearchSpaces

// Rows into domain values. The tables are STRICT and CHECKed; what a damaged file has in spite of that is an error.

extension RunRow {
    static let columns =
        "id, name, state, desired, created, updated, step, failure, priority, summary"

    /// Reads a row of ``columns``, or one with more of them.
    init(_ row: Row) throws {
        let state: String = try row.value("state"), desired: String = try row.value("desired")
        guard let state = RunState(rawValue: state), let desired = RunIntent(rawValue: desired) else {
            throw StoreError.corrupt(path: "runs", detail: "a state is unknown")
        }
        let summary: String? = try row.value("summary")
        self.init(
            id: RunID(stored: try row.value("id")), name: try row.value("name"), state: state, desired: desired,
            created: Timestamp(milliseconds: try row.value("created")),
            updated: Timestamp(milliseconds: try row.value("updated")), step: try row.value("step"),
            failure: try row.value("failure"), priority: try row.value("priority"),
            summary: summary.flatMap { RunSummary(text: $0) })
    }
}

extension RunRow {
    /// Reads a row for those who compute runs: they pass one that is damaged over, and go on with the others.
    static func readable(_ row: Row) -> RunRow? { try? RunRow(row) }

    /// Reads a row for a list: one that is damaged is shown as such, and hides no other.
    static func listed(_ row: Row) -> RunRow {
        if let run = readable(row) { return run }
        let id: String? = try? row.value("id"), name: String? = try? row.value("name")
        let created: Int64? = try? row.value("created")
        let time = Timestamp(milliseconds: created ?? 0)
        return RunRow(
            id: RunID(stored: id ?? ""), name: name ?? "", state: .failed, desired: .running, created: time,
            updated: time, step: 0, failure: "its row in the database is damaged; restore a backup", priority: 0,
            summary: nil)
    }
}

extension StoredRun {
    static let columns =
        RunRow.columns + ", seed, run_yaml, space_yaml, fingerprints, numerics, metrics, digest, results_digest"

    /// Reads a row of ``columns``.
    init(_ row: Row) throws {
        let run = try RunRow(row)
        let seed: Int64 = try row.value("seed")
        let draft = RunDraft(
            name: run.name, seed: UInt64(bitPattern: seed), runYAML: try row.value("run_yaml"),
            spaceYAML: try row.value("space_yaml"), fingerprints: try row.value("fingerprints"),
            numerics: try row.value("numerics"), metrics: RunDraft.metrics(try row.value("metrics")))
        let digest: Int64? = try row.value("digest")
        try RowDigest.check(digest, of: draft.digestValues, "run \(run.id)")
        self.init(row: run, draft: draft, resultsDigest: try row.value("results_digest"))
    }
}

extension RunDraft {
    /// What the digest of a run's row is made of.
    var digestValues: [DatabaseValue] {
        [
            name.databaseValue, Int64(bitPattern: seed).databaseValue, runYAML.databaseValue, spaceYAML.databaseValue,
            fingerprints.databaseValue, numerics.databaseValue,
        ] + (metrics == nil ? [] : [metricsValue])
    }

    /// The names of the metrics as a column has them; nothing for a run of an earlier version.
    var metricsValue: DatabaseValue { metrics?.joined(separator: " ").databaseValue ?? .null }

    /// The names that such a column has.
    static func metrics(_ text: String?) -> [String]? { text?.split(separator: " ").map(String.init) }
}

// The rows of the hot pages are read by place, which costs a fraction of looking names up.

extension Candidate {
    static let columns = "number, key, genome, choices, origin, round, weights_step, params, multiply_adds, digest"

    /// Reads a row of ``columns`` of a run.
    init(_ row: Row, of run: RunID) throws {
        let choices: Data = try row.value(at: 3)
        self.init(
            number: try row.value(at: 0), key: try row.value(at: 1), genomeText: try row.value(at: 2),
            genome: Genome(Array(choices)), origin: try row.value(at: 4), round: try row.value(at: 5),
            weightsStep: try row.value(at: 6), cost: try Self.cost(row))
        try RowDigest.check(try row.value(at: 9), of: digestValues(run), "candidate \(number) of run \(run)")
    }

    /// The costs that are columns; others are rows of their own.
    private static func cost(_ row: Row) throws -> ArchitectureCost {
        let params: Int? = try row.value(at: 7), multiplyAdds: Int? = try row.value(at: 8)
        if let params, let multiplyAdds { return ArchitectureCost(params: params, multiplyAdds: multiplyAdds) }
        let known = zip(Cost.ofColumns, [params, multiplyAdds]).filter { $0.1 != nil }
        return ArchitectureCost(known.map(\.0), known.compactMap(\.1))
    }

    /// The columns but the run and the number, with their values.
    var values: [(String, DatabaseValue)] {
        [
            ("key", key.databaseValue), ("genome", genomeText.databaseValue),
            ("choices", Data(genome.choices).databaseValue), ("origin", origin.databaseValue),
            ("round", round.databaseValue), ("weights_step", weightsStep.databaseValue),
            ("params", cost[.params]?.databaseValue ?? .null),
            ("multiply_adds", cost[.multiplyAdds]?.databaseValue ?? .null),
        ]
    }

    /// What the digest of its row is made of.
    func digestValues(_ run: RunID) -> [DatabaseValue] {
        [run.text.databaseValue, number.databaseValue] + values.map(\.1)
    }
}

/// A cost of a candidate that has no column of its own.
struct Cost {
    static let columns = "candidate, name, value, digest"
    /// The costs that are columns of their candidate.
    static let ofColumns: [Metric] = [.params, .multiplyAdds]

    let candidate: Int
    let name: String
    let value: Int

    /// Those of a candidate, in the order of their names.
    static func all(of candidate: Candidate) -> [Cost] {
        let cost = candidate.cost
        return zip(cost.metrics, cost.values).filter { !ofColumns.contains($0.0) }
            .map { Cost(candidate: candidate.number, name: $0.0.name, value: $0.1) }.sorted { $0.name < $1.name }
    }

    /// What the digest of its row is made of.
    func digestValues(_ run: RunID) -> [DatabaseValue] {
        [run.text.databaseValue, candidate.databaseValue, name.databaseValue, value.databaseValue]
    }
}

extension Cost {
    /// Reads a row of ``columns`` of a run.
    init(_ row: Row, of run: RunID) throws {
        self.init(candidate: try row.value(at: 0), name: try row.value(at: 1), value: try row.value(at: 2))
        let digest: Int64 = try row.value(at: 3)
        try RowDigest.check(digest, of: digestValues(run), "cost \(name) of candidate \(candidate) of run \(run)")
    }
}

extension CandidateMeasurement {
    static let columns = "candidate, kind, value, samples, reason, digest"

    /// Reads a row of ``columns`` of a run.
    init(_ row: Row, of run: RunID) throws {
        let value: Double? = try row.value(at: 2)
        let reason: String? = try row.value(at: 4)
        self.init(
            candidate: try row.value(at: 0), kind: MeasurementKind(rawValue: try row.value(at: 1)),
            outcome: value.map(Outcome.completed) ?? .failed(reason: reason ?? ""), samples: try row.value(at: 3))
        try RowDigest.check(
            try row.value(at: 5), of: digestValues(run), "measurement \(kind) of candidate \(candidate) of run \(run)")
    }

    /// The columns but the run, the candidate and the kind, with their values.
    var values: [(String, DatabaseValue)] {
        [
            ("state", (value == nil ? "failed" : "completed").databaseValue), ("value", value?.databaseValue ?? .null),
            ("samples", samples.databaseValue), ("reason", reason?.databaseValue ?? .null),
        ]
    }

    /// What the digest of its row is made of.
    func digestValues(_ run: RunID) -> [DatabaseValue] {
        [run.text.databaseValue, candidate.databaseValue, kind.rawValue.databaseValue] + values.map(\.1)
    }
}

extension SearchRound {
    static let columns = "run, round, weights_step, state, search_state, evaluations, hypervolume, digest"

    /// Reads a row of ``columns``.
    init(_ row: Row) throws {
        let text: String = try row.value("state")
        guard let state = State(rawValue: text) else {
            throw StoreError.corrupt(path: "rounds", detail: "a state is unknown")
        }
        self.init(
            round: try row.value("round"), weightsStep: try row.value("weights_step"), state: state,
            searchState: try row.value("search_state"), evaluations: try row.value("evaluations"),
            hypervolume: try row.value("hypervolume"))
        let run = RunID(stored: try row.value("run"))
        try RowDigest.check(try row.value("digest"), of: digestValues(run), "round \(round) of run \(run)")
    }

    /// The columns but the run and the round, with their values.
    var values: [(String, DatabaseValue)] {
        [
            ("weights_step", weightsStep.databaseValue), ("state", state.rawValue.databaseValue),
            ("search_state", searchState.databaseValue), ("evaluations", evaluations.databaseValue),
            ("hypervolume", hypervolume?.databaseValue ?? .null),
        ]
    }

    /// What the digest of its row is made of.
    func digestValues(_ run: RunID) -> [DatabaseValue] {
        [run.text.databaseValue, round.databaseValue] + values.map(\.1)
    }
}

extension SamplerStatistic {
    static let columns = "step, name, bin, value, digest"

    /// Reads a row of ``columns`` of a run.
    init(_ row: Row, of run: RunID) throws {
        self.init(
            step: try row.value(at: 0), name: try row.value(at: 1), bin: try row.value(at: 2),
            value: try row.value(at: 3))
        try RowDigest.check(
            try row.value(at: 4), of: digestValues(run), "statistic \(name) of step \(step) of run \(run)")
    }

    /// What the digest of its row is made of.
    func digestValues(_ run: RunID) -> [DatabaseValue] {
        [
            run.text.databaseValue, step.databaseValue, name.databaseValue, bin.databaseValue, value.databaseValue,
        ]
    }
}

extension TrainingRecord {
    static let columns = "step, loss, learning_rate, steps_per_second, elapsed_seconds, digest"

    /// Reads a row of ``columns``.
    init(_ row: Row, _ digests: TrainingDigest) throws {
        self.init(
            step: try row.value(at: 0), loss: try row.value(at: 1), learningRate: try row.value(at: 2),
            stepsPerSecond: try row.value(at: 3), elapsedSeconds: try row.value(at: 4))
        let digest: Int64 = try row.value(at: 5)
        guard digest == digests.ofRow(self) else {
            throw StoreError.corrupt(
                path: "training record \(step) of run \(digests.run)", detail: "the row is not as it was written")
        }
    }

    /// The columns that are the same whenever the step is done, with their values.
    var values: [(String, DatabaseValue)] {
        [("loss", loss.databaseValue), ("learning_rate", learningRate.databaseValue)]
    }
}

extension Event {
    init(_ row: Row, run: RunID?, name: String?) throws {
        let text: String = try row.value("type")
        guard let type = EventType(rawValue: text) else {
            throw StoreError.corrupt(path: "events", detail: "a type is unknown")
        }
        self.init(
            run: run, name: name, sequence: try row.value("seq"), time: Timestamp(milliseconds: try row.value("time")),
            content: EventDraft(type, data: try row.value("data"), key: try row.value("key")))
    }
}

extension WebhookEndpoint {
    init(_ row: Row) throws {
        try self.init(row, id: "id", run: "run", state: "state", outcome: "last_outcome")
    }

    /// Reads an endpoint whose columns have other names, as in a join.
    init(_ row: Row, id: String, run: String, state: String, outcome: String) throws {
        let text: String = try row.value(state)
        guard let state = State(rawValue: text) else {
            throw StoreError.corrupt(path: "endpoints", detail: "a state is unknown")
        }
        let events: String = try row.value("events")
        let run: String? = try row.value(run), lastAttempt: Int64? = try row.value("last_attempt")
        self.init(
            id: try row.value(id), run: run.map { RunID(stored: $0) }, url: try row.value("url"),
            secret: try row.value("secret"), events: events.split(separator: "\n").map(String.init), state: state,
            holdUntil: Timestamp(milliseconds: try row.value("hold_until")), holdMilliseconds: try row.value("hold"),
            delivered: try row.value("delivered"), lastOutcome: try row.value(outcome),
            lastAttempt: lastAttempt.map { Timestamp(milliseconds: $0) })
    }
}

extension WebhookMessage {
    init(_ row: Row) throws {
        let text: String = try row.value("type")
        guard let type = EventType(rawValue: text) else {
            throw StoreError.corrupt(path: "outbox", detail: "a type is unknown")
        }
        let stream: String = try row.value("stream")
        self.init(
            id: try row.value("id"),
            endpoint: try WebhookEndpoint(
                row, id: "endpoint", run: "endpoint_run", state: "endpoint_state", outcome: "endpoint_outcome"),
            run: stream.isEmpty ? nil : RunID(stored: stream), sequence: try row.value("seq"), type: type,
            body: try row.value("body"), attempts: try row.value("attempts"),
            created: Timestamp(milliseconds: try row.value("created")),
            nextAttempt: Timestamp(milliseconds: try row.value("next_attempt")),
            waitMilliseconds: try row.value("wait"))
    }
}
