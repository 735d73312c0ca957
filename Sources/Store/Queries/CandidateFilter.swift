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

    /// A regular expression for what ``init(_:)`` reads.
    public static var pattern: String {
        func names(_ isMeant: (CandidateColumn) -> Bool) -> String {
            CandidateColumn.allCases.filter(isMeant).map(\.rawValue).joined(separator: "|")
        }
        let numbers = "(\(names(\.isNumeric)))(>=|<=|!=|=|>|<)-?[0-9]{1,9}([.][0-9]{1,9})?"
        let words = CandidateColumn.allCases.compactMap { column in
            column.words.map { "\(column)(!=|=)(\($0.joined(separator: "|")))" }
        }
        let texts = "(\(names { !$0.isNumeric && $0.words == nil }))(!=|=)[^,]{0,80}"
        let condition = "(\(([numbers] + words + [texts]).joined(separator: "|")))"
        return "^\(condition)(,\(condition))*$"
    }

    /// Reads conditions, separated by commas.
    ///
    /// - Throws: ``StoreError/invalid(what:place:remedy:)``.
    public init(_ text: String) throws(StoreError) {
        var conditions: [Condition] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            conditions.append(try Self.condition(part.trimmingPrefix(while: \.isWhitespace)))
        }
        self.conditions = conditions
    }

    private static func condition(_ text: Substring) throws(StoreError) -> Condition {
        let name = text.prefix { $0.isLetter }
        let rest = text.dropFirst(name.count)
        guard let column = CandidateColumn(rawValue: String(name)),
            let comparison = Comparison.allCases.first(where: { rest.hasPrefix($0.rawValue) })
        else {
            throw .invalid(
                what: "expected a column, one of >= <= != = > < and a value, found '\(text.prefix(80))'",
                place: "filter",
                remedy: "the columns are \(CandidateColumn.allCases.map(\.rawValue).joined(separator: ", "))")
        }
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
