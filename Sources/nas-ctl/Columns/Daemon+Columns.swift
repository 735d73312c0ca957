internal import API

extension DoctorDocument.Check {
    /// The lines of the report as lists show them.
    static let listing = Listing<DoctorDocument.Check>(
        columns: [
            Column("name", .text, title: "CHECK", rank: 0) { .symbol($0.name) },
            Column("level", .word(["ok", "info", "warning"]), rank: 0, style: { $0.style }) { .symbol($0.level) },
            Column("text", .text, title: "FOUND", rank: 0) { .text($0.text) },
        ], name: \.name, plural: "checks", fitsTerminal: false)

    private var style: Style {
        switch level {
        case "ok": .green
        case "warning": .yellow
        default: .plain
        }
    }
}

extension WebhookList.Endpoint {
    /// Receivers of events as lists show them.
    static let listing = Listing<WebhookList.Endpoint>(
        columns: [
            Column("id", .text, rank: 0) { .symbol($0.id) },
            Column("url", .text, rank: 0, shortest: 16) { .text($0.url) },
            Column("secret", .text, place: .wide) { .text($0.secret) },
            Column("events", .text, place: .wide) { .text($0.events.joined(separator: " ")) },
            Column("state", .word(["active", "disabled"]), rank: 0, style: { $0.state == "active" ? .green : .red }) {
                .symbol($0.state)
            },
            Column("pending", .count, rank: 1) { .integer($0.pending) },
            Column("dead", .count, rank: 1, style: { $0.dead == 0 ? .plain : .yellow }) { .integer($0.dead) },
            Column("delivered", .count, rank: 3) { .integer($0.delivered) },
            Column("nextAttempt", .time, title: "NEXT", place: .wide) { $0.nextAttempt.map(Cell.time) ?? .none },
            Column("lastOutcome", .text, title: "LAST", rank: 2, shortest: 10) {
                $0.lastOutcome.map(Cell.text) ?? .none
            },
            Column("lastAttempt", .age, title: "AGO", rank: 4) { $0.lastAttempt.map(Cell.time) ?? .none },
        ], name: \.id, plural: "webhooks")
}
