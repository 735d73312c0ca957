internal import Datasets
internal import Runs
internal import SearchSpaces
internal import Store

/// Looks architectures up in a table of results.
///
/// An architecture without an entry, or with nothing in a cell that a stage reads, has failed. Decisions that do not count
/// in it stand at their first option, as in its canonical form.
struct TableEvaluator: CandidateEvaluator {
    private let data: ResultTable
    private let stages: [MeasurementStage: [ResultTable.Column]]

    private let control: RunControl

    init(_ data: ResultTable, keeping metrics: RunMetrics, control: RunControl) {
        self.data = data
        self.control = control
        stages = data.stages.mapValues { columns in
            // A cost that the space knows exactly is not asked for once more.
            columns.filter { !metrics.costs.contains($0.metric) }
        }
    }

    func metrics(at stage: MeasurementStage) -> [Metric] { (stages[stage] ?? []).map(\.metric) }

    var latencyKind: String? { MeasurementKind.tabulated }

    func measure(_ genomes: [Genome], at stage: MeasurementStage) -> [CandidateOutcome]? {
        control.isAsked ? nil : genomes.map { outcome(of: $0, stages[stage] ?? []) }
    }

    private func outcome(of genome: Genome, _ columns: [ResultTable.Column]) -> CandidateOutcome {
        guard let entry = data.entry(of: genome) else { return .failed(reason: "missing entry") }
        var values: [Metric: Double] = [:]
        for column in columns {
            let number = data.numbers[column.place][entry]
            // Nothing stands there; what divides by nothing is another matter.
            guard !number.isNaN else { return .failed(reason: "missing \(column.expression.column)") }
            values[column.metric] = column.expression.value(of: number)
        }
        return .measured(values, samples: 0)
    }
}

extension ResultTableSettings: UsableEvaluator {
    /// What writing a candidate and its values to the store takes.
    var secondsPerCandidate: Double? { 0.001 }

    func memoryBytes(in folder: DataFolder) throws -> Int { try source.memoryBytes(in: folder) }

    func read(for space: SearchSpace, in folder: DataFolder) throws -> (any EvaluatorData)? {
        try ResultTable(self, of: space, in: folder)
    }

    func evaluator(_ means: EvaluatorMeans) throws(CoordinatorError) -> any CandidateEvaluator {
        guard let data = means.inputs.evaluatorData as? ResultTable else { throw .noEvaluator(kind: kind) }
        return TableEvaluator(data, keeping: means.metrics, control: means.control)
    }
}
