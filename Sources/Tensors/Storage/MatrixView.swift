/// A row-major matrix of floats in memory that somebody else owns.
///
/// The slice of a subnet is `leading(rows:columns:)` of the supernet's matrix: same memory, same stride, no copy. A view
/// never outlives the buffer it came from. Outside of this module it has a shape and no address; a ``Backend`` reads and
/// writes it.
public struct MatrixView {
    /// The first element; element (row, column) is `base[row * stride + column]`.
    let base: UnsafeMutablePointer<Float>
    /// Number of rows.
    public let rows: Int
    /// Number of columns.
    public let columns: Int
    /// Floats from one row to the next; at least `columns`.
    let stride: Int

    /// Creates a view; `stride` defaults to `columns`.
    init(base: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int? = nil) {
        precondition(rows >= 0 && columns >= 0 && (stride ?? columns) >= columns, "a stride is at least the columns")
        self.base = base
        self.rows = rows
        self.columns = columns
        self.stride = stride ?? columns
    }

    /// The first rows and columns, in place.
    public func leading(rows: Int, columns: Int) -> MatrixView {
        precondition(rows <= self.rows && columns <= self.columns, "a slice lies inside its matrix")
        return MatrixView(base: base, rows: rows, columns: columns, stride: stride)
    }

    /// A rectangle of the matrix, in place.
    public func block(row: Int, column: Int, rows: Int, columns: Int) -> MatrixView {
        precondition(
            row >= 0 && column >= 0 && row + rows <= self.rows && column + columns <= self.columns,
            "a block lies inside its matrix")
        return MatrixView(base: base + row * stride + column, rows: rows, columns: columns, stride: stride)
    }

    /// Whether rows follow one another without gaps.
    var isContiguous: Bool { stride == columns || rows <= 1 }

    /// The floats of one row, in place.
    func row(_ index: Int) -> UnsafeMutableBufferPointer<Float> {
        precondition(index >= 0 && index < rows, "a row lies inside its matrix")
        return UnsafeMutableBufferPointer(start: base + index * stride, count: columns)
    }

    /// Hands out the matrix as runs of floats that follow one another: their first address and their number.
    @inline(__always)
    func forEachRun(_ body: (UnsafeMutablePointer<Float>, Int) -> Void) {
        if isContiguous {
            body(base, rows * columns)
        } else {
            for row in 0..<rows { body(base + row * stride, columns) }
        }
    }

    /// Hands out two matrices of one shape as runs of floats that follow one another in both.
    @inline(__always)
    func forEachRun(
        with other: MatrixView, _ body: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
    ) {
        precondition(rows == other.rows && columns == other.columns, "both matrices have one shape")
        if isContiguous, other.isContiguous {
            body(base, other.base, rows * columns)
        } else {
            for row in 0..<rows { body(base + row * stride, other.base + row * other.stride, columns) }
        }
    }

    /// Hands out the bytes of a contiguous matrix as a file holds them.
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        precondition(isContiguous, "bytes have no gaps")
        return body(UnsafeRawBufferPointer(start: base, count: rows * columns * MemoryLayout<Float>.stride))
    }
}
