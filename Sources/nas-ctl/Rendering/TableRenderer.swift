internal import Documents
internal import Foundation
internal import SearchSpaces
internal import UserFiles

/// Turns items into the lines of a table, page by page: a long list is never held as a whole.
///
/// The first page decides the layout; later ones may widen it.
struct TableRenderer<Item> {
    private let columns: [Column<Item>]
    private let isWide: Bool
    private let width: Int?
    private let hasColor: Bool
    private let showsHeader: Bool
    private let now: Date
    private var measures: [TableLayout.Measure] = []
    private var alignsRight: [Bool] = []
    private var hasBegun = false

    /// Starts a table.
    ///
    /// - Parameter width: The columns of the terminal; nil for as wide as it takes.
    init(
        _ columns: [Column<Item>], isWide: Bool = false, width: Int?, hasColor: Bool = false,
        showsHeader: Bool = true, now: Date = Date()
    ) {
        self.columns = columns.filter { $0.place == .table || (isWide && $0.place == .wide) }
        self.isWide = isWide
        self.width = width
        self.hasColor = hasColor
        self.showsHeader = showsHeader
        self.now = now
    }

    /// The lines of further items, the header before the first.
    mutating func lines(_ items: [Item]) -> [String] {
        let rows = items.map { item in columns.map { text($0, item) } }
        if measures.isEmpty {
            measures = columns.map { column in
                let header = showsHeader ? DisplayWidth.of(column.title) : 0
                return TableLayout.Measure(
                    natural: max(header, column.least), shortest: column.shortest, rank: column.rank)
            }
        }
        for row in rows {
            for (index, cell) in row.enumerated() {
                measures[index].natural = max(measures[index].natural, DisplayWidth.of(cell))
            }
        }
        // Numbers line up on the right, with their heads and with what stands in for those that are missing.
        alignsRight = columns.indices.map { index in
            (hasBegun && alignsRight[index]) || items.contains { columns[index].value($0).isNumeric }
        }
        let layout = TableLayout(measures, width: width)
        var lines: [String] = []
        if !hasBegun, showsHeader {
            lines.append(
                line(layout) {
                    columns[$0].title
                } style: { _ in
                    .bold
                })
        }
        hasBegun = true
        for (item, row) in zip(items, rows) {
            lines.append(
                line(layout) {
                    row[$0]
                } style: {
                    columns[$0].style?(item) ?? .plain
                })
        }
        return lines
    }

    private func text(_ column: Column<Item>, _ item: Item) -> String {
        if let text = column.text { return TerminalText.escaped(text(item)) }
        return column.value(item).shown(now: now, isWide: isWide)
    }

    private func line(_ layout: TableLayout, cell: (Int) -> String, style: (Int) -> Style) -> String {
        var line = ""
        for (place, column) in layout.columns.enumerated() {
            if place > 0 { line += String(repeating: " ", count: TableLayout.gap) }
            let text = DisplayWidth.cut(cell(column.index), to: column.width)
            let isLast = place == layout.columns.count - 1
            let right = alignsRight[column.index]
            let space = isLast && !right ? "" : String(repeating: " ", count: column.width - DisplayWidth.of(text))
            let styled = hasColor ? style(column.index).applied(to: text) : text
            line += right ? space + styled : styled + space
        }
        while line.hasSuffix(" ") { line.removeLast() }
        return line
    }
}
