import Tensors

/// The residual stream between two blocks: its sum so far and a branch that has yet to be added.
///
/// The branch stays open so that its addition is fused with the norm that follows.
struct TokenStream {
    /// Rows (batch * tokens) by width, or (batch) after the last block.
    let sum: Variable
    /// What comes on top, of the same shape.
    let branch: Variable?
}
