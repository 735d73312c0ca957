internal import Foundation

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
