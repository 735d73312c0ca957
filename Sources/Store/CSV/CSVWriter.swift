/// Writes records of RFC 4180: UTF-8, CRLF, fields quoted where they need it.
public struct CSVWriter: Sendable {
    /// Creates a writer.
    public init() {}

    /// One record with its line end.
    public func record(_ fields: [CSVField]) -> [UInt8] {
        Array((fields.map(field).joined(separator: ",") + "\r\n").utf8)
    }

    /// The text of one field.
    ///
    /// Numbers are the shortest that read back the same; a trailing `.0` is dropped, so that 1 is written `1`.
    public func field(_ field: CSVField) -> String {
        switch field {
        case .empty: return ""
        case .integer(let value): return String(value)
        case .number(let value):
            guard value.isFinite else { return "" }
            let text = value.description
            return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
        case .boolean(let value): return value ? "true" : "false"
        case .symbol(let text): return quoted(text)
        case .text(let text):
            guard let first = text.unicodeScalars.first, "=+-@\t\r\n".unicodeScalars.contains(first) else {
                return quoted(text)
            }
            return quoted("'" + text)
        }
    }

    private func quoted(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { "\",\r\n".unicodeScalars.contains($0) }) else { return text }
        var result = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" { result.unicodeScalars.append(scalar) }
            result.unicodeScalars.append(scalar)
        }
        return result + "\""
    }
}

/// One field of a CSV record.
public enum CSVField: Sendable, Hashable {
    /// Nothing.
    case empty
    /// A whole number.
    case integer(Int)
    /// A number; nothing when it is not finite.
    case number(Double)
    /// `true` or `false`.
    case boolean(Bool)
    /// Text of the program's own making, written as it is.
    case symbol(String)
    /// Free text; a leading `'` keeps a spreadsheet from reading it as a formula.
    case text(String)
}
