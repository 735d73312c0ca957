/// What a search algorithm needs to know of a space: its decisions and which genomes mean the same.
public protocol GenomeSpace: Sendable {
    /// The decisions in genome order.
    var decisions: [Decision] { get }
    /// The genome with every inactive decision set to 0.
    ///
    /// Two genomes describe one architecture exactly when their canonical forms are equal.
    func canonical(_ genome: Genome) -> Genome
}

extension GenomeSpace {
    /// A genome whose option indices are drawn independently and uniformly, in canonical form.
    public func randomGenome(using generator: inout some RandomNumberGenerator) -> Genome {
        canonical(Genome(decisions.map { UInt8(Int.random(in: 0..<$0.options.count, using: &generator)) }))
    }
}
