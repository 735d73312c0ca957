/// Fits the columns of a table into the width of a terminal.
///
/// What does not fit is cut first where text can be cut, the widest first; then the columns of the highest rank go.
struct TableLayout: Equatable {
    /// What the layout knows of a column.
    struct Measure: Equatable {
        /// The width of its longest cell.
        var natural: Int
        /// The width to which it may be cut; nil for not at all.
        var shortest: Int?
        /// What goes first: the largest; 0 stays.
        var rank: Int
    }

    /// The columns that are shown, by their place among those measured, with their widths.
    let columns: [(index: Int, width: Int)]

    /// Spaces between two columns.
    static let gap = 2

    /// Lays columns out; a width of nil has room for all.
    init(_ measures: [Measure], width: Int?) {
        var shown = Array(measures.indices)
        var widths = measures.map(\.natural)
        if let width {
            func least(_ index: Int) -> Int { min(measures[index].natural, measures[index].shortest ?? Int.max) }
            func need(_ size: (Int) -> Int) -> Int {
                shown.reduce(0) { $0 + size($1) } + Self.gap * max(0, shown.count - 1)
            }
            while need(least) > width, shown.count > 1,
                let last = shown.indices.max(by: { measures[shown[$0]].rank < measures[shown[$1]].rank }),
                measures[shown[last]].rank > 0
            {
                shown.remove(at: last)
            }
            // One column at a time gives way, the widest of those that can.
            while need({ widths[$0] }) > width {
                let flexible = shown.filter { widths[$0] > least($0) }
                guard let widest = flexible.max(by: { widths[$0] < widths[$1] }) else { break }
                widths[widest] -= 1
            }
            // Nothing else helps a very narrow terminal.
            while need({ widths[$0] }) > width, let widest = shown.max(by: { widths[$0] < widths[$1] }),
                widths[widest] > 1
            {
                widths[widest] -= 1
            }
        }
        columns = shown.map { (index: $0, width: widths[$0]) }
    }

    static func == (first: TableLayout, second: TableLayout) -> Bool {
        first.columns.map(\.index) == second.columns.map(\.index)
            && first.columns.map(\.width) == second.columns.map(\.width)
    }
}
