internal import Runs
internal import Search
internal import SearchSpaces

/// The hypervolume of a set of candidates as a share: 1 would be a perfect network at no cost.
///
/// Every objective is scaled to 0...1, best to worst: what has two ends from one to the other, such as accuracy from 1 to 0,
/// losses from 0 to the task's worst, costs from 0 to the largest architecture's; anything else as x / (1 + x).
struct FrontVolume {
    /// Points of a front with which four objectives take some hundredths of a second, and with which they take some seconds at
    /// worst; the time grows with the square and more of them.
    static let mostWhileRunning = 1000, most = 5000
    /// The same of more objectives, from five on: the time grows exponentially with them.
    private static let fewer = [(whileRunning: 400, most: 3000), (150, 1000), (75, 400), (50, 200)]
    /// The most objectives that a volume is told of.
    static let mostObjectives = StopRules.mostObjectives

    /// The direction of each axis.
    private let goals: [Objective.Goal]
    /// The ends of each axis, in units of its metric.
    private let ranges: [ClosedRange<Double>]

    /// - Parameter ranges: The ends of each objective's values.
    init(objectives: [Objective], ranges: [ClosedRange<Double>]) {
        guard objectives.areWeighted else {
            goals = objectives.map(\.goal)
            self.ranges = ranges
            return
        }
        // The ends of a weighted sum are those of its parts together.
        goals = [.minimize]
        func sum(of best: Bool) -> Double {
            zip(objectives, ranges).reduce(0) { sum, part in
                let (objective, range) = part
                let end = (objective.goal == .maximize) == best ? range.upperBound : range.lowerBound
                return sum + (objective.weight ?? 0) * objective.minimized(end)
            }
        }
        let most = Double.greatestFiniteMagnitude, best = max(sum(of: true), -most), worst = min(sum(of: false), most)
        self.ranges = [best...max(best, worst)]
    }

    /// - Parameters:
    ///   - measured: What is measured, with the ends of its values.
    ///   - task: What networks learn that are measured; nil where nothing is trained.
    init(objectives: [Objective], space: SearchSpace, measured: [Metric], task: TaskKind?) {
        let outputs = space.signature.outputCount
        let ranges = objectives.map { objective -> ClosedRange<Double> in
            let metric = objective.metric
            if let costs = space.costRange(by: metric) { return 0...Double(costs.upperBound) }
            let own = measured.first { $0 == metric }?.range
            if let own, Self.isBounded(own) { return own }
            if metric == .loss, let task { return 0...task.worstLoss(outputs) }
            return own ?? metric.range
        }
        self.init(objectives: objectives, ranges: ranges)
    }

    /// The share of the unit cube that a front dominates. Nil where there are more than ``mostObjectives``, and from four on
    /// where the front has more points than they are told of.
    func value(of front: [Fitness]) -> Double? { front.count <= mostPoints ? share(of: front) : nil }

    /// The share while a round goes on; nil as well where it would take longer than a generation should.
    func runningValue(of front: [Fitness]) -> Double? {
        front.count <= mostPointsWhileRunning ? share(of: front) : nil
    }

    /// The share that the front of any candidates dominates; failed and infeasible ones add nothing. Nil as for that front.
    func value(ofAll candidates: [Fitness]) -> Double? {
        let isTold = candidates.count <= mostPoints || Front.adding(candidates, to: []).count <= mostPoints
        return isTold ? share(of: candidates) : nil
    }

    /// The share after each of further candidates, one after the other; nil from where nobody tells it.
    ///
    /// - Parameters:
    ///   - front: The front before them, and its share.
    ///   - value: The share of the front; nil where nobody tells it.
    func curve(of candidates: [Fitness], after front: [Fitness], _ value: Double?) -> [Double?] {
        var front = front, value = value
        return candidates.map { candidate in
            let grown = Front.adding([candidate], to: front)
            // What enters the front is behind all that stays.
            guard candidate.isFeasible, grown.last == candidate else { return value }
            if grown.count > mostPointsWhileRunning {
                value = nil
            } else if goals.count < 4 {
                value = share(of: grown)
            } else {
                value = value.map { $0 + gain(of: candidate, beyond: front) }
            }
            front = grown
            return value
        }
    }

    private var mostPoints: Int { limits.most }
    private var mostPointsWhileRunning: Int { limits.whileRunning }

    private var limits: (whileRunning: Int, most: Int) {
        switch goals.count {
        case ..<4: (.max, .max)
        case 4: (Self.mostWhileRunning, Self.most)
        case let count: Self.fewer.indices.contains(count - 5) ? Self.fewer[count - 5] : (-1, -1)
        }
    }

    private func share(of candidates: [Fitness]) -> Double {
        Hypervolume.value(of: candidates.filter(\.isFeasible).map(point), reference: reference)
    }

    private func gain(of candidate: Fitness, beyond front: [Fitness]) -> Double {
        Hypervolume.gain(of: point(candidate), beyond: front.map(point), reference: reference)
    }

    private var reference: [Double] { Array(repeating: 1, count: goals.count) }

    /// Every objective from its best, 0, to its worst, 1.
    func point(_ fitness: Fitness) -> [Double] {
        goals.indices.map { scaled(fitness.objectives[$0], goals[$0], ranges[$0]) }
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
