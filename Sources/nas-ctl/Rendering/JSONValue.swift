internal import API
internal import Documents
internal import Foundation
internal import SearchSpaces

/// Any JSON, for what has no type of its own.
indirect enum JSONValue: Decodable, Sendable, Hashable {
    case null
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case list([JSONValue])
    case fields([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .list(value)
        } else {
            self = .fields(try container.decode([String: JSONValue].self))
        }
    }

    /// The value in words; a list in brackets, fields as `key=value`.
    var text: String {
        switch self {
        case .null: "-"
        case .boolean(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .number(let value): NumberText.exact(value)
        case .text(let value): value
        case .list(let values): "[" + values.map(\.text).joined(separator: ", ") + "]"
        case .fields(let fields): Self.text(of: fields)
        }
    }

    /// Fields as `key=value`, in the order of their keys.
    static func text(of fields: [String: JSONValue]) -> String {
        fields.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.text)" }.joined(separator: " ")
    }
}

/// Documents as JSON text.
enum JSONText {
    /// A document, indented; exactly the wire type.
    static func document(_ document: some Encodable) throws -> String {
        safe(String(decoding: try WireFormat.encode(document, isPretty: true), as: UTF8.self)) + "\n"
    }

    /// A document on one line.
    static func line(_ document: some Encodable) throws -> String {
        safe(String(decoding: try WireFormat.encode(document), as: UTF8.self)) + "\n"
    }

    /// JSON text of somebody else with what a terminal would obey written as `\uXXXX`, which reads back the same.
    static func safe(_ json: String) -> String {
        if json.utf8.allSatisfy({ (0x20..<0x7F).contains($0) || $0 == 0x0A }) { return json }
        var result = ""
        for scalar in json.unicodeScalars {
            if !TerminalText.isDangerous(scalar) || scalar == "\n" || scalar == "\t" {
                result.unicodeScalars.append(scalar)
                continue
            }
            for unit in String(scalar).utf16 {
                let digits = String(unit, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            }
        }
        return result
    }
}
