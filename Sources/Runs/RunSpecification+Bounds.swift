public import SearchSpaces

extension RunSpecification {
    /// The run with what its file leaves to the space: goals of objectives that neither they nor the evaluator say, as the
    /// space's `metrics` have them, what norms over examples need, and the steps that a budget of multiply-adds comes to.
    public func settled(in space: SearchSpace) -> RunSpecification {
        var settled = settledNorms(in: space).withSettledBudget(in: space)
        settled.search = settled.search?.settled(by: space.metrics)
        return settled
    }

    /// Checks that the task is one for the space, that a budget of multiply-adds comes to a training, that whatever the search
    /// goes by is a metric of either, and that its bounds leave an architecture.
    ///
    /// A bound has to leave some of what architectures of the space cost (`SearchSpace.costRange(by:)`); what all bounds together
    /// leave is counted.
    /// - Throws: `RunError.unfitTask`, `unknownMetric`, `openGoal`, `unfitSetting` for an evaluator that has nothing to measure,
    ///   `unsatisfiable` for a bound that nothing keeps, `contradicting` where nothing keeps all.
    public func checkBounds(in space: SearchSpace) throws(RunError) {
        if let task, !task.fits(space.signature) {
            throw .unfitTask(
                task: task.name, expected: TaskKind.all.filter { $0.fits(space.signature) }.map(\.name),
                signature: "\(space.signature)")
        }
        try checkNorms(in: space)
        try checkBudget(in: space)
        let metrics = RunMetrics(self, space: space)
        if metrics.measured.isEmpty, let own = evaluator.settings.metrics(at: .search, among: []) {
            throw .unfitSetting(
                key: "evaluator.metrics",
                reason:
                    "the space '\(space.name)' itself knows \(own.map(\.name).joined(separator: ", ")), and so nothing is left "
                    + "to measure",
                remedy: "add a metric that is measured, such as accuracy")
        }
        for (index, objective) in objectives.enumerated() {
            try metrics.check(objective.metric, place: "search.objectives[\(index)].metric")
        }
        if let open = search?.openGoals.first {
            throw .openGoal(place: "search.objectives[\(open)].goal", metric: objectives[open].metric.name)
        }
        for (index, constraint) in constraints.enumerated() {
            try metrics.check(constraint.metric, place: "search.constraints[\(index)].metric")
        }
        for (index, seed) in (search?.seeds ?? []).enumerated() {
            do throws(SearchSpaceError) { _ = try space.genome(text: seed) } catch {
                throw .unfitSetting(
                    key: "search.seeds[\(index)]", reason: "\(error)",
                    remedy: "write it as the column genome of a results.csv has it")
            }
        }
        guard !constraints.isEmpty else { return }
        for constraint in constraints {
            let metric = constraint.metric
            let range =
                space.costRange(by: metric).map { Double($0.lowerBound)...Double($0.upperBound) } ?? metric.range
            if let bound = Self.bound(constraint, beyond: range) {
                throw .unsatisfiable(metric: metric.name, bound: bound, range: Self.text(range))
            }
        }
        if FeasibleCount(space, keeping: constraints) == .counted(0) {
            throw .contradicting(constraints: Self.text(constraints))
        }
    }

    /// Checks that the bounds of the search leave something of what was measured beforehand.
    ///
    /// - Parameter metrics: Metrics with the ends of their values.
    /// - Throws: `RunError.unreachable`.
    public func checkBounds(on metrics: [Metric]) throws(RunError) {
        for constraint in constraints {
            guard let range = metrics.first(where: { $0 == constraint.metric })?.range,
                let bound = Self.bound(constraint, beyond: range)
            else { continue }
            throw .unreachable(metric: constraint.metric.name, bound: bound, range: Self.text(range))
        }
    }

    /// The side of a constraint that nothing of a range keeps; nil where something keeps both.
    private static func bound(_ constraint: Constraint, beyond range: ClosedRange<Double>) -> String? {
        if let most = constraint.atMost, most < range.lowerBound { return "at most \(text(most))" }
        if let least = constraint.atLeast, least > range.upperBound { return "at least \(text(least))" }
        return nil
    }

    private static func text(_ range: ClosedRange<Double>) -> String {
        "from \(text(range.lowerBound)) to \(text(range.upperBound))"
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
