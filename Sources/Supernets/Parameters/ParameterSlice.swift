/// The leading rows and columns of a parameter that a subnet uses.
public struct ParameterSlice: Sendable, Equatable {
    /// The parameter.
    public let entry: ParameterLayout.Entry
    /// Rows of the slice.
    public let rows: Int
    /// Columns of the slice.
    public let columns: Int

    /// Creates a slice; it lies inside its parameter.
    public init(entry: ParameterLayout.Entry, rows: Int? = nil, columns: Int? = nil) {
        self.entry = entry
        self.rows = rows ?? entry.rows
        self.columns = columns ?? entry.columns
        precondition(self.rows <= entry.rows && self.columns <= entry.columns, "a slice lies inside its parameter")
    }

    /// Hands out the slice as runs of floats that follow one another in the flat buffer.
    public func forEachRun(_ body: (Range<Int>) -> Void) {
        if columns == entry.columns {
            body(entry.offset..<entry.offset + rows * columns)
        } else {
            for row in 0..<rows {
                let start = entry.offset + row * entry.columns
                body(start..<start + columns)
            }
        }
    }
}
