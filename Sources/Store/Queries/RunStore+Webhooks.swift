internal import GRDB

extension RunStore {
    /// Sets or removes the daemon's own endpoint; messages that wait go to the new address, whatever the receiver at the
    /// old one had answered.
    public func setDaemonEndpoint(_ draft: WebhookEndpointDraft?) throws(StoreError) {
        try write("noting the webhook") { db in
            if let draft {
                try Self.insert(db, draft, id: WebhookEndpoint.daemonID, run: nil)
            } else {
                try db.execute(sql: "DELETE FROM endpoints WHERE id = ?", arguments: [WebhookEndpoint.daemonID])
            }
        }
    }

    static func insert(_ db: Database, _ draft: WebhookEndpointDraft, id: String, run: RunID?) throws {
        try db.execute(
            sql: """
                INSERT INTO endpoints (id, run, url, secret, events, state) VALUES (?, ?, ?, ?, ?, 'active')
                ON CONFLICT (id) DO UPDATE SET url = excluded.url, secret = excluded.secret, events = excluded.events,
                  state = CASE WHEN url = excluded.url THEN state ELSE 'active' END,
                  hold_until = CASE WHEN url = excluded.url THEN hold_until ELSE 0 END,
                  hold = CASE WHEN url = excluded.url THEN hold ELSE 0 END
                """,
            arguments: [id, run?.text, draft.url, draft.secret, draft.events.joined(separator: "\n")])
    }

    /// The next message of each endpoint and run in its order, due or not, of endpoints that are active.
    public func nextMessages() throws(StoreError) -> [WebhookMessage] {
        try source.read("reading the outbox") { db in
            try Outbox.heads(db).filter { $0.endpoint.state == .active }
        }
    }

    /// Notes that an attempt begins: from here on the message is never rewritten.
    ///
    /// - Returns: The message as it is to be sent, which progress may have rewritten since; nil when it is gone.
    public func beginAttempt(_ id: String) throws(StoreError) -> WebhookMessage? {
        try write("noting an attempt") { db in
            try db.execute(
                sql: "UPDATE outbox SET attempts = attempts + 1 WHERE id = ? AND state = 'pending'", arguments: [id])
            guard db.changesCount == 1 else { return nil }
            return try Outbox.heads(db).first { $0.id == id }
        }
    }

    /// Removes a delivered message and counts it.
    public func recordDelivery(_ id: String, outcome: String, time: Timestamp) throws(StoreError) {
        try write("noting a delivery") { db in
            try Self.noteOutcome(db, id, outcome, time)
            try db.execute(
                sql:
                    "UPDATE endpoints SET delivered = delivered + 1 WHERE id = (SELECT endpoint FROM outbox WHERE id = ?)",
                arguments: [id])
            try db.execute(sql: "DELETE FROM outbox WHERE id = ?", arguments: [id])
        }
    }

    /// Notes a failed attempt.
    ///
    /// - Parameters:
    ///   - next: When to try again; nil gives the message up, which releases the next one of its run.
    ///   - holdUntil: Before this moment the endpoint gets no other message either.
    ///   - disables: Whether the endpoint gets nothing more until a replay.
    public func recordFailure(
        _ id: String, outcome: String, time: Timestamp, next: Timestamp?, holdUntil: Timestamp? = nil,
        disables: Bool = false
    ) throws(StoreError) {
        try write("noting a failed delivery") { db in
            try Self.noteOutcome(db, id, outcome, time)
            if let holdUntil {
                try db.execute(
                    sql: """
                        UPDATE endpoints SET hold = ?, hold_until = ?
                        WHERE id = (SELECT endpoint FROM outbox WHERE id = ?) AND hold_until < ?
                        """,
                    arguments: [
                        Self.wait(from: time, to: holdUntil), holdUntil.milliseconds, id, holdUntil.milliseconds,
                    ])
            }
            if disables {
                try db.execute(
                    sql:
                        "UPDATE endpoints SET state = 'disabled' WHERE id = (SELECT endpoint FROM outbox WHERE id = ?)",
                    arguments: [id])
            }
            try db.execute(
                sql: """
                    UPDATE outbox SET last_outcome = ?, next_attempt = coalesce(?, next_attempt),
                      wait = coalesce(?, wait), state = CASE WHEN ? THEN 'dead' ELSE state END WHERE id = ?
                    """,
                arguments: [
                    outcome, next?.milliseconds, next.map { Self.wait(from: time, to: $0) }, next == nil, id,
                ])
        }
    }

    /// Brings back what is due further off than it was ever to wait: the clock ran ahead when that was noted.
    ///
    /// - Parameter longest: The longest wait there is, for what an earlier version noted, in milliseconds.
    /// - Returns: How many messages and endpoints were brought back.
    @discardableResult
    public func recallWaits(time: Timestamp, longest: Int64) throws(StoreError) -> Int {
        let now = time.milliseconds
        let isAny = try source.read("looking for waits") { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT 1 WHERE EXISTS (SELECT 1 FROM outbox WHERE state = 'pending' AND \(Self.isTooFar))
                      OR EXISTS (SELECT 1 FROM endpoints WHERE hold_until > ? + coalesce(hold, ?))
                    """, arguments: [now, longest, now, longest]) != nil
        }
        guard isAny else { return 0 }
        return try write("bringing waits back") { db in
            try db.execute(
                sql: """
                    UPDATE outbox SET next_attempt = ? + CASE WHEN attempts = 0 THEN 0 ELSE coalesce(wait, 0) END
                    WHERE state = 'pending' AND \(Self.isTooFar)
                    """, arguments: [now, now, longest])
            let messages = db.changesCount
            try db.execute(
                sql: """
                    UPDATE endpoints SET hold_until = ? + coalesce(hold, 0) WHERE hold_until > ? + coalesce(hold, ?)
                    """, arguments: [now, now, longest])
            return messages + db.changesCount
        }
    }

    /// Whether a message waits longer than it ever had to, from now on: a new one does not wait at all.
    private static let isTooFar = "next_attempt > ? + CASE WHEN attempts = 0 THEN 0 ELSE coalesce(wait, ?) END"

    private static func wait(from time: Timestamp, to next: Timestamp) -> Int64 {
        max(0, next.milliseconds - time.milliseconds)
    }

    /// Sends dead letters and whatever waits for a later attempt again, and enables the endpoint.
    ///
    /// - Returns: How many messages go out again.
    /// - Throws: ``StoreError/noSuchEndpoint(_:)``.
    public func replay(_ endpoint: String, time: Timestamp) throws(StoreError) -> Int {
        try write("replaying messages") { db in
            try db.execute(
                sql: "UPDATE endpoints SET state = 'active', hold_until = 0, hold = 0 WHERE id = ?",
                arguments: [endpoint])
            guard db.changesCount == 1 else { throw StoreError.noSuchEndpoint(endpoint) }
            // What still waits after an outage need not wait out its interval either.
            try db.execute(
                sql: """
                    UPDATE outbox SET next_attempt = ?, wait = 0,
                      attempts = CASE state WHEN 'dead' THEN 1 ELSE attempts END, state = 'pending'
                    WHERE endpoint = ? AND (state = 'dead' OR next_attempt > ?)
                    """, arguments: [time.milliseconds, endpoint, time.milliseconds])
            return db.changesCount
        }
    }

    /// Adds a test event for one endpoint, whatever events it wants.
    ///
    /// - Throws: ``StoreError/noSuchEndpoint(_:)``.
    public func appendTestEvent(to endpoint: String, time: Timestamp) throws(StoreError) {
        try write("adding a test event") { db in
            guard try Row.fetchOne(db, sql: "SELECT 1 FROM endpoints WHERE id = ?", arguments: [endpoint]) != nil else {
                throw StoreError.noSuchEndpoint(endpoint)
            }
            let event = try Journal.append(
                db, run: nil, EventDraft(.webhookTest), time: time, announcing: false)
            try Outbox.add(db, event, to: endpoint)
        }
    }

    private static func noteOutcome(_ db: Database, _ id: String, _ outcome: String, _ time: Timestamp) throws {
        try db.execute(
            sql: """
                UPDATE endpoints SET last_outcome = ?, last_attempt = ?
                WHERE id = (SELECT endpoint FROM outbox WHERE id = ?)
                """, arguments: [outcome, time.milliseconds, id])
    }
}

extension RunQueries {
    /// Every endpoint with the counts of its messages, the daemon's first.
    public func webhooks() throws(StoreError) -> [WebhookStatus] {
        try source.read("listing webhooks") { db in
            let heads = Dictionary(grouping: try Outbox.heads(db), by: \.endpoint.id)
            return try Row.fetchAll(db, sql: "SELECT * FROM endpoints ORDER BY run IS NOT NULL, id").map { row in
                let endpoint = try WebhookEndpoint(row)
                func count(_ state: String) throws -> Int {
                    try Int.fetchOne(
                        db, sql: "SELECT count(*) FROM outbox WHERE endpoint = ? AND state = '\(state)'",
                        arguments: [endpoint.id]) ?? 0
                }
                let next = heads[endpoint.id]?.map { max($0.nextAttempt, endpoint.holdUntil) }.min()
                return WebhookStatus(
                    endpoint: endpoint, pending: try count("pending"), dead: try count("dead"),
                    nextAttempt: endpoint.state == .active ? next : nil)
            }
        }
    }

    /// Messages that wait for an endpoint or were given up, in their order.
    ///
    /// - Parameter position: Only those after this place.
    /// - Throws: ``StoreError/noSuchEndpoint(_:)``.
    public func webhookMessages(
        of endpoint: String, after position: Int = 0, limit: Int
    ) throws(StoreError) -> [QueuedMessage] {
        try source.read("listing messages") { db in
            guard try Row.fetchOne(db, sql: "SELECT 1 FROM endpoints WHERE id = ?", arguments: [endpoint]) != nil else {
                throw StoreError.noSuchEndpoint(endpoint)
            }
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT position, id, stream, seq, type, created, attempts, next_attempt, state, last_outcome FROM outbox
                    WHERE endpoint = ? AND position > ? ORDER BY position LIMIT ?
                    """, arguments: [endpoint, position, limit]
            ).map { row in
                let stream: String = try row.value("stream"), state: String = try row.value("state")
                return QueuedMessage(
                    position: try row.value("position"), id: try row.value("id"), run: stream.isEmpty ? nil : stream,
                    sequence: try row.value("seq"), type: try row.value("type"),
                    created: Timestamp(milliseconds: try row.value("created")), attempts: try row.value("attempts"),
                    nextAttempt: state == "dead" ? nil : Timestamp(milliseconds: try row.value("next_attempt")),
                    lastOutcome: try row.value("last_outcome"))
            }
        }
    }
}
