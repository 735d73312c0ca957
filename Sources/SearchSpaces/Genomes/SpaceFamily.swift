/// A kind of architecture that spaces are made of.
public enum SpaceFamily: String, Sendable, Hashable, CaseIterable {
    /// Vision transformers with elastic width, depth, heads and feed-forward ratio.
    case vit
}
