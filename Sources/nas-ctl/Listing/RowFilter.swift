internal import Foundation

/// Conditions on the columns of a list, all of which a row must keep: `accuracy>=0.97,state=completed`.
struct RowFilter: Equatable {
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
    struct Condition: Equatable {
        var column: String
        var comparison: Operator
        var value: String
    }

    /// The conditions.
    let conditions: [Condition]

    /// Reads the text of `--filter`.
    ///
    /// - Throws: `Failure` when it is malformed or names no column.
    init(_ text: String, columns: [String]) throws(Failure) {
        var conditions: [Condition] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let (comparison, range) = Self.firstOperator(of: part) else {
                throw .usage("--filter: expected a condition such as accuracy>=0.97, found '\(part)'")
            }
            let column = Self.trimmed(part[..<range.lowerBound])
            let value = Self.trimmed(part[range.upperBound...])
            guard columns.contains(column) else {
                throw .usage("--filter: no column '\(column)'; there are \(columns.joined(separator: ", "))")
            }
            guard !value.isEmpty else { throw .usage("--filter: expected a value behind '\(part)'") }
            conditions.append(Condition(column: column, comparison: comparison, value: value))
        }
        self.conditions = conditions
    }

    /// The conditions as a daemon reads them.
    var text: String {
        conditions.map { "\($0.column)\($0.comparison.rawValue)\($0.value)" }.joined(separator: ",")
    }

    /// Whether an item keeps every condition.
    func keeps<Item>(_ item: Item, columns: [Column<Item>]) -> Bool {
        conditions.allSatisfy { condition in
            guard let column = columns.first(where: { $0.name == condition.column }) else { return false }
            return Self.holds(column.value(item), condition)
        }
    }

    private static func holds(_ cell: Cell, _ condition: Condition) -> Bool {
        let order: Int?
        switch cell {
        case .none: return condition.comparison == .unequal
        case .symbol(let text), .text(let text): order = compare(text, condition.value)
        case .integer(let value): order = Double(condition.value).map { compare(Double(value), $0) }
        case .number(let value): order = Double(condition.value).map { compare(value, $0) }
        case .boolean(let value): order = compare(value ? "true" : "false", condition.value)
        case .time(let date): order = compare(Cell.stamp(date), condition.value)
        }
        guard let order else { return false }
        switch condition.comparison {
        case .atLeast: return order >= 0
        case .atMost: return order <= 0
        case .unequal: return order != 0
        case .equal: return order == 0
        case .above: return order > 0
        case .below: return order < 0
        }
    }

    private static func compare<Value: Comparable>(_ first: Value, _ second: Value) -> Int {
        first < second ? -1 : first > second ? 1 : 0
    }

    private static func firstOperator(of part: Substring) -> (Operator, Range<Substring.Index>)? {
        guard let start = part.firstIndex(where: { "<>!=".contains($0) }) else { return nil }
        for comparison in Operator.allCases where part[start...].hasPrefix(comparison.rawValue) {
            return (comparison, start..<part.index(start, offsetBy: comparison.rawValue.count))
        }
        return nil
    }

    private static func trimmed(_ text: Substring) -> String { text.trimmingCharacters(in: .whitespaces) }
}
