internal import Search
internal import SearchSpaces

/// The hypervolume of a set of candidates as a share: 1 would be a perfect network at no cost.
///
/// Every objective is scaled to 0...1, best to worst: accuracy from 1 to 0, losses from 0 to that of guessing, costs from
/// 0 to the largest architecture's.
struct FrontVolume {
    let objectives: [Objective]
    let space: SearchSpace

    /// The share of the unit cube that the fitnesses dominate; failed and infeasible ones add nothing.
    func value(of candidates: [Fitness]) -> Double {
        let points = candidates.filter(\.isFeasible).map { fitness in
            zip(fitness.objectives, objectives).map { scaled($0, $1) }
        }
        return Hypervolume.value(of: points, reference: Array(repeating: 1, count: objectives.count))
    }

    private func scaled(_ value: Double, _ objective: Objective) -> Double {
        let largest = space.cost(of: space.largest)
        let worst: Double =
            switch objective.metric {
            case .accuracy: 1
            case .loss: Double(space.input.classes)
            case .multiplyAdds: Double(largest.multiplyAdds)
            case .params: Double(largest.params)
            }
        // A maximised objective comes negated.
        return objective.goal == .maximize ? 1 + value / worst : value / worst
    }
}
