internal import Runs
internal import Search
internal import SearchSpaces

/// The hypervolume of a set of candidates as a share: 1 would be a perfect network at no cost.
///
/// Every objective is scaled to 0...1, best to worst: what has two ends from one to the other, such as accuracy from 1 to 0,
/// losses from 0 to the task's worst, costs from 0 to the largest architecture's; anything else as x / (1 + x).
struct FrontVolume {
    let objectives: [Objective]
    let space: SearchSpace
    /// What is measured, with the ends of its values.
    let measured: [Metric]

    /// The share of the unit cube that the fitnesses dominate; failed and infeasible ones add nothing.
    func value(of candidates: [Fitness]) -> Double {
        let points = candidates.filter(\.isFeasible).map { fitness in
            zip(fitness.objectives, objectives).map { scaled($0, $1) }
        }
        return Hypervolume.value(of: points, reference: Array(repeating: 1, count: objectives.count))
    }

    private func scaled(_ value: Double, _ objective: Objective) -> Double {
        let range = range(of: objective.metric)
        guard range.lowerBound == 0, range.upperBound < Double.greatestFiniteMagnitude else {
            return openlyScaled(value, objective, range)
        }
        // A maximised objective comes negated.
        return objective.goal == .maximize ? 1 + value / range.upperBound : value / range.upperBound
    }

    /// A value without two ends by its distance x from the better one, as x / (1 + x).
    private func openlyScaled(_ value: Double, _ objective: Objective, _ range: ClosedRange<Double>) -> Double {
        let isMaximized = objective.goal == .maximize
        let best = isMaximized ? -range.upperBound : range.lowerBound
        let worst = isMaximized ? -range.lowerBound : range.upperBound
        guard abs(best) < Double.greatestFiniteMagnitude else { return 0.5 + value / (1 + abs(value)) / 2 }
        guard worst < Double.greatestFiniteMagnitude, worst > best else {
            let distance = max(0, value - best)
            return distance / (1 + distance)
        }
        return (value - best) / (worst - best)
    }

    private func range(of metric: Metric) -> ClosedRange<Double> {
        if let most = space.cost(of: space.largest)[metric] { return 0...Double(most) }
        if metric == .loss, let task = TaskKind.usual(for: space.signature) {
            return 0...task.worstLoss(space.signature.outputCount)
        }
        return measured.first { $0 == metric }?.range ?? metric.range
    }
}
