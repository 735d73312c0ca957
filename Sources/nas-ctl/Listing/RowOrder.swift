/// The order of a list: a column, ascending unless `-` stands before it.
struct RowOrder<Item>: Sendable {
    /// The column.
    let column: Column<Item>
    /// Whether the largest comes first.
    let isDescending: Bool

    /// Reads the text of `--sort`; columns are named as in CSV or as in the heads of tables.
    ///
    /// - Throws: `Failure` when it names no column.
    init(_ text: String, columns: [Column<Item>]) throws(Failure) {
        let hasDash = text.hasPrefix("-")
        let named = try ColumnName(String(text.drop { $0 == "-" }), among: columns, option: "--sort")
        column = named.column
        // What has the largest age is the earliest.
        isDescending = hasDash != (named.isHead && column.kind == .age)
    }

    /// The order as a daemon reads it.
    var wireText: String { (isDescending ? "-" : "") + column.name }

    /// The items in this order; equal ones stay as they stood, those without a value come last.
    func sorted(_ items: [Item]) -> [Item] {
        items.enumerated().map { (offset: $0.offset, item: $0.element, cell: column.value($0.element)) }
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
