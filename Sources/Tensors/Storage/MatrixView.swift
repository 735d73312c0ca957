/// A row-major matrix of floats in memory that somebody else owns: pointer, shape and leading dimension.
///
/// Element (row, column) is `base[row * stride + column]`. The slice of a subnet is `leading(rows:columns:)` of the
/// supernet's matrix: same memory, same stride, no copy. A view never outlives the buffer it came from.
public struct MatrixView {
    /// The first element.
    public let base: UnsafeMutablePointer<Float>
    /// Number of rows.
    public let rows: Int
    /// Number of columns.
    public let columns: Int
    /// Floats from one row to the next; at least `columns`.
    public let stride: Int

    /// Creates a view; `stride` defaults to `columns`.
    public init(base: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int? = nil) {
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

    /// The floats of one row, in place.
    public func row(_ index: Int) -> UnsafeMutableBufferPointer<Float> {
        precondition(index >= 0 && index < rows, "a row lies inside its matrix")
        return UnsafeMutableBufferPointer(start: base + index * stride, count: columns)
    }

    /// The element at (row, column).
    public subscript(row: Int, column: Int) -> Float {
        get {
            precondition(row >= 0 && row < rows && column >= 0 && column < columns, "an index lies inside its matrix")
            return base[row * stride + column]
        }
        nonmutating set {
            precondition(row >= 0 && row < rows && column >= 0 && column < columns, "an index lies inside its matrix")
            base[row * stride + column] = newValue
        }
    }
}
