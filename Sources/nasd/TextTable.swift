/// A table in plain text: columns as wide as their longest cell.
struct TextTable {
    let header: [String]
    let rows: [[String]]

    /// The header and the rows, without trailing spaces.
    var lines: [String] {
        let widths = header.indices.map { column in
            ([header] + rows).map { $0[column].count }.max() ?? 0
        }
        return ([header] + rows).map { row in
            zip(row, widths).map { cell, width in cell + String(repeating: " ", count: width - cell.count) }
                .joined(separator: "  ").replacing(/[ ]+$/, with: "")
        }
    }
}
