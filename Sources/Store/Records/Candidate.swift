public import SearchSpaces

/// An architecture that a search asked for.
public struct Candidate: Sendable, Hashable {
    /// 1… per run, in ask order.
    public let number: Int
    /// The key of the architecture; equal for equal architectures.
    public let key: String
    /// The readable genome, such as `embed=96;depth=5`.
    public let genomeText: String
    /// The choices.
    public let genome: Genome
    /// How the search came to it, such as `random` or `mutation`.
    public let origin: String
    /// The round that asked.
    public let round: Int
    /// The training step of the weights it is measured on.
    public let weightsStep: Int
    /// Its exact cost.
    public let cost: ArchitectureCost

    /// Creates a candidate.
    public init(
        number: Int, key: String, genomeText: String, genome: Genome, origin: String, round: Int, weightsStep: Int,
        cost: ArchitectureCost
    ) {
        self.number = number
        self.key = key
        self.genomeText = genomeText
        self.genome = genome
        self.origin = origin
        self.round = round
        self.weightsStep = weightsStep
        self.cost = cost
    }
}
