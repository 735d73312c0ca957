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
        case "run.failed", "daemon.degraded", "evaluator.degraded", "training.rollback": .red
        case "run.completed", "daemon.recovered", "evaluator.recovered": .green
        case "run.paused", "run.cancelled": .yellow
        case "run.progress": .dim
        default: .plain
        }
    }
}

/// One line of a run's log.
struct LogLine {
    /// The line as it came.
    let raw: String
    /// Its fields; nil when it is no JSON.
    let fields: [String: JSONValue]?

    init(_ raw: String) {
        self.raw = raw
        fields = try? JSONDecoder().decode([String: JSONValue].self, from: Data(raw.utf8))
    }

    /// Logs as lists show them, line by line.
    static let listing = Listing<LogLine>(
        columns: [
            Column("time", .text, rank: 1, least: 20) { $0.text("time") },
            Column("level", .text, rank: 1, least: 7, style: { $0.style }) { $0.text("level") },
            Column("message", .text, rank: 0) { .text($0.message) },
        ], name: \.raw, plural: "lines of the log", fitsTerminal: false, json: { JSONText.safe($0.raw) + "\n" })

    private func text(_ key: String) -> Cell { fields?[key].map { .text($0.text) } ?? .none }

    private var message: String {
        guard let fields else { return raw }
        let others = fields.filter { !["time", "level", "message", "run"].contains($0.key) }
        return [fields["message"]?.text ?? "", JSONValue.text(of: others)].filter { !$0.isEmpty }
            .joined(separator: "  ")
    }

    private var style: Style {
        switch fields?["level"]?.text {
        case "error", "critical": .red
        case "warning": .yellow
        default: .dim
        }
    }
}
