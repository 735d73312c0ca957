internal import Documents
public import SearchSpaces

/// Architectures are measured by processes of the user's own, which speak `nasd-worker/1`.
///
/// What they measure is declared here, so that a run is checked before any of them starts; each says at its start what it can.
public struct CommandEvaluatorSettings: EvaluatorSettings {
    /// A metric that is asked for.
    public struct Value: Sendable, Hashable {
        /// Its name.
        public let name: String
        /// The unit; nil where it is not said here.
        public let unit: String?
        /// The direction in which it is better; nil where it is not said here.
        public let goal: Metric.Goal?
    }

    /// The program, and what of it the run takes.
    public let use: CommandUse
    /// What the search asks for.
    public let values: [Value]
    /// What is asked of finalists on all validation data, by name.
    public let validation: [String]
    /// What is asked of finalists on test data, by name.
    public let test: [String]
    /// Examples that a search is to measure on, which is told to the worker; 0 where that is its own affair.
    public let samples: Int

    private static let mostMetrics = 256

    init(_ reader: SectionReader) {
        reader.describe([
            "metrics": "what is asked for, by name: maximize, minimize, or {goal, unit}",
            "metrics.*": "a metric: the direction in which it is better, or {goal, unit}",
            "metrics.*.goal": "the direction in which it is better",
            "metrics.*.unit": "its unit",
            "validation": "metrics that finalists are asked for on all validation data",
            "validation[]": "one of metrics",
            "test": "metrics that finalists are asked for on test data",
            "test[]": "one of metrics",
            "samples": "examples that a search is to measure on, told to the worker; 0 leaves it to the worker",
        ])
        use = CommandUse(reader)
        let section = reader.section("metrics", isRequired: true)
        let values = Self.values(section)
        if reader.has("metrics"), section.keys.isEmpty, !reader.isList("metrics") {
            reader.report("expected at least one metric, found none", key: "metrics")
        }
        self.values = values
        validation = Self.names("validation", of: reader, among: section.keys)
        test = Self.names("test", of: reader, among: section.keys)
        samples = reader.integer("samples", default: 0, in: 0...1_000_000_000)
    }

    /// `accuracy: maximize`, or `energy: {unit: millijoules, goal: minimize}`.
    private static func values(_ section: SectionReader) -> [Value] {
        section.keys(atMost: mostMetrics, of: "metrics").compactMap { name in
            let expected = "maximize, minimize, or {goal, unit}"
            guard let node = section.node(name, isRequired: true, expected: expected) else { return nil }
            let isName = section.declaresMetric(name)
            var value = Value(name: name, unit: nil, goal: nil)
            if case .mapping = node.content {
                let own = section.section(name)
                value = Value(
                    name: name, unit: own.optional("unit") { own.text("unit") },
                    goal: own.optional("goal") { own.word("goal", standIn: Metric.Goal.minimize) })
                own.finish()
            } else {
                value = Value(
                    name: name, unit: nil, goal: section.word("\(name)", standIn: Metric.Goal.minimize))
            }
            return isName ? value : nil
        }
    }

    private static func names(_ key: String, of reader: SectionReader, among metrics: [String]) -> [String] {
        var names: [String] = []
        for (index, item) in reader.list(key, isRequired: false, expected: "a list of metrics").enumerated() {
            let path = "\(reader.path(key))[\(index)]"
            guard let name = reader.word(item, path: path, among: metrics) else { continue }
            if names.contains(name) {
                reader.collector.report(
                    "expected each metric once, found '\(name)' again", at: item.position, path: path)
            } else {
                names.append(name)
            }
        }
        return names
    }

    // MARK: What it means for a run

    /// `command`.
    public var kind: String { "command" }
    /// The program.
    public var command: CommandUse? { use }

    /// Those that are asked for, with units, goals and ranges of metrics of the same name where it says none.
    public func metrics(at stage: MeasurementStage, among known: [Metric]) -> [Metric]? {
        let asked: [Value] =
            switch stage {
            case .search: values
            case .validation: values.filter { validation.contains($0.name) }
            case .test: values.filter { test.contains($0.name) }
            case .tuned, .retrained: []
            }
        return asked.map { value in
            let like = known.first { $0.name == value.name }, most = Double.greatestFiniteMagnitude
            return Metric(
                name: value.name, unit: value.unit ?? like?.unit ?? "",
                kind: like?.kind == .latency ? .latency : .quality, goal: value.goal ?? like?.goal ?? .minimize,
                range: like?.range ?? -most...most)
        }
    }

    /// Those of which neither the declaration nor anything usual says the goal.
    public var goalless: [String] {
        values.filter { value in value.goal == nil && !RunMetrics.usual.contains { $0.name == value.name } }.map(\.name)
    }

    /// Program, metrics and stages.
    public var resolvedKeys: [(key: String, value: String)] {
        var keys = use.resolvedKeys
        for value in values {
            if let unit = value.unit { keys.append(("metrics.\(value.name).unit", ResolvedEntries.quoted(unit))) }
            // A metric of which nothing is said is a mapping all the same.
            if let goal = value.goal {
                keys.append(("metrics.\(value.name).goal", goal.rawValue))
            } else if value.unit == nil {
                keys.append(("metrics.\(value.name)", "{}"))
            }
        }
        for (stage, names) in [("validation", validation), ("test", test)] where !names.isEmpty {
            keys.append((stage, "[\(names.joined(separator: ", "))]"))
        }
        if samples > 0 { keys.append(("samples", "\(samples)")) }
        return keys
    }
}
