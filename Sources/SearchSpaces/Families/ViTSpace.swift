/// The geometry that all vision transformers of a space share.
public struct ViTSpace: Sendable, Hashable {
    /// What an example looks like.
    public let input: InputShape
    /// Width of one attention head.
    public let headWidth: Int
    /// Greatest width of the token vectors.
    public let maximumEmbed: Int
    /// Greatest number of blocks.
    public let maximumDepth: Int
    /// Greatest number of heads of a block.
    public let maximumHeads: Int
    /// Greatest hidden width of a feed-forward part.
    public let maximumMLPHidden: Int

    /// Tokens of an image: one for each patch and the class token.
    public var tokens: Int { (input.height / input.patch) * (input.width / input.patch) + 1 }
    /// Values of one patch.
    public var patchValues: Int { input.patch * input.patch * input.channels }
    /// Classes to tell apart.
    public var classes: Int { input.classes }

    /// The exact cost of an architecture.
    ///
    /// Multiply-adds count matrix products; norms, softmax, biases and residual sums count 0.
    public func cost(of architecture: ViTArchitecture) -> ArchitectureCost {
        let n = tokens
        let d = architecture.embed
        var multiplyAdds = (n - 1) * patchValues * d + d * classes
        // Patch embedding, class token, positions, final norm and head.
        var params = d * (patchValues + 1) + d + n * d + 2 * d + classes * (d + 1)
        for (heads, m) in zip(architecture.heads, architecture.mlpHidden) {
            let a = heads * headWidth
            multiplyAdds += n * d * 3 * a + 2 * n * n * a + n * a * d + 2 * n * d * m
            params += 3 * a * (d + 1) + d * (a + 1) + m * (d + 1) + d * (m + 1) + 4 * d
        }
        return ArchitectureCost(params: params, multiplyAdds: multiplyAdds)
    }
}
