internal import API
internal import SearchSpaces
internal import Store

extension CandidateItem {
    /// A row as a wire type.
    init(_ row: CandidateRow, constraints: [Constraint]) {
        let result = row.result, candidate = result.candidate
        let violation = result.violation(of: constraints)
        let latency = result.measurements.first { $0.kind.latencyKind != nil }
        func value(_ kind: MeasurementKind) -> Double? { result.measurement(kind)?.value }
        self.init(
            candidate: candidate.number, key: candidate.key, genome: candidate.genomeText, origin: candidate.origin,
            round: candidate.round, weightsStep: candidate.weightsStep, state: result.stateText,
            feasible: violation.map { $0 == 0 }, violation: violation, accuracy: value(.accuracy), loss: value(.loss),
            samples: (result.measurement(.accuracy) ?? result.measurement(.loss))?.samples,
            params: candidate.cost.params, multiplyAdds: candidate.cost.multiplyAdds,
            latencyMilliseconds: latency?.value, latencyKind: latency?.kind.latencyKind, onFront: row.onFront,
            validationAccuracy: value(.validationAccuracy), testAccuracy: value(.testAccuracy),
            measured: result.measured?.date)
    }
}
