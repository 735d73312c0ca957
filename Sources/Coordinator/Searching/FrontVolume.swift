internal import Runs
internal import Search
internal import SearchSpaces

/// The hypervolume of a set of candidates as a share: 1 would be a perfect network at no cost.
///
/// Every objective is scaled to 0...1, best to worst: what has two ends from one to the other, such as accuracy from 1 to 0,
/// losses from 0 to the task's worst, costs from 0 to the largest architecture's; anything else as x / (1 + x).
struct FrontVolume {
    /// Points of a front with which four objectives take some hundredths of a second.
    static let mostWhileRunning = 1000
    /// Points of a front with which they take some seconds at worst; the time grows with the square and more of them.
    static let most = 5000

    private let objectives: [Objective]
    /// The ends of each objective's values.
    private let ranges: [ClosedRange<Double>]

    /// - Parameters:
    ///   - measured: What is measured, with the ends of its values.
    ///   - task: What networks learn that are measured; nil where nothing is trained.
    init(objectives: [Objective], space: SearchSpace, measured: [Metric], task: TaskKind?) {
        self.objectives = objectives
        let most = space.cost(of: space.largest), outputs = space.signature.outputCount
        ranges = objectives.map { objective in
            let metric = objective.metric
            if let most = most[metric] { return 0...Double(most) }
            let own = measured.first { $0 == metric }?.range
            if let own, Self.isBounded(own) { return own }
            if metric == .loss, let task { return 0...task.worstLoss(outputs) }
            return own ?? metric.range
        }
    }

    /// The share of the unit cube that a front dominates. Nil where there are more than ``Hypervolume/mostDimensions``
    /// objectives, and with as many where the front has more than ``most`` points.
    func value(of front: [Fitness]) -> Double? { isTold(front.count, Self.most) ? share(of: front) : nil }

    /// The share while a round goes on; nil as well where it would take longer than a generation should.
    func runningValue(of front: [Fitness]) -> Double? {
        isTold(front.count, Self.mostWhileRunning) ? share(of: front) : nil
    }

    /// The share that the front of any candidates dominates; failed and infeasible ones add nothing. Nil as for that front.
    func value(ofAll candidates: [Fitness]) -> Double? {
        let isTold = isTold(candidates.count, Self.most) || isTold(Front.adding(candidates, to: []).count, Self.most)
        return isTold ? share(of: candidates) : nil
    }

    private func isTold(_ points: Int, _ most: Int) -> Bool {
        objectives.count < Hypervolume.mostDimensions
            || objectives.count == Hypervolume.mostDimensions && points <= most
    }

    private func share(of candidates: [Fitness]) -> Double {
        let points = candidates.filter(\.isFeasible).map { fitness in
            objectives.indices.map { scaled(fitness.objectives[$0], objectives[$0].goal, ranges[$0]) }
        }
        return Hypervolume.value(of: points, reference: Array(repeating: 1, count: objectives.count))
    }

    private func scaled(_ value: Double, _ goal: Metric.Goal, _ range: ClosedRange<Double>) -> Double {
        guard range.lowerBound == 0, range.upperBound > 0, Self.isBounded(range) else {
            return openlyScaled(value, goal, range)
        }
        // A maximised objective comes negated.
        return goal == .maximize ? 1 + value / range.upperBound : value / range.upperBound
    }

    /// A value without two ends by its distance x from the better one, as x / (1 + x).
    private func openlyScaled(_ value: Double, _ goal: Metric.Goal, _ range: ClosedRange<Double>) -> Double {
        let isMaximized = goal == .maximize
        let best = isMaximized ? -range.upperBound : range.lowerBound
        let worst = isMaximized ? -range.lowerBound : range.upperBound
        guard abs(best) < Double.greatestFiniteMagnitude else { return 0.5 + value / (1 + abs(value)) / 2 }
        guard worst < Double.greatestFiniteMagnitude, worst > best else {
            let distance = max(0, value - best)
            return distance / (1 + distance)
        }
        return (value - best) / (worst - best)
    }

    private static func isBounded(_ range: ClosedRange<Double>) -> Bool {
        range.lowerBound > -Double.greatestFiniteMagnitude && range.upperBound < Double.greatestFiniteMagnitude
    }
}
