internal import Documents
public import SearchSpaces

/// A table of results: what each architecture came to when somebody trained and measured it.
///
/// ```yaml
/// evaluator:
///   kind: table
///   file: [accuracy.csv, latency.csv]
///   join: arch
///   key: {column: cell, template: "|{op.0}~0|+|{op.1}~0|{op.2}~1|"}
///   metrics: {accuracy: val_acc / 100, latencyMilliseconds: raspi4}
///   test: {accuracy: test_acc / 100}
/// ```
public struct ResultTableSettings: EvaluatorSettings {
    /// How rows of several files belong together.
    public enum Join: Sendable, Hashable {
        /// The first row of each, the second of each, and so on.
        case row
        /// Those with the same text in a column that all files have.
        case column(String)
    }

    /// The columns that say the options of a decision, or of all decisions of a name in their order.
    public struct KeyColumns: Sendable, Hashable {
        /// The decision in full, or the name of several.
        public let decision: String
        /// A column for each of them.
        public let columns: [String]
    }

    /// Which row is an architecture's.
    public enum Key: Sendable, Hashable {
        /// The one that has its options in columns.
        case columns([KeyColumns])
        /// The one that has its name in a column; nil for the member of a JSON object that is called so.
        case template(KeyTemplate, column: String?)
    }

    /// Where the values of a metric are.
    public struct Value: Sendable, Hashable {
        /// The metric.
        public let metric: String
        /// The column, or what follows from it.
        public let expression: ColumnExpression
        /// The unit; nil where it is not said here.
        public let unit: String?
        /// The direction in which it is better; nil where it is not said here.
        public let goal: Metric.Goal?
    }

    /// The files, in the data folder.
    public let files: [String]
    /// How their rows belong together; nil for one file.
    public let join: Join?
    /// Which row is an architecture's.
    public let key: Key
    /// What the search reads.
    public let search: [Value]
    /// What finalists have on all validation data.
    public let validation: [Value]
    /// What finalists have on test data.
    public let test: [Value]

    /// Texts that stand where nothing was measured: those of other tables, and what programs write beside.
    public static let missing = CSVSettings.usualMissing + CSVSettings.usualMissingNumbers

    /// What a stage reads.
    public func values(at stage: MeasurementStage) -> [Value] {
        switch stage {
        case .search: search
        case .validation: validation
        case .test: test
        case .tuned, .retrained: []
        }
    }

    /// Whether the files are JSON objects, by their names; otherwise they are CSV.
    public var isJSON: Bool { Self.isJSON(files) }

    private static func isJSON(_ files: [String]) -> Bool {
        !files.isEmpty
            && files.allSatisfy { $0.lowercased().hasSuffix(".json") || $0.lowercased().hasSuffix(".json.gz") }
    }

    private static let mostFiles = 64
    private static let mostMetrics = 256
    private static let mostColumns = 4096

    init(_ reader: SectionReader) {
        reader.describe([
            "file": "a CSV file with a header, several of them, or one JSON object, plain or .gz",
            "join": "of several files: the name of a column that all have, or row",
            "key": "which row is an architecture's: columns, or column and template",
            "key.columns":
                "{decision: column}, or {name: [columns]} for all of a name in order; or a list beside decisions",
            "key.columns.*": "a column, or a list of them",
            "key.decisions": "beside a list of columns: the decision of each",
            "key.column": "the column that holds the architectures' names",
            "key.template": "how these names are made: a text with decisions in braces",
            "metrics": "the values of the search: a column, an expression of one, or {column, unit, goal}, by metric",
            "validation": "what finalists have on all validation data, by metric",
            "test": "what finalists have on test data, by metric",
            "metrics.*": "a column, or an expression of one such as mean_acc / 100",
            "validation.*": "a column, or an expression of one such as mean_acc / 100",
            "test.*": "a column, or an expression of one such as mean_acc / 100",
            "metrics.*.column": "a column, or an expression of one such as mean_acc / 100",
            "validation.*.column": "a column, or an expression of one such as mean_acc / 100",
            "test.*.column": "a column, or an expression of one such as mean_acc / 100",
            "metrics.*.unit": "its unit",
            "metrics.*.goal": "the direction in which it is better",
        ])
        let files = Self.files(reader)
        let isJSON = Self.isJSON(files)
        if isJSON, files.count > 1 {
            reader.report("expected one JSON file, found \(files.count)", key: "file", hint: "merge them, or take CSV")
        }
        join = Self.join(reader, files: files.count)
        key = Self.key(reader.section("key", isRequired: true), isJSON: isJSON)
        let faultsBefore = reader.collector.count
        let section = reader.section("metrics", isRequired: true)
        search = Self.values(section, among: nil)
        if reader.has("metrics"), section.keys.isEmpty, reader.collector.count == faultsBefore {
            reader.report("expected at least one metric, found none", key: "metrics")
        }
        let names = section.keys
        validation = Self.values(reader.section("validation"), among: names)
        test = Self.values(reader.section("test"), among: names)
        self.files = files
    }

    private static func files(_ reader: SectionReader) -> [String] {
        let expected = "the name of a file, or a list of them"
        reader.collector.note(reader.path("file"), .list(atLeastOne: true, atMost: mostFiles))
        reader.collector.note(reader.path("file"), .text)
        reader.collector.note(reader.path("file[]"), .text)
        guard let node = reader.node("file", isRequired: true, expected: expected) else { return [] }
        guard case .sequence(let items) = node.content else {
            return reader.text(node, path: reader.path("file"), expected: expected).map { [$0] } ?? []
        }
        guard (1...mostFiles).contains(items.count) else {
            reader.report("expected 1 to \(mostFiles) files, found \(items.count)", key: "file")
            return []
        }
        return items.enumerated().compactMap { index, item in
            reader.text(item, path: "\(reader.path("file"))[\(index)]", expected: "the name of a file")
        }
    }

    private static func join(_ reader: SectionReader, files: Int) -> Join? {
        let expected = "row, or the name of a column that all files have"
        reader.collector.note(reader.path("join"), .text)
        guard let node = reader.node("join", isRequired: false, expected: expected) else {
            if files > 1 {
                reader.collector.report(
                    "expected \(expected), found nothing", at: reader.position(of: "file"), path: reader.path("join"),
                    hint: "it says which rows of the \(files) files belong together")
            }
            return nil
        }
        guard let text = reader.text(node, path: reader.path("join"), expected: expected) else { return nil }
        if files == 1 { reader.report("expected several files to join, found one", key: "join") }
        return text == "row" ? .row : .column(text)
    }

    private static func key(_ section: SectionReader, isJSON: Bool) -> Key {
        let standIn = Key.columns([])
        for key in ["columns", "decisions"] {
            section.collector.note(section.path(key), .list(atLeastOne: false, atMost: mostColumns))
            noteName(section.path("\(key)[]"), section)
        }
        if section.has("columns") {
            for other in ["column", "template"] where section.has(other) {
                section.report("expected either columns, or column and template, found both", key: other)
                _ = section.node(other, isRequired: false, expected: "text")
            }
            if isJSON {
                section.report("expected a template, since a JSON object has no columns to ask", key: "columns")
            }
            defer { section.finish() }
            return .columns(section.has("decisions") ? paired(section) : mapped(section.section("columns")))
        }
        // Known even where it is absent.
        for key in ["columns", "decisions"] { _ = section.node(key, isRequired: false, expected: "a mapping") }
        let expected = "how architectures are called, with decisions in braces, such as '{op.0}{op.1}'"
        let text = section.text("template", expected: expected)
        let template = KeyTemplate(text)
        if template == nil, section.has("template"), !text.isEmpty {
            section.report("expected \(expected), found '\(text.prefix(80))'", key: "template")
        }
        var column: String?
        if isJSON {
            if section.has("column") {
                section.report("expected no column, since the members of a JSON object have their names", key: "column")
                _ = section.node("column", isRequired: false, expected: "text")
            }
        } else {
            column = section.text("column", expected: "the column that has the architectures' names")
        }
        section.finish()
        return template.map { .template($0, column: column) } ?? standIn
    }

    /// `{decision: column}`.
    private static func mapped(_ section: SectionReader) -> [KeyColumns] {
        section.names.map { keyColumns($0, of: section) }
    }

    /// `decisions` and `columns` side by side, as they are stored: names of decisions may be what no key is.
    private static func paired(_ section: SectionReader) -> [KeyColumns] {
        let faultsBefore = section.collector.count
        let (decisions, columns) = (names("decisions", of: section), names("columns", of: section))
        if decisions.count != columns.count, section.collector.count == faultsBefore {
            section.report(
                "expected a column for each of the \(decisions.count) decisions, found \(columns.count)", key: "columns"
            )
        }
        return zip(decisions, columns).reduce(into: []) { items, pair in
            if let last = items.last, last.decision == pair.0 {
                items[items.count - 1] = KeyColumns(decision: pair.0, columns: last.columns + [pair.1])
            } else {
                items.append(KeyColumns(decision: pair.0, columns: [pair.1]))
            }
        }
    }

    private static func names(_ key: String, of section: SectionReader) -> [String] {
        section.list(key, isRequired: true, expected: "a list of names", most: mostColumns).enumerated().compactMap {
            index, item in
            name(item, section, path: "\(section.path(key))[\(index)]", expected: "a name")
        }
    }

    /// Notes that something is a name.
    private static func noteName(_ path: String, _ section: SectionReader) {
        section.collector.note(path, .text)
        let all = Double.greatestFiniteMagnitude
        section.collector.note(path, .number(-all...all, excludingLowest: false))
    }

    /// A name, which may be a number.
    private static func name(_ node: YAMLNode, _ section: SectionReader, path: String, expected: String) -> String? {
        noteName(path, section)
        if let text = SectionReader.scalarText(node), SectionReader.number(node) != nil { return text }
        return section.text(node, path: path, expected: expected)
    }

    private static func keyColumns(_ decision: String, of section: SectionReader) -> KeyColumns {
        let expected = "a column, or a list of them"
        guard let node = section.node(decision, isRequired: true, expected: expected) else {
            return KeyColumns(decision: decision, columns: [])
        }
        let path = section.path(decision)
        section.collector.note(path, .list(atLeastOne: true, atMost: mostColumns))
        guard case .sequence(let items) = node.content else {
            let column = name(node, section, path: path, expected: expected)
            return KeyColumns(decision: decision, columns: column.map { [$0] } ?? [])
        }
        if items.isEmpty { section.report("expected \(expected), found an empty list", key: decision) }
        return KeyColumns(
            decision: decision,
            columns: items.enumerated().compactMap {
                name($0.element, section, path: "\(path)[\($0.offset)]", expected: expected)
            })
    }

    /// - Parameter names: The metrics that there are; nil where they are declared.
    private static func values(_ section: SectionReader, among names: [String]?) -> [Value] {
        guard section.keys.count <= mostMetrics else {
            section.collector.report(
                "expected at most \(mostMetrics) metrics, found \(section.keys.count)", at: section.position,
                path: section.path)
            return []
        }
        return section.names.compactMap { metric in
            let isKnown = check(metric, section, among: names)
            return value(metric, section, isDeclared: names == nil).flatMap { isKnown ? $0 : nil }
        }
    }

    private static func check(_ metric: String, _ section: SectionReader, among names: [String]?) -> Bool {
        if let names {
            guard !names.contains(metric) else { return true }
            section.report(
                "expected one of the metrics \(names.joined(separator: ", ")), found '\(metric.prefix(80))'",
                key: metric,
                hint: Spelling.nearest(to: metric, among: names).map { "did you mean '\($0)'?" })
            return false
        }
        return section.declaresMetric(metric)
    }

    private static func value(_ metric: String, _ section: SectionReader, isDeclared: Bool) -> Value? {
        let expected = "a column, or an expression of one, such as mean_acc / 100"
        guard let node = section.node(metric, isRequired: true, expected: expected) else { return nil }
        var unit: String?, goal: Metric.Goal?, text: String?, position = node.position, path = section.path(metric)
        if case .mapping = node.content {
            let own = section.section(metric)
            own.collector.note(own.path("column"), .text)
            text = own.node("column", isRequired: true, expected: expected).flatMap { inner in
                position = inner.position
                path = own.path("column")
                return own.expressionText(inner, path: path, expected: expected)
            }
            if isDeclared {
                unit = own.optional("unit") { own.text("unit") }
                goal = own.optional("goal") { own.word("goal", standIn: Metric.Goal.minimize) }
            }
            own.finish()
        } else {
            text = section.expressionText(node, path: path, expected: expected)
        }
        guard let text else { return nil }
        do throws(ColumnExpression.Fault) {
            return Value(metric: metric, expression: try ColumnExpression(text), unit: unit, goal: goal)
        } catch {
            section.collector.report(
                error.message, at: position, path: path,
                hint: "names of columns with blanks, *, /, or parentheses stand in double quotes")
            return nil
        }
    }

    // MARK: What it means for a run

    /// `table`.
    public var kind: String { "table" }
    /// The table's.
    public var needsFiles: Bool { true }

    /// Those of the columns, with units and goals of metrics of the same name where it says none.
    public func metrics(at stage: MeasurementStage, among known: [Metric]) -> [Metric]? {
        // A stage may know less of a metric than its declaration says.
        values(at: stage).map { value in
            let declared = search.first { $0.metric == value.metric } ?? value
            let like = known.first { $0.name == value.metric }
            // The table has the ends, whatever is usual.
            let most = Double.greatestFiniteMagnitude
            return Metric(
                name: value.metric, unit: declared.unit ?? like?.unit ?? "",
                kind: like?.kind == .latency ? .latency : .quality, goal: declared.goal ?? like?.goal ?? .minimize,
                range: -most...most)
        }
    }

    /// Those of which neither the declaration nor anything usual says the goal.
    public var goalless: [String] {
        search.filter { value in value.goal == nil && !RunMetrics.usual.contains { $0.name == value.metric } }
            .map(\.metric)
    }

    /// Files, key and columns.
    public var resolvedKeys: [(key: String, value: String)] {
        var keys = [("file", ResolvedEntries.list(files))]
        switch join {
        case .row: keys.append(("join", "row"))
        case .column(let name): keys.append(("join", ResolvedEntries.quoted(name)))
        case nil: break
        }
        switch key {
        case .columns(let columns):
            let decisions = columns.flatMap { item in item.columns.map { _ in item.decision } }
            keys.append(("key.decisions", ResolvedEntries.list(decisions)))
            keys.append(("key.columns", ResolvedEntries.list(columns.flatMap(\.columns))))
        case .template(let template, let column):
            if let column { keys.append(("key.column", ResolvedEntries.quoted(column))) }
            keys.append(("key.template", ResolvedEntries.quoted(template.text)))
        }
        for (part, values) in [("metrics", search), ("validation", validation), ("test", test)] {
            for value in values {
                keys.append(("\(part).\(value.metric).column", ResolvedEntries.quoted(value.expression.text)))
                if let unit = value.unit { keys.append(("\(part).\(value.metric).unit", ResolvedEntries.quoted(unit))) }
                if let goal = value.goal { keys.append(("\(part).\(value.metric).goal", goal.rawValue)) }
            }
        }
        return keys
    }
}

extension SectionReader {
    /// The text of a scalar that names a column or is an expression; nil, and reported, for anything else.
    fileprivate func expressionText(_ node: YAMLNode, path: String, expected: String) -> String? {
        if let text = SectionReader.scalarText(node), SectionReader.number(node) != nil { return text }
        return text(node, path: path, expected: expected)
    }
}
