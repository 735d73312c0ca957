/// One vision transformer of a space: the sizes of the blocks that are there.
public struct ViTArchitecture: Sendable, Hashable {
    /// Width of the token vectors.
    public let embed: Int
    /// Number of blocks.
    public let depth: Int
    /// Attention heads of each block.
    public let heads: [Int]
    /// Hidden width of the feed-forward part of each block.
    public let mlpHidden: [Int]

    /// Creates an architecture; `heads` and `mlpHidden` have one value for each block.
    public init(embed: Int, heads: [Int], mlpHidden: [Int]) {
        self.embed = embed
        depth = heads.count
        self.heads = heads
        self.mlpHidden = mlpHidden
    }
}
