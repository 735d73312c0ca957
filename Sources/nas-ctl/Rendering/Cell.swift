internal import Documents
internal import Foundation
internal import SearchSpaces

/// One value of a row: exact in CSV and for comparing, rounded in tables.
enum Cell: Sendable, Hashable {
    /// Nothing.
    case none
    /// A word of the program's own making.
    case symbol(String)
    /// Free text.
    case text(String)
    /// A whole number.
    case integer(Int)
    /// A number.
    case number(Double)
    /// Yes or no.
    case boolean(Bool)
    /// A moment.
    case time(Date)

    /// As a table shows it.
    func shown(now: Date, isWide: Bool) -> String {
        switch self {
        case .none: return "-"
        case .symbol(let text), .text(let text): return TerminalText.escaped(text)
        case .integer(let value): return String(value)
        // A large whole number is a cost or a count that somebody measured.
        case .number(let value):
            return NumberText.fixed(value, decimals: abs(value) >= 1000 && value == value.rounded() ? 0 : 4)
        case .boolean(let value): return value ? "yes" : "no"
        case .time(let date): return isWide ? Self.stamp(date) : NumberText.duration(now.timeIntervalSince(date))
        }
    }

    /// As CSV has it (RFC 4180); a leading `'` keeps a spreadsheet from reading free text as a formula.
    var csv: String {
        switch self {
        case .none: return ""
        case .symbol(let text): return Self.quoted(text)
        case .text(let text):
            let isFormula = text.unicodeScalars.first.map { "=+-@\t\r\n".unicodeScalars.contains($0) } ?? false
            return Self.quoted(isFormula ? "'" + text : text)
        case .integer(let value): return String(value)
        case .number(let value): return NumberText.exact(value)
        case .boolean(let value): return value ? "true" : "false"
        case .time(let date): return Self.stamp(date)
        }
    }

    /// Whether numbers line up on the right.
    var isNumeric: Bool {
        switch self {
        case .integer, .number: true
        default: false
        }
    }

    /// A moment in RFC 3339, UTC.
    static func stamp(_ date: Date) -> String { date.formatted(.iso8601) }

    private static func quoted(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { "\",\r\n".unicodeScalars.contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
