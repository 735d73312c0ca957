import SearchSpaces

/// Makes one child of two parents: crossover with some probability, then mutation, then the canonical form.
struct Variation: Sendable {
    let space: any GenomeSpace
    let crossover = UniformCrossover()
    let mutation: ResetMutation
    let crossoverRate: Double

    init(space: any GenomeSpace, parameters: SearchParameters) {
        self.space = space
        mutation = ResetMutation(decisions: space.decisions, rate: parameters.mutationRate)
        crossoverRate = parameters.crossoverRate
    }

    /// The child and where it comes from: `mutation` when mutation changed the architecture, else `crossover`.
    func child(
        of first: Genome, and second: Genome, using generator: inout some RandomNumberGenerator
    ) -> Proposal {
        let crosses = Double.random(in: 0..<1, using: &generator) < crossoverRate
        let base = crosses ? crossover.child(of: first, and: second, using: &generator) : first
        let genome = space.canonical(mutation.mutated(base, using: &generator))
        return Proposal(genome: genome, origin: genome == space.canonical(base) ? .crossover : .mutation)
    }
}
