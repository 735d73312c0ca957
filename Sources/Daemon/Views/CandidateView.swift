internal import API
internal import Runs
internal import SearchSpaces
internal import Store

extension CandidateItem {
    /// A row as a wire type.
    init(_ row: CandidateRow, _ metrics: RunMetrics, constraints: [Constraint]) {
        let result = row.result, candidate = result.candidate
        let violation = result.violation(of: constraints)
        var further: [String: Double] = [:]
        for value in metrics.values where !Self.namesOfFields.contains(value.name) {
            further[value.name] = result.value(of: value.metric, at: value.stage)
        }
        // Measured ones of these names, of networks that live elsewhere, may be no whole numbers.
        func count(_ metric: Metric) -> Int? {
            candidate.cost[metric] ?? result.value(of: metric).flatMap { Int(exactly: $0) }
        }
        self.init(
            candidate: candidate.number, key: candidate.key, genome: candidate.genomeText, origin: candidate.origin,
            round: candidate.round, weightsStep: candidate.weightsStep, state: result.stateText,
            feasible: violation.map { $0 == 0 }, violation: violation, accuracy: result.value(of: .accuracy),
            loss: result.value(of: .loss), samples: result.samples, params: count(.params),
            multiplyAdds: count(.multiplyAdds), latencyMilliseconds: result.value(of: .latencyMilliseconds),
            latencyKind: result.latencyKind, onFront: row.onFront,
            validationAccuracy: result.value(of: .accuracy, at: .validation),
            testAccuracy: result.value(of: .accuracy, at: .test), measured: result.measured?.date,
            metrics: further.isEmpty ? nil : further)
    }
}

extension RunDocument.Metric {
    /// The metrics of a run as wire types.
    static func all(_ metrics: RunMetrics) -> [RunDocument.Metric] {
        metrics.all.map { metric in
            func end(_ value: Double) -> Double? { abs(value) < .greatestFiniteMagnitude ? value : nil }
            return .init(
                name: metric.name, unit: metric.unit, kind: metric.kind.rawValue, goal: metric.goal.rawValue,
                least: end(metric.range.lowerBound), most: end(metric.range.upperBound),
                values: metrics.values.filter { $0.metric == metric }.map(\.name))
        }
    }
}
