/// The exact cost of an architecture, from its genome alone.
public struct ArchitectureCost: Sendable, Hashable {
    /// Trainable scalars.
    public let params: Int
    /// Multiply-adds of one forward pass of one example.
    public let multiplyAdds: Int

    /// Creates a cost.
    public init(params: Int, multiplyAdds: Int) {
        self.params = params
        self.multiplyAdds = multiplyAdds
    }
}
