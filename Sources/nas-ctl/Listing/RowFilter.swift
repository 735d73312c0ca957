internal import Documents
internal import Foundation
internal import SearchSpaces

/// Conditions on the columns of a list, all of which a row must keep: `accuracy>=0.97,state=completed`.
struct RowFilter<Item>: Sendable {
    /// How a value is compared.
    enum Operator: String, CaseIterable {
        // The longer ones first: they are looked for in this order.
        case atLeast = ">="
        case atMost = "<="
        case unequal = "!="
        case equal = "="
        case above = ">"
        case below = "<"
    }

    /// One of them.
    struct Condition: Sendable {
        let column: Column<Item>
        let comparison: Operator
        let value: FilterValue
    }

    /// The conditions.
    private(set) var conditions: [Condition] = []

    /// Reads the text of `--filter`.
    ///
    /// Columns are named as in CSV or as in the heads of tables, and values are written as in JSON or as tables show them.
    /// - Throws: `Failure` when it is malformed, names no column, or asks for what a column cannot hold.
    init(_ text: String, columns: [Column<Item>]) throws(Failure) {
        var open: Part?
        for piece in text.split(separator: ",", omittingEmptySubsequences: false) {
            // Values with commas: a genome, a state with its place in the queue.
            if let part = open, part.goesOn(with: piece) {
                open?.value += "," + piece
                continue
            }
            if let open { conditions += try Self.conditions(open) }
            open = try Part(piece, columns: columns)
        }
        if let open { conditions += try Self.conditions(open) }
    }

    /// The conditions that a daemon can look at itself, as it reads them; nil for none.
    func wireText(where isKnown: (Column<Item>) -> Bool) -> String? {
        let texts = conditions.compactMap { condition in
            isKnown(condition.column)
                ? condition.value.wireText.map { condition.column.name + condition.comparison.rawValue + $0 } : nil
        }
        return texts.isEmpty ? nil : texts.joined(separator: ",")
    }

    /// The conditions that a daemon cannot look at itself; nil for none.
    func withoutWire(where isKnown: (Column<Item>) -> Bool) -> RowFilter? {
        var rest = self
        rest.conditions.removeAll { isKnown($0.column) && $0.value.wireText != nil }
        return rest.conditions.isEmpty ? nil : rest
    }

    /// The text that a column is asked to equal; nil for none.
    func word(of name: String) -> String? {
        conditions.first { $0.column.name == name && $0.comparison == .equal }?.value.wireText
    }

    /// Whether an item keeps every condition.
    func keeps(_ item: Item, now: Date = Date()) -> Bool {
        conditions.allSatisfy { condition in
            let column = condition.column
            guard
                let order = condition.value.order(
                    of: column.value(item), shown: column.text?(item),
                    roundsSpans: condition.comparison == .equal || condition.comparison == .unequal, now: now)
            else { return condition.comparison == .unequal }
            switch condition.comparison {
            case .atLeast: return order >= 0
            case .atMost: return order <= 0
            case .unequal: return order != 0
            case .equal: return order == 0
            case .above: return order > 0
            case .below: return order < 0
            }
        }
    }

    /// A condition as it is written.
    private struct Part {
        let column: Column<Item>
        let comparison: Operator
        var value: String

        init(_ text: Substring, columns: [Column<Item>]) throws(Failure) {
            guard let (comparison, range) = Self.firstOperator(of: text) else {
                throw .usage("--filter: expected a condition such as accuracy>=0.97, found '\(text)'")
            }
            let name = text[..<range.lowerBound].trimmingCharacters(in: .whitespaces)
            column = try ColumnName(name, among: columns, option: "--filter").column
            self.comparison = comparison
            let rest = text[range.upperBound...]
            // `==`, as many write it.
            value = String(comparison == .equal && rest.hasPrefix("=") ? rest.dropFirst() : rest)
        }

        /// Whether what follows a comma belongs to the value: no name of a column begins with a digit.
        func goesOn(with piece: Substring) -> Bool {
            let start = piece.drop { $0 == " " }.first
            if start?.isNumber == true { return true }
            guard start != nil, Self.firstOperator(of: piece) == nil else { return false }
            switch column.kind {
            case .text, .word: return true
            default: return false
            }
        }

        private static func firstOperator(of part: Substring) -> (Operator, Range<Substring.Index>)? {
            guard let start = part.firstIndex(where: { "<>!=".contains($0) }) else { return nil }
            for comparison in Operator.allCases where part[start...].hasPrefix(comparison.rawValue) {
                return (comparison, start..<part.index(start, offsetBy: comparison.rawValue.count))
            }
            return nil
        }
    }

    private static func conditions(_ part: Part) throws(Failure) -> [Condition] {
        let column = part.column, text = part.value.trimmingCharacters(in: .whitespaces)
        func failure(_ message: String) -> Failure { .usage("--filter: \(column.name): \(message)") }
        guard !text.isEmpty else {
            throw failure("expected \(column.kind.expectation) behind '\(part.comparison.rawValue)', found nothing")
        }
        guard let value = FilterValue(text, column.kind, showsMore: column.text != nil) else {
            var hint = ""
            if case .word(let words) = column.kind, let word = Spelling.nearest(to: text, among: words) {
                hint = "; did you mean '\(word)'?"
            }
            throw failure("expected \(column.kind.expectation), found '\(text)'\(hint)")
        }
        if value == .none, column.isFilled, part.comparison == .equal {
            throw failure("expected \(column.kind.expectation), found '-', though there is one in every row")
        }
        let isOrdered = column.kind.hasOrder && value.hasOrder
        guard isOrdered || part.comparison == .equal || part.comparison == .unequal else {
            throw failure("'\(text)' is not above or below anything, found '\(part.comparison.rawValue)'; use = or !=")
        }
        // As tables round it: 0.0838 is all that is shown so.
        if case .number(let number) = value, let decimals = column.decimals,
            let bounds = NumberText.bounds(ofFixed: text, number, decimals: decimals)
        {
            switch part.comparison {
            // In two, which a daemon can look at.
            case .equal:
                return [
                    Condition(column: column, comparison: .atLeast, value: .number(bounds.lower)),
                    Condition(column: column, comparison: .below, value: .number(bounds.upper)),
                ]
            case .unequal:
                let value = FilterValue.rounded(bounds.lower, bounds.upper)
                return [Condition(column: column, comparison: .unequal, value: value)]
            default: break
            }
        }
        return [Condition(column: column, comparison: part.comparison, value: value)]
    }
}
