internal import SearchSpaces

/// What convolutional networks need and is not computed yet, by the words of space files.
enum CNNSupport {
    /// The parts of a space that no code computes; empty where its networks can be trained.
    static func missing(in family: CNNFamily) -> [String] {
        var parts = ["convolutions", "batch norm"]
        if family.resolution.count > 1 { parts.append("resolution as a choice") }
        if family.stages.contains(where: \.squeezeExcite) { parts.append("squeezeExcite") }
        if family.head.mix != nil { parts.append("head.mix") }
        let kinds = Set(family.stages.map(\.block)).subtracting([.inverted])
        parts += kinds.map { "block: \($0.rawValue)" }.sorted()
        if !family.stem.inner.isEmpty { parts.append("stem.inner") }
        if family.stem.hasPool { parts.append("stem.maxPool") }
        let activations = [family.stem.activation, family.head.activation] + family.stages.map(\.activation)
        return parts + Set(activations.map(\.rawValue)).sorted().map { "activation \($0)" }
    }
}
