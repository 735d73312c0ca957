import Tensors

/// The residual stream between two halves of a block: its sum so far and a branch that has yet to be added.
///
/// The branch stays open so that its addition is fused with the norm that follows.
struct TokenStream {
    /// Rows (batch * rowsPerExample) by width.
    let sum: Variable
    /// What comes on top, of the same shape.
    let branch: Variable?
    /// All tokens, or 1 once only the class token goes on.
    let rowsPerExample: Int
}
