internal import Datasets
internal import Runs
internal import SearchSpaces
internal import Store

/// Looks architectures up in a table of results.
///
/// An architecture without an entry, with nothing in a cell that the search goes by, or with nothing in any, has failed; what
/// else lacks stays empty. Decisions that do not count in it stand at their first option, as in its canonical form.
struct TableEvaluator: CandidateEvaluator {
    private let data: ResultTable
    private let stages: [MeasurementStage: [ResultTable.Column]]
    /// What objectives and constraints are about.
    private let needed: Set<Metric>
    private let control: RunControl

    init(_ data: ResultTable, keeping metrics: RunMetrics, of specification: RunSpecification, control: RunControl) {
        self.data = data
        self.control = control
        needed = Set(specification.objectives.map(\.metric) + specification.constraints.map(\.metric))
        stages = data.stages.mapValues { columns in
            // A cost that the space knows exactly is not asked for once more.
            columns.filter { !metrics.costs.contains($0.metric) }
        }
    }

    func metrics(at stage: MeasurementStage) -> [Metric] { (stages[stage] ?? []).map(\.metric) }

    var latencyKind: String? { MeasurementKind.tabulated }

    func measure(_ genomes: [Genome], at stage: MeasurementStage) -> [CandidateOutcome]? {
        control.isAsked ? nil : genomes.map { outcome(of: $0, at: stage) }
    }

    private func outcome(of genome: Genome, at stage: MeasurementStage) -> CandidateOutcome {
        guard let entry = data.entry(of: genome) else { return .failed(reason: "missing entry") }
        var values: [Metric: Double] = [:], missing: String?
        for column in stages[stage] ?? [] {
            let number = data.numbers[column.place][entry], value = column.expression.value(of: number)
            let isNeeded = stage == .search && needed.contains(column.metric)
            if number.isNaN {
                if isNeeded { return .failed(reason: "missing \(column.expression.column)") }
                missing = missing ?? column.expression.column
            } else if value.isFinite || isNeeded {
                // What divides by nothing is no value, and told as such where the search needs one.
                values[column.metric] = value
            }
        }
        // A candidate of which nothing is known has been measured all the same.
        if values.isEmpty { return .failed(reason: missing.map { "missing \($0)" } ?? "nonfinite") }
        return .measured(values, samples: 0)
    }
}

extension ResultTableSettings: UsableEvaluator {
    /// What writing a candidate and its values to the store takes.
    var secondsPerCandidate: Double? { 0.001 }

    func memoryBytes(in folder: DataFolder) throws -> Int {
        try source.memoryBytes(texts: keyColumns, numbers: numberColumns, in: folder)
    }

    func read(for space: SearchSpace, in folder: DataFolder) throws -> (any EvaluatorData)? {
        try ResultTable(self, of: space, in: folder)
    }

    func evaluator(_ means: EvaluatorMeans) throws(CoordinatorError) -> any CandidateEvaluator {
        guard let data = means.inputs.evaluatorData as? ResultTable else { throw .noEvaluator(kind: kind) }
        return TableEvaluator(
            data, keeping: means.metrics, of: means.inputs.specification, control: means.control)
    }
}
