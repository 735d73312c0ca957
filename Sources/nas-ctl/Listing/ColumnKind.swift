internal import Documents
internal import SearchSpaces

/// What the cells of a column hold, and so what they can be compared with.
enum ColumnKind: Sendable, Equatable {
    /// Free text.
    case text
    /// One of some words, perhaps with more behind it.
    case word([String])
    /// Yes or no.
    case boolean
    /// A whole number of at least 0.
    case count
    /// A whole number.
    case integer
    /// A number.
    case number
    /// A share from 0 to 1.
    case share
    /// A span of time in seconds.
    case duration
    /// A moment.
    case time
    /// A moment whose column is headed, in tables that are not wide, by how long ago it was.
    case age

    /// Whether one value can be above another.
    var hasOrder: Bool {
        switch self {
        case .text, .word, .boolean: false
        default: true
        }
    }

    /// What a value is expected to be, with examples.
    var expectation: String {
        switch self {
        case .text: "text"
        case .word(let words): "one of \(words.joined(separator: ", "))"
        case .boolean: "yes or no"
        case .count: "a whole number of at least 0 such as 1200, 1.2k or 15M"
        case .integer: "a whole number"
        case .number: "a number such as 0.43, 1.2k or 15M"
        case .share: "a share from 0 to 1 such as 0.97 or 97%"
        case .duration: "a span of time such as 90 s, 12 min, 1.5 h or 2 d"
        case .time, .age: "a time such as 2026-01-31 or 2026-01-31T12:00:00Z, or how long ago it was, such as 12 min"
        }
    }
}

/// A column that a command line names: by its name, or by its head in tables, in capitals or not.
struct ColumnName<Item> {
    /// The column.
    let column: Column<Item>
    /// Whether it is named by a head that stands for something else than the name, such as AGE for `created`.
    let isHead: Bool

    /// Looks a column up.
    ///
    /// - Parameter option: The option that names it, for the message.
    /// - Throws: `Failure` when there is none, with the one that was perhaps meant and those there are.
    init(_ text: String, among columns: [Column<Item>], option: String) throws(Failure) {
        let word = text.lowercased()
        if let named = columns.first(where: { $0.name.lowercased() == word }) {
            self.init(column: named, isHead: false)
        } else if let headed = columns.first(where: { $0.title.lowercased() == word }) {
            self.init(column: headed, isHead: true)
        } else {
            let names = columns.map(\.name)
            let heads = columns.map(\.title).filter { title in !names.contains { $0.uppercased() == title } }
            let hint = Spelling.nearest(to: text, among: names + heads).map { "did you mean '\($0)'? " } ?? ""
            throw .usage(
                "\(option): no column '\(text)'; \(hint)there are \(names.joined(separator: ", "))"
                    + (heads.isEmpty ? "" : ", and the heads \(heads.joined(separator: ", "))"))
        }
    }

    private init(column: Column<Item>, isHead: Bool) {
        self.column = column
        self.isHead = isHead
    }
}
