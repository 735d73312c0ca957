internal import API
internal import Foundation

extension EventDocument {
    /// Events as lists show them, line by line.
    static let listing = Listing<EventDocument>(
        columns: [
            Column("seq", .count, rank: 0, least: 6) { .integer($0.sequence) },
            Column("timestamp", .text, title: "TIME", rank: 1, least: 20) { .text($0.timestamp) },
            Column("type", .text, rank: 0, least: 17, style: { Style.ofEvent($0.type) }) { .text($0.type) },
            Column("run", .text, place: .wide, least: 12) { $0.run.map(Cell.text) ?? .none },
            Column("data", .text, rank: 0, shortest: 10) { .text($0.fieldsText) },
        ], name: { String($0.sequence) }, plural: "events", json: { JSONText.safe($0.json) + "\n" })

    /// What the event is about, without what every event has.
    var fieldsText: String {
        struct Content: Decodable {
            var data: [String: JSONValue]
        }
        guard let content = try? JSONDecoder().decode(Content.self, from: Data(json.utf8)) else { return "" }
        return JSONValue.text(of: content.data.filter { !["name", "run", "seq"].contains($0.key) })
    }
}

extension Style {
    /// The style of an event's type.
    static func ofEvent(_ type: String) -> Style {
        switch type {
        case "run.failed", "daemon.degraded", "training.rollback": .red
        case "run.completed", "daemon.recovered": .green
        case "run.paused", "run.cancelled": .yellow
        case "run.progress": .dim
        default: .plain
        }
    }
}
