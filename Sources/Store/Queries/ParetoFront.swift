import SearchSpaces

/// Collects candidates and tells which feasible ones no other of the same weights dominates.
struct ParetoFront {
    let objectives: [Objective]
    let constraints: [Constraint]
    private var points: [Int: [(number: Int, values: [Double])]] = [:]

    init(objectives: [Objective], constraints: [Constraint]) {
        self.objectives = objectives
        self.constraints = constraints
    }

    /// Adds a candidate; one that is infeasible or lacks an objective is passed over.
    mutating func add(_ result: CandidateResult) {
        guard result.violation(of: constraints) == 0 else { return }
        var values: [Double] = []
        for objective in objectives {
            guard let value = result.value(of: objective.metric) else { return }
            values.append(objective.goal == .minimize ? value : -value)
        }
        points[result.candidate.weightsStep, default: []].append((result.candidate.number, values))
    }

    /// The numbers of the candidates on the front of their weights; equal points stay together.
    func members() -> Set<Int> {
        guard !objectives.isEmpty else { return [] }
        var members: Set<Int> = []
        for group in points.values {
            // In lexicographic order a point is dominated only by earlier ones, and then by one on the front.
            var front: [(number: Int, values: [Double])] = []
            for point in group.sorted(by: { $0.values.lexicographicallyPrecedes($1.values) }) {
                let dominated = front.contains { other in
                    other.values != point.values && zip(other.values, point.values).allSatisfy { $0 <= $1 }
                }
                if !dominated { front.append(point) }
            }
            members.formUnion(front.map(\.number))
        }
        return members
    }
}
