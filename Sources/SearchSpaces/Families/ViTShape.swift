/// The sizes that a genome stands for, read from its choices one by one: what `ViTArchitecture` holds, without a copy.
public struct ViTShape: Sendable {
    private let choices: SpaceChoices
    private let genome: Genome

    init(choices: SpaceChoices, genome: Genome) {
        self.choices = choices
        self.genome = genome
    }

    /// Width of the token vectors.
    public var embed: Int { choices.embed[Int(genome.choices[0])] }

    /// Number of blocks.
    public var depth: Int { choices.depth[Int(genome.choices[1])] }

    /// Attention heads of a block below `depth`.
    public func heads(_ block: Int) -> Int { choices.heads[Int(genome.choices[2 + 2 * block])] }

    /// Hidden width of the feed-forward part of a block below `depth`.
    public func mlpHidden(_ block: Int) -> Int {
        Int(Double(embed) * choices.mlpRatio[Int(genome.choices[3 + 2 * block])])
    }
}
