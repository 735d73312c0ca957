/// An intermediate result on a tape: its value, and the place of its gradient.
public struct Variable {
    /// The value, shape (rows, columns); a batch of token sequences has one row per token.
    public let value: MatrixView
    let index: Int
}
