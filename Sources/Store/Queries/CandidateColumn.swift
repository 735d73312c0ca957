public import Runs
import SearchSpaces

/// A column of a table of candidates: of the CSV, and what candidates are filtered and sorted by.
public struct CandidateColumn: Sendable, Hashable {
    /// The name in every table.
    public let name: String
    private let source: Source

    /// What the cells are.
    private enum Source: Hashable {
        case candidate, key, genome, origin, round, weightsStep, state, feasible, violation, samples, latencyKind,
            onFront
        case value(Metric, MeasurementStage)
        /// A column that every CSV has, and of which no candidate of the run has a value.
        case nothing
    }

    /// The column of the candidates' numbers.
    public static let candidate = CandidateColumn(name: "candidate", source: .candidate)

    /// The columns of a run's candidates in the order of the CSV.
    ///
    /// The first are the same for every run, so that whoever reads them by place finds them; one that a run has no metric for
    /// stays empty. Further values of the run's metrics follow in the order of their names. Rows have no say, so that the
    /// header is there before the first, and the same after a kill.
    public static func all(_ metrics: RunMetrics) -> [CandidateColumn] {
        let values = Dictionary(metrics.values.map { ($0.name, $0) }) { first, _ in first }
        func column(_ value: RunMetrics.Value) -> CandidateColumn {
            CandidateColumn(name: value.name, source: .value(value.metric, value.stage))
        }
        let fixed = fixed.map { name, source in
            source.map { CandidateColumn(name: name, source: $0) } ?? values[name].map(column)
                ?? CandidateColumn(name: name, source: .nothing)
        }
        let names = Set(fixed.map(\.name))
        return fixed + values.values.filter { !names.contains($0.name) }.sorted { $0.name < $1.name }.map(column)
    }

    /// The columns that every CSV has; nil for what is a metric's.
    private static let fixed: [(String, Source?)] = [
        ("candidate", .candidate), ("key", .key), ("genome", .genome), ("origin", .origin), ("round", .round),
        ("weightsStep", .weightsStep), ("state", .state), ("feasible", .feasible), ("violation", .violation),
        ("accuracy", nil), ("loss", nil), ("samples", .samples), ("params", nil), ("multiplyAdds", nil),
        ("latencyMilliseconds", nil), ("latencyKind", .latencyKind), ("onFront", .onFront),
        ("validationAccuracy", nil), ("testAccuracy", nil),
    ]

    /// What a cell holds, for comparing.
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
        switch source {
        case .key, .genome, .origin, .state, .feasible, .latencyKind, .onFront: false
        default: true
        }
    }

    /// The words that cells hold, a state perhaps with more behind a colon; nil for numbers and free text.
    var words: [String]? {
        switch source {
        case .feasible, .onFront: ["true", "false"]
        case .state: ["pending", "completed", "stopped", "failed"]
        default: nil
        }
    }

    /// The cell of a candidate.
    func field(
        of result: CandidateResult, constraints: [Constraint], onFront: () throws -> Bool
    ) rethrows -> CSVField {
        let candidate = result.candidate
        switch source {
        case .candidate: return .integer(candidate.number)
        case .key: return .symbol(candidate.key)
        case .genome: return .symbol(candidate.genomeText)
        case .origin: return .symbol(candidate.origin)
        case .round: return .integer(candidate.round)
        case .weightsStep: return .integer(candidate.weightsStep)
        case .state: return .text(result.stateText)
        case .feasible: return result.violation(of: constraints).map { .boolean($0 == 0) } ?? .empty
        case .violation: return result.violation(of: constraints).map { .number($0) } ?? .empty
        case .samples: return result.samples.map { .integer($0) } ?? .empty
        case .latencyKind: return result.latencyKind.map { .text($0) } ?? .empty
        case .onFront: return .boolean(try onFront())
        case .value(let metric, let stage):
            if stage == .search, let cost = candidate.cost[metric] { return .integer(cost) }
            return result.measurement(of: metric, at: stage)?.value.map { .number($0) } ?? .empty
        case .nothing: return .empty
        }
    }

    /// The cell of a candidate, for comparing; nil for an empty one.
    func value(of result: CandidateResult, constraints: [Constraint], onFront: () throws -> Bool) rethrows -> Value? {
        switch try field(of: result, constraints: constraints, onFront: onFront) {
        case .empty: nil
        case .integer(let number): .number(Double(number))
        case .number(let number): .number(number)
        case .boolean(let isTrue): .text(isTrue ? "true" : "false")
        case .symbol(let text), .text(let text): .text(text)
        }
    }
}

extension [CandidateColumn] {
    /// The column of a name.
    ///
    /// - Throws: ``StoreError/invalid(what:place:remedy:)``, which lists those that there are.
    func named(_ name: some StringProtocol, place: String, expected: String) throws(StoreError) -> CandidateColumn {
        if let column = first(where: { $0.name == name }) { return column }
        throw .invalid(
            what: "expected \(expected), found '\(name.prefix(80))'", place: place,
            remedy: "the columns of the run are \(map(\.name).joined(separator: ", "))")
    }
}
