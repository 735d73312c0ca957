internal import Foundation
public import SearchSpaces
internal import Tensors

/// Moves genomes into the windows of what is known of them beforehand, such as exact costs, so that candidates of a tight window are found at once.
///
/// A child goes there by changes of one decision at a time, each of which brings it closer, in random order; so it keeps
/// what it can of its parents. Random candidates, and children that get stuck, are drawn from the window of the cost that
/// excludes most, exactly where it can be counted (``CostDistribution``), and go on by single changes into the others. What is
/// not known before it is measured, such as an accuracy, is left to constraint domination.
///
/// Source: for changes until a constraint holds, Liao et al., "Searching for efficient multi-stage vision transformers" (2021).
public struct CostRepair: Sendable {
    /// The share of uniform draws that keep the constraints below which the windows are tight.
    static let tightShare = 0.1
    /// Uniform draws that tell the share.
    private static let probes = 512
    /// Costs that are told apart when they are counted: some tenths of a second, and 6 MB.
    private static let mostCosts = 1 << 18
    private static let mostSteps = 1000
    /// Walks of a child, each in another order, before another genome is drawn in its place.
    private static let mostWalks = 8
    private static let mostDraws = 16

    private let space: SearchSpace
    private let known: KnownMetrics
    private let constraints: [Constraint]
    private let counted: (distribution: CostDistribution, window: ClosedRange<Int>)?

    /// Creates a repair; nil where no constraint is of what is known beforehand, and where uniform draws keep them often enough.
    public init?(_ space: SearchSpace, keeping constraints: [Constraint], foreseen: ForeseenMetric? = nil) {
        let known = KnownMetrics(space, foreseen)
        let exact = constraints.filter { known.contains($0.metric) }
        guard !exact.isEmpty else { return nil }
        var generator = CounterGenerator(seed: 0, stream: .search, step: 0)
        var kept = 0, each = [Int](repeating: 0, count: exact.count)
        for _ in 0..<Self.probes {
            let (value, unknown) = known.values(of: space.randomGenome(using: &generator))
            let holds = exact.map { $0.violation(of: value($0.metric) ?? 0) + unknown == 0 }
            for (index, holds) in holds.enumerated() where holds { each[index] += 1 }
            if holds.allSatisfy(\.self) { kept += 1 }
        }
        guard Double(kept) < Self.tightShare * Double(Self.probes) else { return nil }
        self.space = space
        self.known = known
        self.constraints = exact
        let tightest = exact.indices.sorted { (each[$0], $0) < (each[$1], $1) }.map { exact[$0] }
            .first { CostDistribution.counts(space, by: $0.metric) }
        counted = tightest.flatMap { constraint in
            guard let window = Self.window(constraint) else { return nil }
            return (CostDistribution(space, by: constraint.metric, most: Self.mostCosts), window)
        }
    }

    /// The whole numbers within a constraint.
    private static func window(_ constraint: Constraint) -> ClosedRange<Int>? {
        // Costs lie far from these ends.
        let ends = -1e18...1e18
        let low = (constraint.atLeast ?? ends.lowerBound).rounded(.up)
        let high = (constraint.atMost ?? ends.upperBound).rounded(.down)
        guard low <= high, ends.contains(low), ends.contains(high) else { return nil }
        return Int(low)...Int(high)
    }

    /// How far a genome is outside of the windows, summed; 0 inside.
    func violation(of genome: Genome) -> Double {
        let (value, unknown) = known.values(of: genome)
        return constraints.reduce(unknown) { $0 + $1.violation(of: value($1.metric) ?? 0) }
    }

    /// A candidate inside the windows, by changes of it or drawn in its place; nil where none is found.
    func repaired(_ proposal: Proposal, using generator: inout CounterGenerator) -> Proposal? {
        for _ in 0..<Self.mostWalks {
            if let genome = walked(from: proposal.genome, using: &generator) {
                return genome == proposal.genome
                    ? proposal
                    : Proposal(genome: genome, origin: proposal.origin, reason: proposal.reason.repaired())
            }
        }
        return draw(using: &generator).map { Proposal(genome: $0, origin: .random) }
    }

    /// A random genome inside the windows, in canonical form; nil where none is found.
    func draw(using generator: inout CounterGenerator) -> Genome? {
        for _ in 0..<Self.mostDraws {
            let start =
                counted.flatMap { $0.distribution.draw(costing: $0.window, using: &generator) }
                ?? space.randomGenome(using: &generator)
            if let genome = walked(from: space.canonical(start), using: &generator) { return genome }
        }
        return nil
    }

    /// Changes of one decision until all windows hold; nil where none of them brings the genome closer.
    private func walked(from genome: Genome, using generator: inout CounterGenerator) -> Genome? {
        let neighbourhood = Neighbourhood(of: space)
        var genome = genome, excess = violation(of: genome)
        for _ in 0..<Self.mostSteps where excess > 0 {
            var closer: (genome: Genome, excess: Double)?
            for neighbour in neighbourhood.all(of: genome).shuffled(using: &generator) {
                let left = violation(of: neighbour)
                guard left < excess else { continue }
                closer = (neighbour, left)
                break
            }
            guard let closer else { return nil }
            (genome, excess) = closer
        }
        return excess > 0 ? nil : genome
    }
}
