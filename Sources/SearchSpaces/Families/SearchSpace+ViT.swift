extension SearchSpace {
    /// The shared geometry, or nil when the space is of another family.
    public var vit: ViTSpace? { family == .vit ? vitGeometry : nil }

    /// The sizes that a genome stands for, one by one; allocates nothing.
    ///
    /// The genome must belong to the space; see `contains(_:)`.
    public func shape(of genome: Genome) -> ViTShape { ViTShape(choices: choices, genome: genome) }

    /// The sizes that a genome stands for.
    ///
    /// The genome must belong to the space; see `contains(_:)`.
    public func architecture(of genome: Genome) -> ViTArchitecture {
        let shape = shape(of: genome)
        return ViTArchitecture(
            embed: shape.embed, heads: (0..<shape.depth).map(shape.heads),
            mlpHidden: (0..<shape.depth).map(shape.mlpHidden))
    }

    /// The exact cost of the architecture that a genome stands for.
    ///
    /// The genome must belong to the space; see `contains(_:)`.
    public func cost(of genome: Genome) -> ArchitectureCost { vitGeometry.cost(of: architecture(of: genome)) }

    private var vitGeometry: ViTSpace {
        let largest = architecture(of: largest)
        return ViTSpace(
            input: input, headWidth: headWidth, maximumEmbed: largest.embed, maximumDepth: largest.depth,
            maximumHeads: largest.heads.max() ?? 0, maximumMLPHidden: largest.mlpHidden.max() ?? 0)
    }
}
