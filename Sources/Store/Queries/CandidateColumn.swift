import SearchSpaces

/// A column that candidates can be filtered and sorted by; the names are those of the CSV.
public enum CandidateColumn: String, Sendable, Hashable, CaseIterable {
    case candidate, key, genome, origin, round, weightsStep, state, feasible, violation, accuracy, loss, samples, params
    case multiplyAdds, latencyMilliseconds, latencyKind, onFront, validationAccuracy, testAccuracy

    /// What a cell holds.
    enum Value: Hashable {
        case number(Double)
        case text(String)

        /// Numbers before texts, each in its own order.
        static func precedes(_ left: Value, _ right: Value) -> Bool {
            switch (left, right) {
            case (.number(let a), .number(let b)): a < b
            case (.text(let a), .text(let b)): a < b
            case (.number, .text): true
            case (.text, .number): false
            }
        }
    }

    /// Whether cells are numbers; flags are the texts `true` and `false`.
    var isNumeric: Bool {
        switch self {
        case .key, .genome, .origin, .state, .feasible, .latencyKind, .onFront: false
        default: true
        }
    }

    /// The words that cells hold, a state perhaps with more behind a colon; nil for numbers and free text.
    var words: [String]? {
        switch self {
        case .feasible, .onFront: ["true", "false"]
        case .state: ["pending", "completed", "failed"]
        default: nil
        }
    }

    /// The cell of a candidate; nil for an empty one.
    func value(of result: CandidateResult, constraints: [Constraint], onFront: () throws -> Bool) rethrows -> Value? {
        let candidate = result.candidate
        func measured(_ kind: MeasurementKind) -> Value? { result.measurement(kind)?.value.map(Value.number) }
        return switch self {
        case .candidate: .number(Double(candidate.number))
        case .key: .text(candidate.key)
        case .genome: .text(candidate.genomeText)
        case .origin: .text(candidate.origin)
        case .round: .number(Double(candidate.round))
        case .weightsStep: .number(Double(candidate.weightsStep))
        case .state: .text(result.stateText)
        case .feasible: result.violation(of: constraints).map { .text($0 == 0 ? "true" : "false") }
        case .violation: result.violation(of: constraints).map { .number($0) }
        case .accuracy: measured(.accuracy)
        case .loss: measured(.loss)
        case .samples:
            (result.measurement(.accuracy) ?? result.measurement(.loss)).map { .number(Double($0.samples)) }
        case .params: .number(Double(candidate.cost.params))
        case .multiplyAdds: .number(Double(candidate.cost.multiplyAdds))
        case .latencyMilliseconds:
            result.measurements.first { $0.kind.latencyKind != nil }?.value.map { .number($0) }
        case .latencyKind: result.measurements.lazy.compactMap(\.kind.latencyKind).first.map { .text($0) }
        case .onFront: .text(try onFront() ? "true" : "false")
        case .validationAccuracy: measured(.validationAccuracy)
        case .testAccuracy: measured(.testAccuracy)
        }
    }
}
