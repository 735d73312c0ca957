import SearchSpaces

/// The sizes of one block of an architecture.
struct ViTBlock: Sendable, Hashable, Comparable {
    let heads: Int
    let mlpHidden: Int

    init(_ architecture: ViTArchitecture, _ index: Int) {
        heads = architecture.heads[index]
        mlpHidden = architecture.mlpHidden[index]
    }

    static func < (left: ViTBlock, right: ViTBlock) -> Bool {
        (left.heads, left.mlpHidden) < (right.heads, right.mlpHidden)
    }
}
