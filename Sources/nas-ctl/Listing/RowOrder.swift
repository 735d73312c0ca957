/// The order of a list: a column, ascending unless `-` stands before it.
struct RowOrder: Equatable {
    /// The column.
    let column: String
    /// Whether the largest comes first.
    let isDescending: Bool

    /// Reads the text of `--sort`.
    ///
    /// - Throws: `Failure` when it names no column.
    init(_ text: String, columns: [String]) throws(Failure) {
        isDescending = text.hasPrefix("-")
        column = String(isDescending ? text.dropFirst() : text[...])
        guard columns.contains(column) else {
            throw .usage("--sort: no column '\(column)'; there are \(columns.joined(separator: ", "))")
        }
    }

    /// The order as a daemon reads it.
    var text: String { (isDescending ? "-" : "") + column }

    /// The items in this order; equal ones stay as they stood, those without a value come last.
    func sorted<Item>(_ items: [Item], columns: [Column<Item>]) -> [Item] {
        guard let value = columns.first(where: { $0.name == column })?.value else { return items }
        return items.enumerated().map { (offset: $0.offset, item: $0.element, cell: value($0.element)) }
            .sorted { first, second in
                if first.cell == second.cell { return first.offset < second.offset }
                if first.cell == .none || second.cell == .none { return second.cell == .none }
                return Self.isBelow(first.cell, second.cell) != isDescending
            }
            .map(\.item)
    }

    private static func isBelow(_ first: Cell, _ second: Cell) -> Bool {
        switch (first, second) {
        case (.symbol(let a), .symbol(let b)), (.text(let a), .text(let b)): a < b
        case (.integer(let a), .integer(let b)): a < b
        case (.number(let a), .number(let b)): a < b
        case (.boolean(let a), .boolean(let b)): !a && b
        case (.time(let a), .time(let b)): a < b
        default: false
        }
    }
}
