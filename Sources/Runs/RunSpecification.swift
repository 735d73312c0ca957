public import Documents
public import SearchSpaces

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
    public internal(set) var name: String
    /// The seed of all randomness; default 0.
    public let seed: Int
    /// The name of a space, or the path of its file.
    public let space: String
    /// The data that networks learn and are measured on; nil for a run that trains none.
    public let data: DataSettings?
    /// The folder that names of files are relative to, or nil for the default of the caller.
    public let dataDirectory: String?
    /// What is learned, or nil for what the space is for.
    public let task: TaskKind?
    /// Whose supernet is searched; nil for a run that trains its own, or none.
    public internal(set) var supernet: SupernetSource?
    /// Training; nil for a run that searches another's supernet, or whose evaluator needs none.
    public internal(set) var train: TrainSettings?
    /// Training by a worker; nil for a run that trains nothing, or here.
    public internal(set) var workerTraining: WorkerTraining?
    /// Who measures candidates; default the supernet.
    public let evaluator: EvaluatorChoice
    /// Programs of the user's own that a run in the foreground starts; none of a run that was handed in.
    public let commands: [WorkerCommand]
    /// Where latencies come from that the evaluator does not have; nil for nowhere.
    public private(set) var latency: LatencySource?
    /// Search; nil for a run that trains alone.
    public internal(set) var search: SearchSettings?
    /// Candidates measured on all validation and test data at the end; default 10, and 0 without a search.
    public let finalists: Int
    /// Training examples that the norms of finalists are measured on; nil where nothing says how many, and nothing has such norms.
    var finalistCalibration: Int?
    /// How finalists are trained on, each as a network of its own; empty for not at all.
    public internal(set) var finalistTrainings: [FinalistTraining]
    /// The webhook, or nil for none.
    public let webhook: WebhookSettings?
    /// Worker threads; default auto.
    public let workers: Workers

    /// What the search makes better; nothing without one.
    public var objectives: [Objective] { search?.objectives ?? [] }
    /// What feasible candidates keep to.
    public var constraints: [Constraint] { search?.constraints ?? [] }
    /// What is learned in a space; nil where its networks live elsewhere.
    public func task(in space: SearchSpace) -> TaskKind? { task ?? .usual(for: space.signature) }
    /// Training steps; 0 for a run that trains nothing, and as long as its budget is open.
    public var steps: Int { train?.steps ?? workerTraining?.steps ?? 0 }
    /// The same run, which trains and searches nothing.
    public var withoutSearch: RunSpecification {
        var run = self
        run.search = nil
        run.latency = nil
        return run
    }
    /// Whether it reads files of a data folder.
    public var needsFiles: Bool {
        evaluator.settings.needsFiles || data?.source.needsFiles ?? false || latency?.files.isEmpty == false
    }

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
            try Self.parse(yaml: text, file: file, collector: FaultCollector(.store)).resolvedYAML
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

    package init(_ root: SectionReader) {
        root.describe([
            "apiVersion": "the version of the format",
            "kind": "what the document is",
            "name": "what the run is called; also its folder below nasd-runs/",
            "seed": "of all randomness",
            "space": "name or path of a space",
            "task": "what is learned; by default what the space is for",
            "task.kind": "classes to tell apart, or numbers to tell",
            "evaluator": "who measures candidates; without it the supernet that the run trains or names",
            "commands": "programs of your own that nasd run starts for an evaluator of kind command, by name",
            "supernet": "in place of train: the supernet of another run",
            "data": "where the examples come from and how they are split",
            "train": "how the supernet is trained; without it nothing is trained",
            "search": "how architectures are searched; without it a run trains alone",
            "latency": "where latencyMilliseconds comes from that the evaluator does not have",
            "validate": "what is done with the best candidates at the end",
            "validate.finalists": "candidates measured on all validation data and then once on test data; 0 for none",
            "validate.calibration":
                "training examples that norms of finalists are measured on, in spaces with norms over examples",
            "validate.tune": "finalists trained on from the weights of the supernet",
            "validate.retrain": "finalists trained alone from drawn weights",
            "webhook": "a receiver of this run's events",
            "workers": "threads, or auto for one for each core; the result does not depend on it",
        ])
        let _: APIVersion = root.word("apiVersion", standIn: .v1)
        _ = root.word("kind", of: [DocumentKind.run])
        name = root.name()
        seed = root.integer("seed", default: 0, in: 0...Int.max)
        space = root.text("space", expected: "the name or path of a space")
        task = Self.task(root)
        // What else a run file has to say depends on who measures.
        let evaluator = EvaluatorChoice(root)
        let needsNetworks = evaluator?.settings.needsTraining
        self.evaluator = evaluator ?? .usual
        commands = root.optional("commands") { WorkerCommand.all(root.section("commands"), isListening: false) } ?? []
        if let evaluator { Self.checkCommands(root, commands, evaluator.settings.command) }
        supernet = Self.supernet(root, needsNetworks: needsNetworks)
        let trains = supernet == nil ? needsNetworks : false
        let faultsBefore = root.collector.count
        data = Self.data(root, needsNetworks: needsNetworks, task)
        let isDataSound = root.collector.count == faultsBefore
        dataDirectory = needsNetworks == false ? Self.directory(root) : data?.directory
        workerTraining = Self.workerTraining(root, evaluator, isSearched: supernet != nil)
        train = workerTraining == nil ? Self.train(root, trains: trains, isSearched: supernet != nil) : nil
        if let data, let sampler = train?.sampler.settings, isDataSound, let remedy = sampler.withoutHeldOut,
            data.holdOut.sampler == 0
        {
            root.collector.report(
                "expected at least 1 for the sampler \(sampler.kind), which measures on it, found 0",
                at: root.section("data").position(of: "holdOut"), path: "data.holdOut.sampler",
                hint: "such as \(sampler.heldOutSamples), or \(remedy)")
        }
        if needsNetworks == false, task != nil {
            root.report(
                "expected no task, since nothing is learned", key: "task",
                hint: "the evaluator \(self.evaluator.kind) says what is measured")
        }
        // Broken data has a stand-in for its size, which nothing can be held against.
        let validation = isDataSound ? data?.holdOut.validation : nil
        search = Self.search(
            root, self.evaluator, needsNetworks: needsNetworks, trains: workerTraining != nil ? true : trains, task,
            validation: validation ?? Int.max)
        latency = Self.latency(root, evaluator: self.evaluator, search: search)
        (finalists, finalistCalibration, finalistTrainings) = Self.finalists(
            root, isSearched: search != nil, recipe: train, hasNetworks: needsNetworks != false)
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

    private static func supernet(_ root: SectionReader, needsNetworks: Bool?) -> SupernetSource? {
        root.optional("supernet") {
            if needsNetworks == false {
                root.report(
                    "expected no supernet, since the evaluator measures no networks", key: "supernet",
                    hint: "take out supernet, or the evaluator")
            }
            return SupernetSource(root.section("supernet"))
        }
    }

    /// The data that networks learn and are measured on; nil for a run without any.
    ///
    /// - Parameter needsNetworks: Nil where the evaluator is unknown, and so whether they are needed.
    private static func data(_ root: SectionReader, needsNetworks: Bool?, _ task: TaskKind?) -> DataSettings? {
        if needsNetworks == true { return DataSettings(root.section("data", isRequired: true), task: task) }
        guard needsNetworks == nil, root.has("data") else { return nil }
        return DataSettings(root.section("data"), task: task)
    }

    /// Where the files of an evaluator lie, which is all that `data` says of a run that trains nothing.
    private static func directory(_ root: SectionReader) -> String? {
        let section = root.section("data")
        defer { section.finish() }
        return section.optional("directory") { section.text("directory") }
    }

    private static func search(
        _ root: SectionReader, _ evaluator: EvaluatorChoice, needsNetworks: Bool?, trains: Bool?, _ task: TaskKind?,
        validation: Int
    ) -> SearchSettings? {
        guard root.has("search") || trains == false else {
            _ = root.node("search", isRequired: false, expected: "a mapping")
            // A file with neither is no run that anybody means.
            if trains == true, !root.has("train") {
                root.report("expected a mapping, found nothing", key: "search", hint: "or train alone, without it")
            }
            return nil
        }
        return SearchSettings(
            root.section("search", isRequired: true),
            metrics: metrics(evaluator.settings, task) + (root.has("latency") ? [.latencyMilliseconds] : []),
            goalless: evaluator.settings.goalless, validation: needsNetworks == false ? nil : validation,
            trains: trains != false)
    }

    private static func finalists(
        _ root: SectionReader, isSearched: Bool, recipe: TrainSettings?, hasNetworks: Bool
    ) -> (count: Int, calibration: Int?, trainings: [FinalistTraining]) {
        let validate = root.section("validate")
        defer { validate.finish() }
        let finalists = validate.integer("finalists", default: 10, in: 0...100_000)
        let calibration = validate.calibration()
        let trainings = [
            FinalistTraining.section(validate, "tune", .tuned, recipe: recipe),
            FinalistTraining.section(validate, "retrain", .retrained, recipe: recipe),
        ].compactMap(\.self)
        if isSearched {
            for key in ["tune", "retrain"] where validate.has(key) {
                if !hasNetworks {
                    validate.report(
                        "expected no training of finalists, since the evaluator measures no networks", key: key,
                        hint: "take it out")
                } else if finalists == 0 {
                    validate.report(
                        "expected finalists to train, found none", key: key, hint: "add finalists, or take it out")
                }
            }
            return (finalists, calibration, trainings)
        }
        if root.has("validate") {
            root.report(
                "expected no finalists, since nothing is searched", key: "validate", hint: "add search, or take it out")
        }
        return (0, nil, [])
    }

    /// What candidates of any space may be measured by.
    private static func metrics(_ evaluator: any EvaluatorSettings, _ task: TaskKind?) -> [Metric] {
        let qualities =
            evaluator.metrics(at: .search, among: RunMetrics.usual) ?? task.map(\.metrics)
            ?? TaskKind.all.flatMap(\.metrics)
        return (qualities + ArchitectureFamilies.costs).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private static func workers(_ root: SectionReader) -> Workers {
        let expected = "auto or a whole number from 1 to 1024"
        root.collector.note("workers", .words(["auto"]))
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
