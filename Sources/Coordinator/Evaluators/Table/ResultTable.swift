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
    let warnings: [String]
    private let entries: Int
    private let find: @Sendable (Genome) -> Int?

    /// Reads the files and holds them against a space.
    ///
    /// - Throws: `DatasetError` with file and line, or `RunError.unknownDecision` for a key that the space does not have.
    init(_ settings: ResultTableSettings, of space: SearchSpace, in folder: DataFolder) throws {
        let key = try ResultKey(settings, of: space), source = settings.source, columns = settings.numberColumns
        let table = try source.read(texts: settings.keyColumns, numbers: columns, in: folder)
        let found = try key.places(table)
        find = found.entry
        numbers = table.numbers
        // A row that is passed over has no say in what there is.
        let rows = found.rows
        entries = rows.count
        warnings = [Self.sparseness(entries: entries, of: space), found.warning].compactMap(\.self)
        var stages: [MeasurementStage: [Column]] = [:]
        for stage in MeasurementStage.ofEvaluators {
            let metrics = settings.metrics(at: stage, among: RunMetrics.usual + space.metrics) ?? []
            stages[stage] = try zip(settings.values(at: stage), metrics).map { value, metric in
                let expression = value.expression
                guard let place = columns.firstIndex(where: { $0.name == expression.column }),
                    let metric = metric.ranging(
                        over: rows.lazy.map { expression.value(of: table.numbers[place][$0]) })
                else {
                    throw DatasetError.records(
                        file: columns.firstIndex { $0.name == expression.column }.map { table.numberFiles[$0] }
                            ?? table.file, line: nil,
                        .noNumbers(column: expression.column, key: ResultTableSettings.key(of: value, at: stage)))
                }
                return Column(metric: metric, expression: expression, place: place)
            }
        }
        self.stages = stages
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

    /// What a search of a table may expect that has fewer than half of the architectures; nil for any other.
    private static func sparseness(entries: Int, of space: SearchSpace) -> String? {
        let share = space.canonicalGenomeCount / Double(entries)
        guard share > 2 else { return nil }
        let number = share < 1e15 ? String(Int(share.rounded())) : text(share)
        return
            "the table has \(entries) entries, and the space \(space.canonicalGenomeCountText) architectures: about one in "
            + "\(number) of those that a search asks for has an entry, and the others fail; choose a table or a space in "
            + "which each has one"
    }
}

extension Metric {
    /// The metric with the ends of some values as its range; nil where none is finite.
    fileprivate func ranging(over values: some Sequence<Double>) -> Metric? {
        let finite = values.filter(\.isFinite)
        guard let least = finite.min(), let most = finite.max() else { return nil }
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
        return RecordSource(csv: files, join: join, missing: Self.missing)
    }

    /// The columns of texts that say which architecture an entry is.
    var keyColumns: [RecordSource.Column] {
        switch key {
        case .template(_, let column): column.map { [.init($0, key: "evaluator.key.column")] } ?? []
        case .columns(let items):
            items.flatMap { item in item.columns.map { .init($0, key: Self.key(of: item)) } }
        }
    }

    /// The columns of numbers, each once, with the key that names it first.
    var numberColumns: [RecordSource.Column] {
        MeasurementStage.ofEvaluators.reduce(into: []) { columns, stage in
            for value in values(at: stage) where !columns.contains(where: { $0.name == value.expression.column }) {
                columns.append(.init(value.expression.column, key: Self.key(of: value, at: stage)))
            }
        }
    }

    /// The key of a run file that names a value.
    static func key(of value: Value, at stage: MeasurementStage) -> String {
        "evaluator.\(stage == .search ? "metrics" : stage.rawValue).\(value.metric)"
    }

    /// The key of a run file that names columns of options.
    static func key(of item: KeyColumns) -> String { "evaluator.key.columns.\(item.decision)" }
}

/// How an architecture's entry is found: by its name, or by its options in columns.
private struct ResultKey {
    private let space: SearchSpace
    private let template: KeyTemplate?
    /// The column of each decision's options, where there is no template.
    private let columns: [Int]
    /// What the columns are called.
    private let names: [String]

    init(_ settings: ResultTableSettings, of space: SearchSpace) throws(RunError) {
        self.space = space
        names = settings.keyColumns.map(\.name)
        var columns: [Int: Int] = [:]
        let place: String
        switch settings.key {
        case .template(let template, _):
            place = "evaluator.key.template"
            for name in template.decisions {
                for member in try Self.places(of: name, place, space) { columns[member] = 0 }
            }
            self.template = template
        case .columns(let items):
            place = "evaluator.key.columns"
            var count = 0
            for item in items {
                let key = ResultTableSettings.key(of: item), members = try Self.places(of: item.decision, key, space)
                guard members.count == item.columns.count else {
                    throw .otherColumns(place: key, expected: members.count, found: item.columns.count)
                }
                for member in members {
                    columns[member] = count
                    count += 1
                }
            }
            template = nil
        }
        // Architectures that differ in a decision that is not asked for would have one entry.
        if let left = space.decisions.indices.first(where: { columns[$0] == nil }) {
            throw .missingDecision(place: place, decision: space.decisions[left].fullName)
        }
        self.columns = space.decisions.indices.compactMap { columns[$0] }
    }

    private static func places(of name: String, _ place: String, _ space: SearchSpace) throws(RunError) -> [Int] {
        let members = space.places(of: name)
        guard members.isEmpty else { return members }
        let names = space.decisionNames.map(\.name)
        throw .unknownDecision(place: place, decision: name, known: names + space.decisions.map(\.fullName))
    }

    /// Where the entries of genomes are, the rows that are entries at all, and what is not known of them.
    ///
    /// - Throws: `DatasetError` for two of one name, for a name of two architectures, for a text that is no option, and for a
    ///   table of other architectures.
    func places(
        _ table: RecordTable
    ) throws(DatasetError) -> (entry: @Sendable (Genome) -> Int?, rows: [Int], warning: String?) {
        let space = space
        guard let template else {
            let places = try optionPlaces(table)
            return ({ places[space.canonical($0)] }, places.values.sorted(), nil)
        }
        let texts = table.texts.first ?? [], places = try table.places(of: texts), name = template.names(in: space)
        let reading = template.read(texts, in: space)
        let rows = texts.indices.filter { reading.isName[$0] && !texts[$0].isEmpty }
        guard !rows.isEmpty else {
            throw .records(
                file: table.file, line: nil,
                .noneFound(asked: name(space.smallest), names: Array(texts.prefix(3))))
        }
        if let shared = reading.shared {
            throw .records(
                file: table.file, line: table.lines[shared.place],
                .ambiguous(texts[shared.place], architectures: told(shared.architectures)))
        }
        let warning =
            reading.isComplete
            ? nil
            : "the names of the table can be cut into options in so many ways that it is not known whether two architectures "
                + "share one; put a sign between decisions of evaluator.key.template, and into the names"
        return ({ places[name(space.canonical($0))] }, rows, warning)
    }

    /// Architectures in words; long ones by the first decisions in which they differ.
    private func told(_ architectures: [Genome]) -> [String] {
        let whole = architectures.map(space.text)
        guard whole.contains(where: { $0.utf8.count > 120 }) else { return whole }
        let others = space.decisions.indices.filter { place in
            Set(architectures.map { $0.choices[place] }).count > 1
        }
        return architectures.map { genome in
            others.prefix(4).map { place in
                "\(space.decisions[place].fullName)=\(space.decisions[place].text(of: Int(genome.choices[place])))"
            }.joined(separator: ";")
        }
    }

    private func optionPlaces(_ table: RecordTable) throws(DatasetError) -> [Genome: Int] {
        var places: [Genome: Int] = [:], repeated = RepeatedRecords()
        places.reserveCapacity(table.count)
        for row in 0..<table.count {
            // A row that names no option is no architecture's, as one without a name is none's.
            guard table.texts.contains(where: { !$0[row].isEmpty }) else { continue }
            let genome: Genome
            do throws(OptionFault) {
                genome = try space.genome { table.texts[columns[$0]][row] }
            } catch {
                throw .records(file: table.file, line: table.lines[row], fault(error))
            }
            if let first = places[genome] {
                repeated.add(line: table.lines[row], firstLine: table.lines[first]) { space.text(of: genome) }
            } else {
                places[genome] = row
            }
        }
        if let fault = repeated.fault { throw .records(file: table.file, line: repeated.line, fault) }
        if places.isEmpty { throw .records(file: table.file, line: nil, .none) }
        return places
    }

    private func fault(_ fault: OptionFault) -> RecordFault {
        let decision = space.decisions[fault.decision], column = names[columns[fault.decision]]
        return fault.text.isEmpty
            ? .noOption(column: column, decision: decision.fullName, options: decision.optionTexts)
            : .notAnOption(column: column, value: fault.text, options: decision.optionTexts)
    }
}
