import SearchSpaces

/// Takes candidates one by one and keeps those feasible ones that no other of the same weights dominates.
///
/// Complexity: O(n f) for n candidates and a front of f; memory O(f).
struct ParetoFront {
    let objectives: [Objective]
    let constraints: [Constraint]
    private var fronts: [Int: [(number: Int, values: [Double])]] = [:]

    init(objectives: [Objective], constraints: [Constraint]) {
        self.objectives = objectives
        self.constraints = constraints
    }

    /// Adds a candidate; one that is infeasible or lacks an objective is passed over, equal points stay together.
    mutating func add(_ result: CandidateResult) {
        guard !objectives.isEmpty, result.violation(of: constraints) == 0 else { return }
        var values: [Double] = []
        for objective in objectives {
            guard let value = result.value(of: objective.metric) else { return }
            values.append(objective.goal == .minimize ? value : -value)
        }
        let step = result.candidate.weightsStep
        let front = fronts[step, default: []]
        if front.contains(where: { Self.dominates($0.values, values) }) { return }
        fronts[step] = front.filter { !Self.dominates(values, $0.values) } + [(result.candidate.number, values)]
    }

    /// The numbers of the candidates on the front of their weights.
    func members() -> Set<Int> {
        Set(fronts.values.joined().map(\.number))
    }

    /// Whether `left` is nowhere worse than `right` and somewhere better.
    private static func dominates(_ left: [Double], _ right: [Double]) -> Bool {
        var isBetter = false
        for (a, b) in zip(left, right) {
            if a > b { return false }
            if a < b { isBetter = true }
        }
        return isBetter
    }
}
