import Runs
public import SearchSpaces
import Tensors

/// Makes children: two tournaments, crossover with some probability, then mutation, then the canonical form.
struct Variation: Sendable {
    private let space: any GenomeSpace
    private let tournament: Tournament
    private let operators: Operators
    private let crossoverRate: Double

    /// What crosses two parents and what mutates a child.
    private enum Operators {
        case uniform(UniformCrossover, ResetMutation)
        case bounded(SimulatedBinaryCrossover, PolynomialMutation)
    }

    init(space: any GenomeSpace, settings: VariationSettings) {
        self.space = space
        tournament = Tournament(size: settings.tournament)
        let decisions = space.decisions, rate = settings.mutationRate
        operators =
            if let eta = settings.eta {
                .bounded(
                    SimulatedBinaryCrossover(decisions: decisions, eta: eta),
                    PolynomialMutation(decisions: decisions, rate: rate, eta: eta))
            } else {
                .uniform(UniformCrossover(), ResetMutation(decisions: decisions, rate: rate))
            }
        crossoverRate = settings.crossoverRate
    }

    /// Children of a population whose members win tournaments by `isBetter`; none of an empty one.
    ///
    /// - Parameter ties: Who wins where neither is better.
    func children(
        of population: [SearchMember], ties: Tournament.Ties = .earlier, isBetter: @escaping (Int, Int) -> Bool
    ) -> CandidateSource {
        { generator in
            guard !population.isEmpty else { return nil }
            let parents = (0..<2).map { _ in
                population[
                    tournament.winner(of: population.count, ties: ties, using: &generator, isBetter: isBetter)
                ].genome
            }
            return child(of: parents[0], and: parents[1], using: &generator)
        }
    }

    /// The child and where it comes from: `mutation` when mutation changed the architecture, else `crossover`.
    private func child(
        of first: Genome, and second: Genome, using generator: inout some RandomNumberGenerator
    ) -> Proposal {
        let crosses = Double.random(in: 0..<1, using: &generator) < crossoverRate
        let base: Genome, mutant: Genome
        switch operators {
        case .uniform(let crossover, let mutation):
            base = crosses ? crossover.child(of: first, and: second, using: &generator) : first
            mutant = mutation.mutated(base, using: &generator)
        case .bounded(let crossover, let mutation):
            base = crosses ? crossover.child(of: first, and: second, using: &generator) : first
            mutant = mutation.mutated(base, using: &generator)
        }
        let genome = space.canonical(mutant)
        return Proposal(
            genome: genome, origin: genome == space.canonical(base) ? .crossover : .mutation,
            reason: ProposalReason(parents: crosses ? [first, second] : [first]))
    }
}

/// Picks a parent: the best of a few candidates drawn uniformly with replacement.
///
/// Source: Goldberg and Deb, "A comparative analysis of selection schemes" (1991).
public struct Tournament: Sendable {
    /// Who wins where neither of two is better.
    public enum Ties: Sendable, Hashable {
        /// The one at the earlier position.
        case earlier
        /// The one that was drawn first, and so either with the same probability.
        case drawn
    }

    /// How many candidates compete, at least 1; 2 is a binary tournament.
    public let size: Int

    /// Creates a tournament of at least one candidate.
    public init(size: Int = 2) {
        self.size = max(size, 1)
    }

    /// The winner among the positions `0..<count`, where `count` is at least 1.
    ///
    /// `isBetter(a, b)` says whether position a beats b; `ties` says who wins without a decision.
    public func winner(
        of count: Int, ties: Ties = .earlier, using generator: inout some RandomNumberGenerator,
        isBetter: (Int, Int) -> Bool
    ) -> Int {
        var best = Int.random(in: 0..<count, using: &generator)
        for _ in 0..<(size - 1) {
            let rival = Int.random(in: 0..<count, using: &generator)
            if isBetter(rival, best) || (ties == .earlier && rival < best && !isBetter(best, rival)) { best = rival }
        }
        return best
    }
}

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

/// Replaces each choice, with the same small probability, by a different option of its decision.
///
/// The probability is `max(1/n, r)`, where n counts the decisions with at least two options. The new option is
/// uniform over the others, so a mutated choice never keeps its option.
public struct ResetMutation: Sendable {
    private let optionCounts: [Int]
    /// The probability of each choice to change, 0 to 1.
    public let probability: Double

    /// Creates the operator for the decisions of a space; `rate` is the lower bound r, 0 to 1.
    public init(decisions: [Decision], rate: Double = 0) {
        optionCounts = decisions.map(\.options.count)
        let open = optionCounts.count { $0 > 1 }
        probability = min(1, max(open > 0 ? 1 / Double(open) : 0, rate))
    }

    /// The mutated genome, not yet canonical. O(n) for n decisions.
    public func mutated(_ genome: Genome, using generator: inout some RandomNumberGenerator) -> Genome {
        var choices = genome.choices
        for (index, count) in optionCounts.enumerated() where count > 1 && index < choices.count {
            guard Double.random(in: 0..<1, using: &generator) < probability else { continue }
            choices[index] = Self.other(than: choices[index], of: count, using: &generator)
        }
        return Genome(choices)
    }

    /// An option that is drawn among the others of a decision with `count` of them, at least two.
    static func other(than choice: UInt8, of count: Int, using generator: inout some RandomNumberGenerator) -> UInt8 {
        let other = Int.random(in: 0..<(count - 1), using: &generator)
        return UInt8(other < Int(choice) ? other : other + 1)
    }
}
