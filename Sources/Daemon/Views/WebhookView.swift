internal import API
internal import Foundation
internal import Store

extension WebhookList.Endpoint {
    /// A row as a wire type; user, password and query of the address are left out.
    init(_ status: WebhookStatus) {
        let endpoint = status.endpoint
        var address = URLComponents(string: endpoint.url)
        address?.user = nil
        address?.password = nil
        address?.query = nil
        address?.fragment = nil
        self.init(
            id: endpoint.id, url: address?.string ?? "", secret: endpoint.secret, events: endpoint.events,
            state: endpoint.state.rawValue, pending: status.pending, dead: status.dead, delivered: endpoint.delivered,
            nextAttempt: status.nextAttempt?.date, lastOutcome: endpoint.lastOutcome,
            lastAttempt: endpoint.lastAttempt?.date)
    }
}

extension WebhookMessageList.Message {
    /// A row as a wire type.
    init(_ row: QueuedMessage) {
        self.init(
            id: row.id, type: row.type, run: row.run, seq: row.sequence, created: row.created.date,
            attempts: row.attempts, state: row.nextAttempt == nil ? "dead" : "pending",
            nextAttempt: row.nextAttempt?.date, lastOutcome: row.lastOutcome)
    }
}
