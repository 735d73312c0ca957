internal import Foundation
import Runs
import SearchSpaces
import Tensors

/// Takes candidates of a pool one after the other, each as if those before it had come out as expected.
struct BatchChoice {
    private let pool: CandidatePool
    private let settings: LinasSettings
    private let parameters: SearchParameters
    /// How many were asked before the batch.
    private let asked: Int
    /// The objectives that are predicted.
    private let measured: [Int]
    /// Objectives are divided by these, after the least was subtracted.
    private let least: [Double]
    private let ranges: [Double]
    /// Feasible points, measured and believed, scaled.
    private var front: [[Double]]
    private let reference: [Double]
    /// The best of each objective so far, scaled.
    private var best: [Double]
    private let hasFeasible: Bool
    private var left: Set<Int>
    /// The last known gain of each candidate by purpose: as the front grows, gains only fall.
    private var gains: [Purpose: [Double]] = [:]

    init(
        model: LinasModel, pool: CandidatePool, archive: [SearchMember], settings: LinasSettings,
        parameters: SearchParameters, asked: Int
    ) {
        self.pool = pool
        self.settings = settings
        self.parameters = parameters
        self.asked = asked
        let count = parameters.objectives
        measured = (0..<count).filter { model.qualities[$0] != nil }
        let feasible = archive.filter(\.fitness.isFeasible).map(\.fitness.objectives)
        hasFeasible = !feasible.isEmpty
        let points = hasFeasible ? feasible : archive.filter { !$0.fitness.isFailed }.map(\.fitness.objectives)
        let least = (0..<count).map { index in points.map { $0[index] }.min() ?? 0 }
        let ranges = (0..<count).map { index in
            let most = points.map { $0[index] }.max() ?? 0
            return most > least[index] ? most - least[index] : 1
        }
        self.least = least
        self.ranges = ranges
        let scaled = feasible.map { point in (0..<count).map { (point[$0] - least[$0]) / ranges[$0] } }
        front = scaled
        reference = [Double](repeating: 1.05, count: count)
        best = [Double](repeating: hasFeasible ? 0 : 1, count: count)
        left = Set(pool.genomes.indices)
        sortFront()
    }

    private mutating func sortFront() {
        front = Front.indices(of: front.map { Fitness(objectives: $0) }).map { front[$0] }
        front.sort { $0[0] < $1[0] }
        front = front.enumerated().filter { $0.offset == 0 || front[$0.offset - 1] != $0.element }.map(\.element)
    }

    /// What a place of a batch goes by.
    private enum Purpose: Hashable {
        case hypervolume
        case single(Int)
        case unsure
    }

    /// The next candidates in ask order; fewer where the pool ends.
    mutating func take(_ count: Int, using generator: inout CounterGenerator) -> [Proposal] {
        var batch: [Proposal] = []
        for place in asked..<asked + count {
            let purpose = purpose(of: place)
            let isLate = Double(place) >= (1 - settings.refinement) * Double(parameters.evaluations)
            let open = left.sorted(), near = isLate && place % 2 == 0 ? open.filter { pool.isNeighbour[$0] } : []
            guard let chosen = next(for: purpose, among: near.isEmpty ? open : near) else {
                break
            }
            left.remove(chosen)
            batch.append(
                Proposal(genome: pool.genomes[chosen], origin: .predicted, reason: reason(chosen, purpose)))
            believe([pool.expectations[chosen]])
        }
        return batch
    }

    private func reason(_ chosen: Int, _ purpose: Purpose) -> ProposalReason {
        let expected = pool.expectations[chosen]
        let aim: ProposalReason.Aim =
            switch purpose {
            case .hypervolume: .hypervolume
            case .single: .objective
            case .unsure: .uncertainty
            }
        return ProposalReason(
            aim: aim,
            predictions: (0..<parameters.objectives).map { index in
                let (mean, spread) = (expected.mean[index], expected.spread[index])
                guard measured.contains(index), mean.isFinite, spread.isFinite else { return nil }
                return ProposalReason.Prediction(mean: mean, spread: spread)
            })
    }

    /// Every few places are for the unsure, every few for a single objective.
    private func purpose(of place: Int) -> Purpose {
        func falls(_ share: Double, _ offset: Double) -> Bool {
            (Double(place + 1) * share + offset).rounded(.down) > (Double(place) * share + offset).rounded(.down)
        }
        if falls(settings.exploration, 0.5) { return .unsure }
        if parameters.objectives > 1, falls(0.25, 0), let first = measured.first { return .single(first) }
        return .hypervolume
    }

    private mutating func next(for purpose: Purpose, among wanted: [Int]) -> Int? {
        guard !wanted.isEmpty else { return nil }
        let feasible = wanted.filter { pool.expectations[$0].violation == 0 }
        // Where nothing is expected to keep the constraints, the least violation is next.
        if feasible.isEmpty { return wanted.min { violation($0) < violation($1) } }
        var known = gains[purpose] ?? pool.genomes.map { _ in .infinity }
        var best: (gain: Double, index: Int)?
        for index in feasible.sorted(by: { (known[$0], $1) > (known[$1], $0) }) {
            if known[index] < (best?.gain ?? 1e-12) { break }
            known[index] = gain(index, purpose)
            if known[index] > (best?.gain ?? 1e-12) { best = (known[index], index) }
        }
        gains[purpose] = known
        if let best { return best.index }
        // Nothing promises a gain: the best of what is expected.
        return Survival.byFrontAndCrowding(feasible.map { pool.expectations[$0].fitness }, count: 1).first.map {
            feasible[$0]
        }
    }

    private func violation(_ index: Int) -> Double { pool.expectations[index].violation }

    private func gain(_ index: Int, _ purpose: Purpose) -> Double {
        let expected = pool.expectations[index]
        let mean = expected.mean.indices.map { (expected.mean[$0] - least[$0]) / ranges[$0] }
        let spread = expected.spread.indices.map { expected.spread[$0] / ranges[$0] }
        switch purpose {
        case .single(let objective):
            return ExpectedImprovement.below(best[objective], mean: mean[objective], spread: spread[objective])
        case .hypervolume: return volume(mean, spread)
        case .unsure: return volume(mean, spread.map { 2.5 * $0 })
        }
    }

    private func volume(_ mean: [Double], _ spread: [Double]) -> Double {
        switch mean.count {
        case 1: ExpectedImprovement.below(best[0], mean: mean[0], spread: spread[0])
        case 2: ExpectedImprovement.planar(over: front, reference: reference, mean: mean, spread: spread)
        case 3: ExpectedImprovement.optimistic(over: front, reference: reference, mean: mean, spread: spread)
        default: ExpectedImprovement.additive(over: front, mean: mean, spread: spread)
        }
    }

    /// Takes candidates for measured that come out as expected.
    mutating func believe(_ expectations: [LinasModel.Expectation]) {
        for expected in expectations where expected.violation == 0 {
            let point = expected.mean.indices.map { (expected.mean[$0] - least[$0]) / ranges[$0] }
            for objective in best.indices { best[objective] = min(best[objective], point[objective]) }
            front.append(point)
        }
        sortFront()
    }
}
