internal import GRDB

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
}
