import SearchSpaces
import Tensors

/// Makes children of parents that are drawn uniformly: mutants of one of them, or crosses of two, never both.
///
/// A mutant has each of its decisions drawn anew with a probability, in which the same option may come up.
struct SplitVariation: Sendable {
    private let space: any GenomeSpace
    private let crossover = UniformCrossover()
    /// The probability of each decision to be drawn anew.
    private let rates: [Double]
    private let crossoverRate: Double
    /// Decisions in which two parents are to agree.
    private let agreement: [Int]

    /// How often a second parent is drawn until it agrees with the first.
    private static let mostDraws = 50

    /// - Parameters:
    ///   - rate: The probability of a decision for a block to be drawn anew.
    ///   - networkRate: That of a decision for the whole network.
    ///   - crossoverRate: The share of crosses.
    ///   - matesByDepth: Whether parents of a cross are to agree in what other decisions depend on.
    init(
        space: any GenomeSpace, rate: Double, networkRate: Double, crossoverRate: Double, matesByDepth: Bool = false
    ) {
        self.space = space
        self.crossoverRate = crossoverRate
        rates = space.decisions.map { $0.scope == .network ? networkRate : rate }
        let controls = space.decisions.compactMap { decision -> Int? in
            if case .below(let control, _) = decision.activity { control } else { nil }
        }
        agreement = matesByDepth ? Set(controls).sorted() : []
    }

    /// Children of some parents; none where there are no parents.
    func children(of parents: [Genome]) -> CandidateSource {
        { generator in
            guard let first = parents.randomElement(using: &generator) else { return nil }
            guard Double.random(in: 0..<1, using: &generator) < crossoverRate else {
                return Proposal(
                    genome: space.canonical(mutant(of: first, using: &generator)), origin: .mutation,
                    reason: ProposalReason(parents: [first]))
            }
            var second = first
            for _ in 0..<Self.mostDraws {
                second = parents.randomElement(using: &generator) ?? first
                if agreement.allSatisfy({ first.choices[$0] == second.choices[$0] }) { break }
            }
            let child = crossover.child(of: first, and: second, using: &generator)
            return Proposal(
                genome: space.canonical(child), origin: .crossover, reason: ProposalReason(parents: [first, second]))
        }
    }

    private func mutant(of parent: Genome, using generator: inout CounterGenerator) -> Genome {
        var choices = parent.choices
        for (index, decision) in space.decisions.enumerated()
        where Double.random(in: 0..<1, using: &generator) < rates[index] {
            choices[index] = UInt8(Int.random(in: 0..<decision.options.count, using: &generator))
        }
        return Genome(choices)
    }
}
