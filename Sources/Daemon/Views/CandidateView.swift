internal import API
internal import Runs
internal import SearchSpaces
internal import Store

extension CandidateItem {
    /// A row as a wire type.
    init(_ row: CandidateRow, _ metrics: RunMetrics, constraints: [Constraint]) {
        let result = row.result, candidate = result.candidate
        let violation = result.violation(of: constraints)
        // Measured ones of these names, of networks that live elsewhere, may be no counts.
        func count(_ metric: Metric) -> Int? {
            candidate.cost[metric]
                ?? result.value(of: metric).flatMap { Int(exactly: $0) }.flatMap { $0 < 0 ? nil : $0 }
        }
        let params = count(.params), multiplyAdds = count(.multiplyAdds)
        let told = Set(Self.namesOfFields).subtracting(
            [(params, Metric.params), (multiplyAdds, .multiplyAdds)].compactMap { $0 == nil ? $1.name : nil })
        var further: [String: Double] = [:]
        for value in metrics.values where !told.contains(value.name) {
            further[value.name] = result.value(of: value.metric, at: value.stage)
        }
        self.init(
            candidate: candidate.number, key: candidate.key, genome: candidate.genomeText, origin: candidate.origin,
            round: candidate.round, weightsStep: candidate.weightsStep, state: result.stateText,
            feasible: violation.map { $0 == 0 }, violation: violation, accuracy: result.value(of: .accuracy),
            loss: result.value(of: .loss), samples: result.samples, params: params,
            multiplyAdds: multiplyAdds, latencyMilliseconds: result.value(of: .latencyMilliseconds),
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

extension CandidateList {
    /// The list as JSON.
    var jsonBytes: [UInt8] {
        var writer = JSONWriter(capacity: 400 * candidates.count + 200)
        writer.object {
            $0.field("apiVersion", apiVersion)
            $0.array("candidates", candidates) { $1.write(to: &$0) }
            $0.field("kind", kind)
            $0.field("next", next)
            $0.field("run", run)
        }
        return writer.bytes
    }
}

extension CandidateItem {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.field("accuracy", accuracy)
        writer.field("candidate", candidate)
        writer.field("feasible", feasible)
        writer.field("genome", genome)
        writer.field("key", key)
        writer.field("latencyKind", latencyKind)
        writer.field("latencyMilliseconds", latencyMilliseconds)
        writer.field("loss", loss)
        writer.field("measured", measured)
        writer.field("metrics", metrics)
        writer.field("multiplyAdds", multiplyAdds)
        writer.field("onFront", onFront)
        writer.field("origin", origin)
        writer.field("params", params)
        writer.field("round", round)
        writer.field("samples", samples)
        writer.field("state", state)
        writer.field("testAccuracy", testAccuracy)
        writer.field("validationAccuracy", validationAccuracy)
        writer.field("violation", violation)
        writer.field("weightsStep", weightsStep)
    }
}
