public import Documents
internal import SearchSpaces

/// Everything a run is asked to do, with every default filled.
public struct RunSpecification: Sendable, Hashable {
    /// How many worker threads a run may use; the result does not depend on it.
    public enum Workers: Sendable, Hashable {
        /// One for each core.
        case auto
        /// So many.
        case count(Int)
    }

    /// The name of the run.
    public let name: String
    /// The seed of all randomness; default 0.
    public let seed: Int
    /// The name of a space, or the path of its file.
    public let space: String
    /// The data.
    public let data: DataSettings
    /// What is learned, or nil for what the space is for.
    public let task: TaskKind?
    /// Training.
    public let train: TrainSettings
    /// Search.
    public let search: SearchSettings
    /// Candidates measured on all validation and test data at the end; default 10.
    public let finalists: Int
    /// The webhook, or nil for none.
    public let webhook: WebhookSettings?
    /// Worker threads; default auto.
    public let workers: Workers

    /// Reads the text of a run file.
    ///
    /// - Parameters:
    ///   - yaml: The text.
    ///   - file: The name that faults are reported under.
    ///   - overrides: Key paths such as `train.steps` with values in YAML, which replace or create keys in turn.
    ///   - origin: Where the text comes from; default a user.
    /// - Throws: `DocumentError.invalidFile` with every fault of the text and the overrides.
    public static func parse(
        yaml: String, file: String, overrides: [(key: String, value: String)] = [], origin: DocumentOrigin = .user
    ) throws(DocumentError) -> RunSpecification {
        let specification = try parse(
            yaml: yaml, file: file, overrides: overrides, collector: FaultCollector(origin))
        if origin == .user { try specification.checkStoredForm(file: file) }
        return specification
    }

    func checkStoredForm(file: String) throws(DocumentError) {
        try StoredForm.check(resolvedYAML, file: file) { text throws(DocumentError) in
            try Self.parse(yaml: text, file: file, collector: FaultCollector()).resolvedYAML
        }
    }

    /// What every key accepts that reading a text asks for.
    package static func keyRules(yaml: String) -> [KeyRule] {
        KeyRule.recorded { _ = try parse(yaml: yaml, file: "rules", collector: $0) }
    }

    static func parse(
        yaml: String, file: String, overrides: [(key: String, value: String)] = [], collector: FaultCollector
    ) throws(DocumentError) -> RunSpecification {
        guard var node = YAMLNode.parse(yaml, into: collector) else {
            try collector.finish(file: file)
            throw .unreadableFile(file: file, reason: "malformed YAML")
        }
        for (key, value) in overrides { node.override(key, with: value, collector: collector) }
        let root = SectionReader(node, path: "", at: .start, collector: collector)
        let specification = RunSpecification(root)
        try collector.finish(file: file)
        return specification
    }

    init(_ root: SectionReader) {
        let _: APIVersion = root.word("apiVersion", standIn: .v1)
        _ = root.word("kind", of: [DocumentKind.run])
        name = root.name()
        seed = root.integer("seed", default: 0, in: 0...Int.max)
        space = root.text("space", expected: "the name or path of a space")
        task = Self.task(root)
        let faultsBefore = root.collector.count
        data = DataSettings(root.section("data", isRequired: true), task: task)
        let isDataSound = root.collector.count == faultsBefore
        train = TrainSettings(root.section("train", isRequired: true))
        let sampler = train.sampler.settings
        if isDataSound, let remedy = sampler.withoutHeldOut, data.holdOut.sampler == 0 {
            root.collector.report(
                "expected at least 1 for the sampler \(sampler.kind), which measures on it, found 0",
                at: root.section("data").position(of: "holdOut"), path: "data.holdOut.sampler",
                hint: "such as \(sampler.heldOutSamples), or \(remedy)")
        }
        // Broken data has a stand-in for its size, which nothing can be held against.
        search = SearchSettings(
            root.section("search", isRequired: true), metrics: Self.metrics(task),
            validation: isDataSound ? data.holdOut.validation : Int.max)
        let validate = root.section("validate")
        finalists = validate.integer("finalists", default: 10, in: 1...100_000)
        validate.finish()
        if root.has("webhook") {
            webhook = WebhookSettings(root.section("webhook"))
        } else {
            // Named even where it is absent, for the list of known keys.
            _ = root.node("webhook", isRequired: false, expected: "a mapping")
            webhook = nil
        }
        workers = Self.workers(root)
        root.finish()
    }

    private static func task(_ root: SectionReader) -> TaskKind? {
        root.optional("task") {
            let section = root.section("task")
            let word = section.word("kind", among: TaskKind.all.map(\.name))
            section.finish()
            return TaskKind.all.first { $0.name == word }
        } ?? nil
    }

    /// What candidates of any space may be measured by.
    private static func metrics(_ task: TaskKind?) -> [Metric] {
        let qualities = task.map(\.metrics) ?? TaskKind.all.flatMap(\.metrics)
        return (qualities + ArchitectureFamilies.costs).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private static func workers(_ root: SectionReader) -> Workers {
        let expected = "auto or a whole number from 1 to 1024"
        root.collector.note("workers", .integer(1...1024))
        guard let node = root.node("workers", isRequired: false, expected: expected) else { return .auto }
        if case .scalar(let text, _) = node.content {
            if text == "auto" { return .auto }
            if let count = Int(text), (1...1024).contains(count) { return .count(count) }
        }
        root.report("expected \(expected), found \(node.kindText)", key: "workers")
        return .auto
    }
}
