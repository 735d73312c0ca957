/// An intermediate result on a tape: its value, and the place of its gradient.
public struct Variable {
    /// The value, shape (rows, columns); a batch of token sequences has one row per token.
    public let value: MatrixView
    let index: Int
}

/// A weight as an op sees it: where its values are and where its gradient goes.
///
/// Both views have the active slice's shape; whether the memory is shared, merged from experts or masked is not visible
/// here. Gradients are added to, and nothing outside the slice is touched.
public struct Parameter {
    /// The values; a vector is a matrix of one row.
    public let value: MatrixView
    /// The gradient of the same shape.
    public let gradient: MatrixView

    /// Creates a parameter from two views of one shape.
    public init(value: MatrixView, gradient: MatrixView) {
        precondition(
            value.rows == gradient.rows && value.columns == gradient.columns, "a gradient has its value's shape")
        self.value = value
        self.gradient = gradient
    }

    /// The leading rows and columns, in place.
    public func leading(rows: Int, columns: Int) -> Parameter {
        Parameter(
            value: value.leading(rows: rows, columns: columns),
            gradient: gradient.leading(rows: rows, columns: columns))
    }
}
