public import Datasets
internal import Foundation
public import Runs
public import SearchSpaces
public import Store
internal import Supernets
internal import Tensors
public import Training

/// Everything a run reads before it starts: its settings, its space and its data.
public struct RunInputs: Sendable {
    /// The settings.
    public internal(set) var specification: RunSpecification
    /// The space.
    public let space: SearchSpace
    /// The data; nil for a run that trains nothing.
    public let dataset: (any Dataset)?
    /// What the evaluator measures by beside the data; nil for nothing.
    let evaluatorData: (any EvaluatorData)?
    /// What is known of latencies before anything is measured; nil for nothing.
    let latencies: KnownLatencies?
    /// What a person may want to know of what the evaluator reads; nil for nothing.
    public var evaluatorRemark: String? { evaluatorData?.remark }
    /// What a person may want to know of where latencies come from; nil for nothing.
    public var latencyRemark: String? { latencies?.remark }
    /// What about it is probably not meant.
    public var evaluatorWarnings: [String] { evaluatorData?.warnings ?? [] }
    /// What the result depends on.
    public internal(set) var fingerprints: Fingerprints

    /// Loads the data of a run and checks that it, the space and the constraints fit.
    ///
    /// - Parameters:
    ///   - folder: The folder that file names are relative to; nil for the one that the run names, or the current one.
    ///   - cache: Where what is made of data is kept; nil for nowhere.
    ///   - workers: Worker threads that the run is to have: nothing is read where the machine lacks the memory for all of it.
    ///   - watch: Who looks on while files are read, and may end it.
    /// - Throws: `DatasetError`, `TrainingError.dataMismatch`, `CoordinatorError.littleMemory`, and what `check` throws.
    public init(
        specification: RunSpecification, space: SearchSpace, folder: DataFolder? = nil, cache: String? = nil,
        workers: Int = 1, watch: ReadingWatch = .nobody
    ) throws {
        let specification = specification.settled(in: space)
        try Self.check(specification, in: space)
        var folder = folder ?? Self.folder(of: specification)
        if let cache { folder = folder.caching(in: cache) }
        folder = folder.watched(by: watch)
        let survey = try MemoryEstimate.check(specification, space, folder: folder, workers: workers)
        let dataset = try survey?.load()
        let evaluatorData = try specification.evaluator.usable().read(for: space, in: folder)
        var digest = StableHash()
        if let dataset {
            try space.signature.check(dataset.trainingExamples, dataset.goal, note: dataset.inputNote)
            dataset.withDigestBytes { digest.combine(words: $0) }
        }
        if let evaluatorData {
            try specification.checkBounds(on: evaluatorData.metrics)
            digest.combine(evaluatorData.digest)
        }
        latencies = try Self.latencies(of: specification, in: space, folder: folder)
        if let latencies { digest.combine(latencies.digest) }
        self.specification = specification
        self.space = space
        self.dataset = dataset
        self.evaluatorData = evaluatorData
        fingerprints = Fingerprints(
            space: space.fingerprint, run: specification.fingerprint, data: digest.hexadecimal)
    }

    /// Holds headers and sizes of a run's data against its space, and what the run takes against the machine's memory, without
    /// reading the data.
    ///
    /// - Parameters:
    ///   - directory: The folder of the data; nil for the one that the run names, or the current one.
    ///   - workers: Worker threads that the run is to have.
    /// - Returns: What a person may want to know of the data and of what the evaluator reads, a line each; nil for nothing.
    /// - Throws: `DatasetError`, `RunError`, or `CoordinatorError.littleMemory`.
    public static func checkData(
        of specification: RunSpecification, in space: SearchSpace, directory: String?, workers: Int
    ) throws -> String? {
        let folder = directory.map { DataFolder($0) } ?? folder(of: specification)
        let survey = try MemoryEstimate.check(specification, space, folder: folder, workers: workers)
        let remarks = [survey?.remark, try checkEvaluator(of: specification, in: space, folder: folder)]
        let told = remarks.compactMap(\.self)
        return told.isEmpty ? nil : told.joined(separator: "\n")
    }

    /// Reads what latencies are looked up or predicted by, and holds it against the space and its bounds.
    private static func latencies(
        of specification: RunSpecification, in space: SearchSpace, folder: DataFolder
    ) throws -> KnownLatencies? {
        guard let source = specification.latency, source.kind != .measured else { return nil }
        let latencies = try KnownLatencies(source, of: space, in: folder)
        // A predictor is sure of no end.
        if source.kind == .table { try specification.checkBounds(on: [latencies.metric]) }
        return latencies
    }

    /// Reads what the evaluator of a run measures by, and where its latencies come from, and holds both against its space and its
    /// bounds.
    ///
    /// - Returns: What a person may want to know of it; nil for nothing.
    /// - Throws: `DatasetError`, or `RunError`.
    @discardableResult
    public static func checkEvaluator(
        of specification: RunSpecification, in space: SearchSpace, folder: DataFolder
    ) throws -> String? {
        let data = try specification.evaluator.usable().read(for: space, in: folder)
        if let data { try specification.checkBounds(on: data.metrics) }
        let latencies = try latencies(of: specification, in: space, folder: folder)
        let told =
            (data.map { [$0.remark] + $0.warnings.map { "warning: \($0)" } } ?? [])
            + [latencies?.remark].compactMap(\.self)
        return told.isEmpty ? nil : told.joined(separator: "\n")
    }

    /// What is learned of the data.
    ///
    /// - Throws: `TrainingError.noTask`.
    func task(over dataset: any Dataset) throws(TrainingError) -> any LearningTask {
        try LearningTasks.task(specification.task(in: space), over: dataset.goal)
    }

    /// Training of the space's supernet on the run's data.
    ///
    /// - Parameters:
    ///   - choice: Training examples that it leaves out.
    ///   - start: What it begins with; nil for drawn weights.
    /// - Throws: `CoordinatorError.noData`, `openBudget` before the steps are known, and what the data or the memory lacks.
    func trainer(
        _ train: TrainSettings, leavingOut choice: [Int32] = [], seed: UInt64, start: StartWeights? = nil,
        pool: WorkerPool, kernels: any Backend
    ) throws -> Trainer {
        guard let dataset else { throw CoordinatorError.noData }
        guard train.steps > 0 else { throw CoordinatorError.openBudget }
        return try Trainer(
            supernet: space.supernet(), task: try task(over: dataset), settings: train,
            source: try dataset.batches(of: train.batch, leavingOut: choice, seed: seed),
            heldOut: dataset.split.sampler, seed: seed, start: start, calibration: specification.calibration,
            pool: pool, kernels: kernels)
    }

    /// The folder that a run names for its data, or the current one.
    static func folder(of specification: RunSpecification) -> DataFolder {
        DataFolder(specification.dataDirectory ?? ".")
    }

    /// Checks that a run and a space go together, as far as their files say.
    ///
    /// - Throws: `RunError.unfitData` for a format whose examples the space does not read, `unfitSetting` for a training that
    ///   its task or its networks know nothing of, `unsatisfiable` and `contradicting` for constraints that no architecture
    ///   keeps, and `CoordinatorError.uncomputable` for settings that an
    ///   earlier version took.
    public static func check(_ specification: RunSpecification, in space: SearchSpace) throws {
        if specification.hasNetworks, space.signature.input == .unknown {
            throw RunError.untrainable(space: space.name)
        }
        if specification.hasNetworks, !space.missingParts.isEmpty {
            throw RunError.missingParts(space: space.name, parts: space.missingParts)
        }
        if specification.latency?.kind == .measured, !space.hasSupernet {
            throw LatencyError.noNetworks(space: space.name)
        }
        try specification.data?.check(fits: space.signature)
        try checkSettings(specification, in: space)
        try specification.checkBounds(in: space)
    }

    private static func checkSettings(
        _ specification: RunSpecification, in space: SearchSpace
    ) throws {
        for training in specification.finalistTrainings { try specification.task(in: space)?.check(training.train) }
        try specification.workerTraining?.sampler.settings.check(in: space)
        guard let train = specification.train else { return }
        try specification.task(in: space)?.check(train)
        try train.sampler.settings.check(in: space)
        if train.sampler.settings.hasMaskedPasses, space.hasSupernet, !(space.supernet() is any MaskableSupernet) {
            throw RunError.unfitSetting(
                key: "train.sampler",
                reason: "the networks of the space '\(space.name)' compute under no masks, which it learns by",
                remedy: "choose another sampler, or a generator that needs none")
        }
        let unmasked = space.unmaskedParts
        if train.sampler.settings.hasMaskedPasses, !unmasked.isEmpty {
            throw RunError.unfitSetting(
                key: "train.sampler",
                reason: "it learns by masks, and networks of the space '\(space.name)' compute none for "
                    + unmasked.joined(separator: ", "),
                remedy: "choose another sampler, or a generator that needs none")
        }
        for (key, value) in [
            ("train.dropout", train.dropout), ("mixture.dropout", space.mixture.dropout),
            ("train.distillation.temperature", train.distillation?.temperature ?? 1),
        ] where value > 0 && Float(value) == 0 {
            throw CoordinatorError.uncomputable(key: key, value: value)
        }
    }
}

/// What a run's manifest keeps of the check of its data.
public enum RunWarnings {
    /// The warnings that a run began with; none before it began, and nil where an earlier version began it and did not look.
    public static func read(_ run: RunID, in directory: DataDirectory) -> [String]? {
        guard let manifest = Manifest(folder: directory.runDirectory(run)) else { return [] }
        return manifest.warnings
    }
}
