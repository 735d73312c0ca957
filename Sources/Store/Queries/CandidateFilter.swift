internal import Runs

/// Conditions that a candidate must all meet, such as `accuracy>=0.97,state=completed`.
public struct CandidateFilter: Sendable, Hashable {
    enum Comparison: String, CaseIterable {
        // Longer signs first, so that none is taken for the beginning of another.
        case atLeast = ">=", atMost = "<=", differs = "!=", equals = "=", above = ">", below = "<"
    }

    struct Condition: Hashable {
        let column: CandidateColumn
        let comparison: Comparison
        let value: CandidateColumn.Value
    }

    let conditions: [Condition]

    /// A regular expression for what ``init(_:columns:)`` reads of a run that has every column that is named.
    public static var pattern: String {
        let columns = CandidateColumn.all(.ofEarlierRuns)
        let numbers = "[a-z][A-Za-z0-9]{0,80}(>=|<=|!=|=|>|<)-?[0-9]{1,9}([.][0-9]{1,9})?"
        let words = columns.compactMap { column in
            column.words.map { "\(column.name)(!=|=)(\($0.joined(separator: "|")))" }
        }
        let texts = columns.filter { !$0.isNumeric && $0.words == nil }.map(\.name).joined(separator: "|")
        let condition = "(\(([numbers] + words + ["(\(texts))(!=|=)[^,]{0,80}"]).joined(separator: "|")))"
        return "^\(condition)(,\(condition))*$"
    }

    /// Reads conditions, separated by commas.
    ///
    /// - Parameter columns: Those of the run.
    /// - Throws: ``StoreError/invalid(what:place:remedy:)``.
    public init(_ text: String, columns: [CandidateColumn]) throws(StoreError) {
        var conditions: [Condition] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            conditions.append(try Self.condition(part.trimmingPrefix(while: \.isWhitespace), columns))
        }
        self.conditions = conditions
    }

    private static func condition(
        _ text: Substring, _ columns: [CandidateColumn]
    ) throws(StoreError) -> Condition {
        let name = text.prefix { $0.isLetter || $0.isNumber }
        let rest = text.dropFirst(name.count)
        guard let comparison = Comparison.allCases.first(where: { rest.hasPrefix($0.rawValue) }) else {
            throw .invalid(
                what: "expected a column, one of >= <= != = > < and a value, found '\(text.prefix(80))'",
                place: "filter",
                remedy: "the columns of the run are \(columns.map(\.name).joined(separator: ", "))")
        }
        let column = try columns.named(name, place: "filter", expected: "a column before \(comparison.rawValue)")
        let value = String(rest.dropFirst(comparison.rawValue.count))
        if column.isNumeric {
            guard let number = Double(value), number.isFinite else {
                throw .invalid(
                    what: "expected a number for \(name), found '\(value.prefix(80))'", place: "filter",
                    remedy: "write for example accuracy>=0.97")
            }
            return Condition(column: column, comparison: comparison, value: .number(number))
        }
        guard comparison == .equals || comparison == .differs else {
            throw .invalid(
                what: "\(name) has no order, found '\(comparison.rawValue)'", place: "filter", remedy: "use = or !=")
        }
        if let words = column.words, !words.contains(String(value.prefix { $0 != ":" })) {
            throw .invalid(
                what: "expected one of \(words.joined(separator: ", ")) for \(name), found '\(value.prefix(80))'",
                place: "filter", remedy: "write for example \(name)=\(words[0])")
        }
        return Condition(column: column, comparison: comparison, value: .text(value))
    }

    /// Whether the cells that `value` gives meet every condition; an empty cell only differs.
    func accepts(_ value: (CandidateColumn) throws -> CandidateColumn.Value?) rethrows -> Bool {
        for condition in conditions {
            guard let cell = try value(condition.column) else {
                if condition.comparison == .differs { continue }
                return false
            }
            let wanted = condition.value
            let isMet =
                switch condition.comparison {
                case .equals: Self.equals(cell, wanted)
                case .differs: !Self.equals(cell, wanted)
                case .above: CandidateColumn.Value.precedes(wanted, cell)
                case .below: CandidateColumn.Value.precedes(cell, wanted)
                case .atLeast: !CandidateColumn.Value.precedes(cell, wanted)
                case .atMost: !CandidateColumn.Value.precedes(wanted, cell)
                }
            if !isMet { return false }
        }
        return true
    }

    /// Whether a cell is what is asked for; `failed` is every failure, whatever its reason.
    private static func equals(_ cell: CandidateColumn.Value, _ wanted: CandidateColumn.Value) -> Bool {
        if cell == wanted { return true }
        guard case .text("failed") = wanted, case .text(let state) = cell else { return false }
        return state.hasPrefix("failed: ")
    }
}
