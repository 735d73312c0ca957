internal import Foundation

/// A JSON value of an event, written the same way every time.
indirect enum EventData {
    case text(String)
    case number(Int)
    /// A number; null where it is not finite.
    case real(Double)
    case list([EventData])

    /// An object with sorted keys.
    static func object(_ fields: [String: EventData]) -> String {
        let parts = fields.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\($0.value.json)" }
        return "{\(parts.joined(separator: ","))}"
    }

    private var json: String {
        switch self {
        case .text(let text): Self.quoted(text)
        case .number(let value): String(value)
        case .real(let value): value.isFinite ? "\(value)" : "null"
        case .list(let items): "[\(items.map(\.json).joined(separator: ","))]"
        }
    }

    private static func quoted(_ text: String) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        // A text always encodes.
        return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
    }
}
