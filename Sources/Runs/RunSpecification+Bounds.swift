public import SearchSpaces

extension RunSpecification {
    /// Checks that the task is one for the space, that whatever the search goes by is a metric of either, and that its bounds
    /// leave an architecture.
    ///
    /// Costs grow with every option, so the smallest and the largest genome bound them; what all bounds together leave is
    /// counted.
    /// - Throws: `RunError.unfitTask`, `unknownMetric`, `unsatisfiable` for a bound that nothing keeps, `contradicting` where
    ///   nothing keeps all.
    public func checkBounds(in space: SearchSpace) throws(RunError) {
        if let task, !task.fits(space.signature) {
            throw .unfitTask(
                task: task.name, expected: TaskKind.all.filter { $0.fits(space.signature) }.map(\.name),
                signature: "\(space.signature)")
        }
        let metrics = RunMetrics(self, space: space)
        for (index, objective) in search.objectives.enumerated() {
            try metrics.check(objective.metric, place: "search.objectives[\(index)].metric")
        }
        for (index, constraint) in search.constraints.enumerated() {
            try metrics.check(constraint.metric, place: "search.constraints[\(index)].metric")
        }
        let constraints = search.constraints
        guard !constraints.isEmpty else { return }
        let low = space.cost(of: space.smallest), high = space.cost(of: space.largest)
        for constraint in constraints {
            let metric = constraint.metric
            let range =
                if let least = low[metric], let most = high[metric] {
                    Double(least)...Double(most)
                } else {
                    metric.range
                }
            let bound: String? =
                if let most = constraint.atMost, most < range.lowerBound {
                    "at most \(Self.text(most))"
                } else if let least = constraint.atLeast, least > range.upperBound {
                    "at least \(Self.text(least))"
                } else {
                    nil
                }
            if let bound {
                throw .unsatisfiable(
                    metric: constraint.metric.name, bound: bound,
                    range: "from \(Self.text(range.lowerBound)) to \(Self.text(range.upperBound))")
            }
        }
        if FeasibleCount(space, keeping: constraints) == .counted(0) {
            throw .contradicting(constraints: Self.text(constraints))
        }
    }

    private static func text(_ constraints: [Constraint]) -> String {
        constraints.map { constraint in
            "\(constraint.metric.name) "
                + [constraint.atLeast.map { "at least \(text($0))" }, constraint.atMost.map { "at most \(text($0))" }]
                .compactMap(\.self).joined(separator: " and ")
        }.joined(separator: ", ")
    }

    private static func text(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
    }
}
