import Foundation
internal import GRDB

/// The rows of the outbox, inside a transaction of whoever adds an event.
enum Outbox {
    static let endpointsOf = "SELECT * FROM endpoints WHERE run IS NULL OR run = ?"
    static let head =
        "SELECT min(position) AS position, endpoint, stream FROM outbox WHERE state = 'pending' GROUP BY endpoint, stream"

    /// Adds a message for every endpoint that wants the event.
    static func add(_ db: Database, _ event: Event) throws {
        for endpoint in try endpoints(db, for: event) { try add(db, event, to: endpoint.id) }
    }

    /// Adds a message for one endpoint.
    static func add(_ db: Database, _ event: Event, to endpoint: String) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO outbox (id, endpoint, stream, seq, type, body, created, next_attempt, wait, state)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 'pending')
                """
        ).execute(arguments: [
            identity(), endpoint, event.run?.text ?? "", event.sequence, event.content.type.rawValue, event.json,
            event.time.milliseconds, event.time.milliseconds,
        ])
    }

    /// Rewrites the messages of a progress event in place, id and number kept.
    ///
    /// - Returns: False, and nothing is changed, unless there is such a message for every endpoint that wants it and none
    ///   was ever attempted.
    static func rewrite(_ db: Database, _ event: Event) throws -> Bool {
        let wanted = try endpoints(db, for: event).count
        guard wanted > 0 else { return false }
        let untouched = try Int.fetchOne(
            db,
            sql: """
                SELECT count(*) FROM outbox
                WHERE stream = ? AND seq = ? AND state = 'pending' AND attempts = 0 AND type = 'run.progress'
                  AND endpoint IN (SELECT id FROM endpoints WHERE run IS NULL OR run = ?)
                """, arguments: [event.run?.text ?? "", event.sequence, event.run?.text ?? ""])
        guard untouched == wanted else { return false }
        try db.execute(
            sql: """
                UPDATE outbox SET body = ? WHERE stream = ? AND seq = ?
                  AND endpoint IN (SELECT id FROM endpoints WHERE run IS NULL OR run = ?)
                """,
            arguments: [event.json, event.run?.text ?? "", event.sequence, event.run?.text ?? ""])
        return true
    }

    /// The messages that come first in their order, of one endpoint and run each.
    static func heads(_ db: Database) throws -> [WebhookMessage] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT o.*, e.run AS endpoint_run, e.url, e.secret, e.events, e.state AS endpoint_state, e.hold_until,
                  e.hold, e.delivered, e.last_outcome AS endpoint_outcome, e.last_attempt
                FROM (\(head)) h JOIN outbox o ON o.position = h.position JOIN endpoints e ON e.id = o.endpoint
                ORDER BY o.position
                """
        ).map(WebhookMessage.init)
    }

    private static func endpoints(_ db: Database, for event: Event) throws -> [WebhookEndpoint] {
        try Row.fetchAll(db.cachedStatement(sql: endpointsOf), arguments: [event.run?.text])
            .map { try WebhookEndpoint($0) }.filter { $0.wants(event.content.type) }
    }

    /// An identity that no other message has, in this database or in one that was set aside.
    private static func identity() -> String {
        var generator = SystemRandomNumberGenerator()
        return "msg_" + String((0..<26).map { _ in RunID.alphabet[Int(generator.next() >> 59)] })
    }
}
