internal import Documents

/// A family of architectures: what is fixed and what the search may choose.
///
/// Genomes list the choices in the order embed, depth and then, for each block up to the greatest depth, heads
/// and mlpRatio.
public struct SearchSpace: Sendable, Hashable, GenomeSpace {
    /// The name that runs refer to.
    public let name: String
    /// The architecture family.
    public let family: SpaceFamily
    /// Where the space comes from, in words; empty if unknown.
    public let source: String
    /// What an example looks like.
    public let input: InputShape
    /// Width of one attention head.
    public let headWidth: Int
    /// The options.
    public let choices: SpaceChoices
    /// Experts behind weights and how they are mixed.
    public let mixture: MixtureSettings
    /// The decisions in genome order.
    public let decisions: [Decision]
    /// 32 hexadecimal digits that name the meaning of the space; name and source do not count.
    public let fingerprint: String

    init(
        name: String, source: String, input: InputShape, headWidth: Int, choices: SpaceChoices, mixture: MixtureSettings
    ) {
        self.name = name
        self.family = .vit
        self.source = source
        self.input = input
        self.headWidth = headWidth
        self.choices = choices
        self.mixture = mixture
        let embed = choices.embed.map(Double.init)
        let depth = choices.depth.map(Double.init)
        let heads = choices.heads.map(Double.init)
        var decisions = [
            Decision(name: "embed", scope: .network, options: embed),
            Decision(name: "depth", scope: .network, options: depth),
        ]
        for block in 0..<(choices.depth.last ?? 0) {
            decisions.append(Decision(name: "heads", scope: .block(block), options: heads))
            decisions.append(Decision(name: "mlpRatio", scope: .block(block), options: choices.mlpRatio))
        }
        self.decisions = decisions
        var hash = StableHash()
        hash.combine(
            """
            nasd/v1 vit
            input \(input.height) \(input.width) \(input.channels) \(input.patch) \(input.classes)
            headWidth \(headWidth)
            embed \(choices.embed)
            depth \(choices.depth)
            heads \(choices.heads)
            mlpRatio \(choices.mlpRatio.map(ShortNumber.text))
            \(mixture.meaning)
            """)
        fingerprint = hash.hexadecimal
    }

    /// The genome with the choices of blocks past its depth set to 0.
    ///
    /// The genome must have an option index within bounds for each decision; see `contains(_:)`.
    public func canonical(_ genome: Genome) -> Genome {
        var choices = genome.choices
        for index in min(activeCount(of: genome), choices.count)..<choices.count { choices[index] = 0 }
        return Genome(choices)
    }

    /// Whether the genome has one option index within bounds for each decision.
    public func contains(_ genome: Genome) -> Bool {
        genome.choices.count == decisions.count
            && zip(genome.choices, decisions).allSatisfy { Int($0) < $1.options.count }
    }

    /// The genome with the last option of every decision.
    public var largest: Genome { Genome(decisions.map { UInt8($0.options.count - 1) }) }

    /// The genome with the first option of every decision.
    public var smallest: Genome { Genome(decisions.map { _ in 0 }) }

    /// The number of different architectures, exactly, as decimal digits.
    public var canonicalGenomeCountText: String {
        var total = DecimalCount(0)
        var power = DecimalCount(1)
        var depth = 0
        for option in choices.depth {
            while depth < option {
                power.multiply(by: choices.heads.count * choices.mlpRatio.count)
                depth += 1
            }
            total.add(power)
        }
        total.multiply(by: choices.embed.count)
        return total.text
    }

    /// The number of different architectures, rounded; infinite from 2^1024.
    public var canonicalGenomeCount: Double { Double(canonicalGenomeCountText) ?? .infinity }

    /// 32 hexadecimal digits that name an architecture of this space; equal for genomes of one canonical form.
    public func key(of genome: Genome) -> String {
        var hash = StableHash()
        hash.combine(fingerprint)
        hash.combine(canonical(genome).choices)
        return hash.hexadecimal
    }

    // Decisions that matter: the two of the network and two for each block that is there.
    private func activeCount(of genome: Genome) -> Int {
        guard genome.choices.count > 1 else { return genome.choices.count }
        let depthIndex = min(Int(genome.choices[1]), choices.depth.count - 1)
        return 2 + 2 * choices.depth[depthIndex]
    }
}
