internal import Store

/// A JSON value of an event or of a line of a log, written the same way every time.
indirect enum EventData {
    case text(String)
    case number(Int)
    /// A number; null where it is not finite.
    case real(Double)
    case truth(Bool)
    case list([EventData])
    case fields([String: EventData])

    /// An object with sorted keys.
    static func object(_ fields: [String: EventData]) -> String {
        let parts = fields.sorted { $0.key < $1.key }.map { "\(JSONString.quoted($0.key)):\($0.value.json)" }
        return "{\(parts.joined(separator: ","))}"
    }

    private var json: String {
        switch self {
        case .text(let text): JSONString.quoted(text)
        case .number(let value): String(value)
        case .real(let value): value.isFinite ? "\(value)" : "null"
        case .truth(let value): value ? "true" : "false"
        case .fields(let fields): Self.object(fields)
        case .list(let items): "[\(items.map(\.json).joined(separator: ","))]"
        }
    }
}
