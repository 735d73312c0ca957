import Foundation
internal import GRDB
import SearchSpaces

// Rows into domain values. The tables are STRICT and CHECKed, so that the types below hold.

extension StoredRun {
    init(_ row: Row) throws {
        guard let state = RunState(rawValue: row["state"]), let desired = RunIntent(rawValue: row["desired"]) else {
            throw StoreError.corrupt(path: "runs", detail: "a state is unknown")
        }
        self.init(
            id: RunID(stored: row["id"]),
            draft: RunDraft(
                name: row["name"], seed: UInt64(bitPattern: row["seed"] as Int64), runYAML: row["run_yaml"],
                spaceYAML: row["space_yaml"], fingerprints: row["fingerprints"], numerics: row["numerics"]),
            state: state, desired: desired, created: Timestamp(milliseconds: row["created"]),
            updated: Timestamp(milliseconds: row["updated"]), step: row["step"], failure: row["failure"],
            priority: row["priority"])
    }
}

// The rows of the hot pages are read by place, which costs a fraction of looking names up.

extension Candidate {
    static let columns = "number, key, genome, choices, origin, round, weights_step, params, multiply_adds"

    /// Reads a row of ``columns``.
    init(_ row: Row) {
        let choices: [UInt8] = Array(row[3] as Data)
        self.init(
            number: row[0], key: row[1], genomeText: row[2], genome: Genome(choices), origin: row[4], round: row[5],
            weightsStep: row[6], cost: ArchitectureCost(params: row[7], multiplyAdds: row[8]))
    }
}

extension CandidateMeasurement {
    static let columns = "candidate, kind, value, samples, reason"

    /// Reads a row of ``columns``.
    init(_ row: Row) {
        let value: Double? = row[2]
        let reason: String? = row[4]
        self.init(
            candidate: row[0], kind: MeasurementKind(rawValue: row[1]),
            outcome: value.map(Outcome.completed) ?? .failed(reason: reason ?? ""), samples: row[3])
    }
}

extension SearchRound {
    init(_ row: Row) throws {
        guard let state = State(rawValue: row["state"]) else {
            throw StoreError.corrupt(path: "rounds", detail: "a state is unknown")
        }
        self.init(
            round: row["round"], weightsStep: row["weights_step"], state: state, searchState: row["search_state"],
            evaluations: row["evaluations"], hypervolume: row["hypervolume"])
    }
}

extension Event {
    init(_ row: Row, run: RunID?) throws {
        guard let type = EventType(rawValue: row["type"]) else {
            throw StoreError.corrupt(path: "events", detail: "a type is unknown")
        }
        self.init(
            run: run, sequence: row["seq"], time: Timestamp(milliseconds: row["time"]),
            content: EventDraft(type, data: row["data"], key: row["key"]))
    }
}

extension WebhookEndpoint {
    init(_ row: Row) throws {
        try self.init(row, id: "id", run: "run", state: "state", outcome: "last_outcome")
    }

    /// Reads an endpoint whose columns have other names, as in a join.
    init(_ row: Row, id: String, run: String, state: String, outcome: String) throws {
        guard let state = State(rawValue: row[state]) else {
            throw StoreError.corrupt(path: "endpoints", detail: "a state is unknown")
        }
        let events: String = row["events"]
        self.init(
            id: row[id], run: (row[run] as String?).map { RunID(stored: $0) }, url: row["url"], secret: row["secret"],
            events: events.split(separator: "\n").map(String.init), state: state,
            holdUntil: Timestamp(milliseconds: row["hold_until"]), delivered: row["delivered"],
            lastOutcome: row[outcome],
            lastAttempt: (row["last_attempt"] as Int64?).map { Timestamp(milliseconds: $0) })
    }
}

extension WebhookMessage {
    init(_ row: Row) throws {
        guard let type = EventType(rawValue: row["type"]) else {
            throw StoreError.corrupt(path: "outbox", detail: "a type is unknown")
        }
        let stream: String = row["stream"]
        self.init(
            id: row["id"],
            endpoint: try WebhookEndpoint(
                row, id: "endpoint", run: "endpoint_run", state: "endpoint_state", outcome: "endpoint_outcome"),
            run: stream.isEmpty ? nil : RunID(stored: stream), sequence: row["seq"], type: type, body: row["body"],
            attempts: row["attempts"], created: Timestamp(milliseconds: row["created"]),
            nextAttempt: Timestamp(milliseconds: row["next_attempt"]))
    }
}
