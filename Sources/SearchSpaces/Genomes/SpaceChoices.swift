/// The options of each choice of a vision transformer space, ascending.
public struct SpaceChoices: Sendable, Hashable {
    /// Widths of the token vectors, one for the network.
    public let embed: [Int]
    /// Numbers of blocks, one for the network.
    public let depth: [Int]
    /// Numbers of attention heads, one for each block.
    public let heads: [Int]
    /// Hidden width of the feed-forward part divided by `embed`, one for each block.
    public let mlpRatio: [Double]
}
