internal import Datasets
internal import Foundation
internal import Runs
internal import SearchSpaces
internal import Tensors

/// A table of results in memory, and where in it an architecture is.
struct ResultTable: EvaluatorData {
    /// Where the values of a metric are.
    struct Column: Sendable {
        let metric: Metric
        let expression: ColumnExpression
        /// The place among the columns of numbers.
        let place: Int
    }

    /// What each stage reads.
    let stages: [MeasurementStage: [Column]]
    /// The columns, a number for each entry; not a number where nothing stands.
    let numbers: [[Double]]
    let digest: String
    private let entries: Int
    private let find: @Sendable (Genome) -> Int?

    /// Reads the files and holds them against a space.
    ///
    /// - Throws: `DatasetError` with file and line, or `RunError.unknownDecision` for a key that the space does not have.
    init(_ settings: ResultTableSettings, of space: SearchSpace, in folder: DataFolder) throws {
        let key = try KeyColumns(settings.key, of: space)
        var columns: [RecordSource.Column] = [], stages: [MeasurementStage: [Column]] = [:]
        let source = settings.source
        for stage in MeasurementStage.allCases {
            let metrics = settings.metrics(at: stage, among: space.metrics + RunMetrics.usual) ?? []
            stages[stage] = zip(settings.values(at: stage), metrics).map { value, metric in
                let name = value.expression.column
                let place = columns.firstIndex { $0.name == name } ?? columns.count
                if place == columns.count {
                    let part = stage == .search ? "metrics" : stage.rawValue
                    columns.append(.init(name, key: "evaluator.\(part).\(metric.name)"))
                }
                return Column(metric: metric, expression: value.expression, place: place)
            }
        }
        let table = try source.read(texts: key.columns, numbers: columns, in: folder)
        find = try key.places(table)
        numbers = table.numbers
        entries = table.count
        self.stages = stages.mapValues { columns in
            columns.map { column in
                Column(
                    metric: column.metric.ranging(over: table.numbers[column.place].map(column.expression.value)),
                    expression: column.expression, place: column.place)
            }
        }
        var hash = StableHash()
        try source.forEachPiece(in: folder) { hash.combine(words: $0) }
        digest = hash.hexadecimal
    }

    /// The place of an architecture's entry; nil where it has none.
    func entry(of genome: Genome) -> Int? { find(genome) }

    var metrics: [Metric] { stages[.search]?.map(\.metric) ?? [] }

    var remark: String {
        let ranges = metrics.map { metric in
            "\(metric.name) \(Self.text(metric.range.lowerBound)) to \(Self.text(metric.range.upperBound))"
        }
        return "table: \(entries) entries, \(ranges.joined(separator: ", "))"
    }

    private static func text(_ value: Double) -> String { String(format: "%.6g", value) }
}

extension Metric {
    /// The metric with the ends of some values as its range; as it is where there are none.
    fileprivate func ranging(over values: [Double]) -> Metric {
        let finite = values.filter(\.isFinite)
        guard let least = finite.min(), let most = finite.max() else { return self }
        return Metric(
            name: name, unit: unit, kind: kind, goal: goal, range: least...most, accumulation: accumulation)
    }
}

extension ResultTableSettings {
    /// Where the records lie.
    var source: RecordSource {
        if isJSON, let file = files.first { return RecordSource(json: file) }
        let join: RecordSource.Join? =
            switch self.join {
            case .row: .row
            case .column(let name): .column(.init(name, key: "evaluator.join"))
            case nil: nil
            }
        return RecordSource(csv: files, join: join)
    }
}

/// How an architecture's entry is found: by its name, or by its options in columns.
private struct KeyColumns {
    /// The columns of texts that say it.
    let columns: [RecordSource.Column]
    private let space: SearchSpace
    private let template: KeyTemplate?
    /// The decision that each column is about.
    private let decisions: [Int]

    init(_ key: ResultTableSettings.Key, of space: SearchSpace) throws(RunError) {
        self.space = space
        switch key {
        case .template(let template, let column):
            for name in template.decisions where space.places(of: name).isEmpty {
                throw Self.unknown(name, "evaluator.key.template", space)
            }
            try Self.check(
                Set(template.decisions.flatMap(space.places)), "evaluator.key.template", space)
            self.template = template
            decisions = []
            columns = column.map { [.init($0, key: "evaluator.key.column")] } ?? []
        case .columns(let items):
            var decisions: [Int] = [], columns: [RecordSource.Column] = []
            for item in items {
                let place = "evaluator.key.columns.\(item.decision)", members = space.places(of: item.decision)
                guard !members.isEmpty else { throw Self.unknown(item.decision, place, space) }
                guard members.count == item.columns.count else {
                    throw .otherColumns(place: place, expected: members.count, found: item.columns.count)
                }
                decisions += members
                columns += item.columns.map { RecordSource.Column($0, key: place) }
            }
            try Self.check(Set(decisions), "evaluator.key.columns", space)
            template = nil
            self.decisions = decisions
            self.columns = columns
        }
    }

    private static func unknown(_ name: String, _ place: String, _ space: SearchSpace) -> RunError {
        let names = space.decisionNames.map(\.name)
        return .unknownDecision(place: place, decision: name, known: names + space.decisions.map(\.fullName))
    }

    /// Architectures that differ in a decision that is not asked for would have one entry.
    private static func check(_ asked: Set<Int>, _ place: String, _ space: SearchSpace) throws(RunError) {
        guard let left = space.decisions.indices.first(where: { !asked.contains($0) }) else { return }
        throw .missingDecision(place: place, decision: space.decisions[left].fullName)
    }

    /// Where the entries of genomes are.
    ///
    /// - Throws: `DatasetError` for two of one name, and for a text that is no option.
    func places(_ table: RecordTable) throws(DatasetError) -> @Sendable (Genome) -> Int? {
        guard let template else { return try optionPlaces(table) }
        let places = try table.places(of: table.texts.first ?? []), name = template.names(in: space), space = space
        try checkHits(table, places, name)
        return { places[name(space.canonical($0))] }
    }

    /// Refuses a table in which none of many architectures is found, though most should be.
    private func checkHits(
        _ table: RecordTable, _ places: [String: Int], _ name: (Genome) -> String
    ) throws(DatasetError) {
        guard space.canonicalGenomeCount <= 100 * Double(table.count) else { return }
        var generator = CounterGenerator(seed: 0, stream: .search, step: 0)
        let draws = [space.smallest] + (0..<1000).map { _ in space.randomGenome(using: &generator) }
        guard !draws.contains(where: { places[name($0)] != nil }) else { return }
        throw .records(
            file: table.file, line: nil,
            .noneFound(asked: name(space.smallest), names: Array((table.texts.first ?? []).prefix(3))))
    }

    private func optionPlaces(_ table: RecordTable) throws(DatasetError) -> @Sendable (Genome) -> Int? {
        var places: [Genome: Int] = [:]
        places.reserveCapacity(table.count)
        for row in 0..<table.count {
            var genome = space.smallest
            for (column, decision) in decisions.enumerated() {
                let text = table.texts[column][row], known = space.decisions[decision]
                // What does not count need not be told.
                guard !text.isEmpty || known.activity == .always else { continue }
                guard let option = known.option(of: text) else {
                    throw .records(
                        file: table.file, line: table.lines[row],
                        .notAnOption(
                            column: columns[column].name, value: text,
                            options: known.options.indices.map(known.text)))
                }
                genome.choices[decision] = UInt8(option)
            }
            if let first = places.updateValue(row, forKey: space.canonical(genome)) {
                throw .records(
                    file: table.file, line: table.lines[row],
                    .repeated(space.text(of: space.canonical(genome)), firstLine: table.lines[first]))
            }
        }
        let space = space
        return { [places] in places[space.canonical($0)] }
    }
}
