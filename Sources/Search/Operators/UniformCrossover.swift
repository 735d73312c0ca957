public import SearchSpaces

/// Takes each choice from one of two parents, each with probability 1/2.
///
/// Source: Syswerda, "Uniform crossover in genetic algorithms" (1989).
public struct UniformCrossover: Sendable {
    /// Creates the operator.
    public init() {}

    /// The child, not yet canonical. O(n) for n decisions.
    ///
    /// The parents have the same number of choices; the child has those of the shorter one otherwise.
    public func child(
        of first: Genome, and second: Genome, using generator: inout some RandomNumberGenerator
    ) -> Genome {
        Genome(zip(first.choices, second.choices).map { Bool.random(using: &generator) ? $0 : $1 })
    }
}
