internal import SearchSpaces

/// What convolutional networks need and is not computed yet, by the words of space files.
enum CNNSupport {
    /// The parts of a space that no code computes; empty where its networks can be trained.
    static func missing(in family: CNNFamily) -> [String] {
        var parts: [String] = []
        // The centre of a dense kernel is no leading part of its weight.
        let kinds = Set(family.stages.filter { $0.block.isResidual && $0.kernel.count > 1 }.map(\.block))
        parts += kinds.map { "several kernels of block: \($0.rawValue)" }.sorted()
        return parts
    }

    /// The parts of a space that no masks are computed for, so that architectures cannot be learned by gradient.
    static func unmasked(in family: CNNFamily) -> [String] {
        var parts: [String] = []
        if family.resolution.count > 1 { parts.append("resolution") }
        let kinds = Set(family.stages.map(\.block)).subtracting([.inverted])
        parts += kinds.map { "block: \($0.rawValue)" }.sorted()
        if !family.stem.inner.isEmpty { parts.append("stem.inner") }
        if family.hasKernelTransforms { parts.append("kernelTransforms") }
        return parts
    }
}
