internal import Documents

/// A family of architectures: what is fixed and what the search may choose.
public struct SearchSpace: Sendable, Hashable, GenomeSpace {
    /// The name that runs refer to.
    public let name: String
    /// Where the space comes from, in words; empty if unknown.
    public let source: String
    /// The family with what the space file says of it.
    package let family: any ArchitectureFamily
    /// Experts behind weights and how they are mixed.
    public let mixture: MixtureSettings
    /// The decisions in genome order.
    public let decisions: [Decision]
    /// What an example looks like, and what is answered.
    public let signature: ExampleSignature
    /// 32 hexadecimal digits that name the meaning of the space; name and source do not count.
    public let fingerprint: String

    init(name: String, source: String, family: any ArchitectureFamily, mixture: MixtureSettings) {
        self.name = name
        self.source = source
        self.family = family
        self.mixture = mixture
        decisions = family.decisions
        signature = family.signature
        var hash = StableHash()
        hash.combine("nasd/v1 \(type(of: family).name)\n\(family.meaning)\n\(mixture.meaning)")
        fingerprint = hash.hexadecimal
    }

    /// The word of the family in space files.
    public var familyName: String { type(of: family).name }

    /// Whether its networks have norms over examples, so that statistics of each subnet are measured before it is.
    public var normalizesExamples: Bool { type(of: family).normalizesExamples }

    /// The costs that its architectures have.
    public var costs: [Metric] { type(of: family).costs }

    /// All metrics that the space declares: its costs, and those of networks that live elsewhere.
    public var metrics: [Metric] { costs + family.ownMetrics }

    /// The exact costs of the architecture that a genome stands for.
    ///
    /// The genome must belong to the space; see `contains(_:)`.
    public func cost(of genome: Genome) -> ArchitectureCost { ArchitectureCost(costs, family.costs(of: genome)) }

    /// One of the exact costs of an architecture; 0 for one that the family does not declare.
    public func cost(of genome: Genome, by metric: Metric) -> Int { cost(of: genome)[metric] ?? 0 }

    /// The least and the greatest that architectures cost, which are not always the smallest's and the largest's; nil for a cost
    /// that the family does not declare. Nothing costs less or more; where a space is too large to be followed, these may be
    /// bounds that nothing reaches.
    public func costRange(by metric: Metric) -> ClosedRange<Int>? {
        costs.firstIndex(of: metric).map { family.costRanges[$0] }
    }

    /// Multiply-adds of one example's forward pass as the space's network computes it, which may be fewer than the cost:
    /// a network need not compute what nobody reads. 0 where the family declares none.
    public func executedMultiplyAdds(of genome: Genome) -> Int { family.executedMultiplyAdds(of: genome) }

    /// Whether the genome has one option index within bounds for each decision.
    public func contains(_ genome: Genome) -> Bool {
        genome.choices.count == decisions.count
            && zip(genome.choices, decisions).allSatisfy { Int($0) < $1.options.count }
    }

    /// The genome with the last option of every decision.
    public var largest: Genome { Genome(decisions.map { UInt8($0.options.count - 1) }) }

    /// The genome with the first option of every decision.
    public var smallest: Genome { Genome(decisions.map { _ in 0 }) }

    /// 32 hexadecimal digits that name an architecture of this space; equal for genomes of one canonical form.
    public func key(of genome: Genome) -> String {
        var hash = StableHash()
        hash.combine(fingerprint)
        hash.combine(canonical(genome).choices)
        return hash.hexadecimal
    }

    // A fingerprint names the meaning, and so the family with all that it says.
    public static func == (left: SearchSpace, right: SearchSpace) -> Bool {
        left.fingerprint == right.fingerprint && left.name == right.name && left.source == right.source
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(fingerprint)
        hasher.combine(name)
    }
}
