internal import Datasets
internal import Documents
public import Runs
internal import SearchSpaces
public import Supernets
public import Tensors
public import Training

/// Measures a network file on the test data that it names, as its run did.
public enum ModelEvaluation {
    /// What a network file says that its network has learned; nil where neither it nor its space does.
    ///
    /// - Throws: `TrainingError.unknownTask`.
    public static func task(of model: ExtractedModel, file: String) throws(TrainingError) -> TaskKind? {
        guard let name = model.description.task else { return .usual(for: model.space.signature) }
        guard let kind = TaskKind.all.first(where: { $0.name == name }) else {
            throw .unknownTask(file: file, kind: name)
        }
        return kind
    }

    /// Loads the test data of the network's run and tells what the network answers to the first of them, as its outputs are.
    ///
    /// Examples go in chunks of ``Evaluator/chunk`` on the caller's thread; other parameters and errors are those of ``test``.
    /// - Parameter most: Examples at most.
    /// - Returns: A row of outputs for each, and the time that computing them took.
    public static func outputs(
        _ model: ExtractedModel, file: String, directory: String?, most: Int, kernels: Kernels
    ) throws -> (rows: [[Float]], seconds: Double) {
        let (_, examples, _) = try data(of: model, file: file, directory: directory, workers: 1) { _ in }
        let batch = TrainingBatch(count: Evaluator.chunk, shape: examples.shape, backend: kernels)
        let tape = Tape(
            backend: kernels,
            arena: Arena(floats: model.network.arenaFloats(batch: Evaluator.chunk, for: .evaluation)))
        let store = ParameterStore(values: model.weights, gradients: model.weights)
        var rows: [[Float]] = [], time = Duration.zero
        let count = Int32(min(most, examples.count))
        for start in stride(from: 0, to: count, by: Evaluator.chunk) {
            let indices = Array(start..<min(count, start + Int32(Evaluator.chunk)))
            try batch.fill { try examples.fill($0, with: indices[...]) }
            var outputs: [Float] = []
            time += ContinuousClock().measure {
                model.network.evaluate(
                    batch.inputs(0..<indices.count), as: [model.genome], with: store, on: tape
                ) { outputs = kernels.download($1) }
            }
            let width = outputs.count / indices.count
            rows += indices.indices.map { Array(outputs[$0 * width..<($0 + 1) * width]) }
        }
        return (rows, time / .seconds(1))
    }

    private static func data(
        of model: ExtractedModel, file: String, directory: String?, workers: Int, _ warn: (String) -> Void
    ) throws -> (kind: TaskKind?, examples: any Examples, goal: DataGoal) {
        let kind = try task(of: model, file: file)
        let settings = try DataSettings.parse(yaml: model.description.data, file: file, origin: .store)
        let folder = DataFolder(directory ?? settings.directory ?? ".")
        let encoding = try model.description.table.map { try TableEncoding($0) }
        let data = try MemoryEstimate.check(
            model, settings, encoding: encoding, folder: folder, workers: workers
        ).load(Normalization(model.description.normalization))
        let (examples, goal) = (data.examples, data.goal)
        for warning in data.warnings { warn("\(warning)") }
        try model.space.signature.check(examples, goal)
        if case .numbers(let found) = goal, let targets = model.description.targets,
            try found.rounded != Normalization(targets)
        {
            throw TrainingError.dataMismatch(
                what: "scale of the targets", expected: "that of the data the network was trained on",
                found: "another; use the same files, and the same hold-out")
        }
        return (kind, examples, goal)
    }

    /// Loads the data of the network's run and measures the network on all test examples.
    ///
    /// - Parameters:
    ///   - directory: The folder of the data where the file names none, or nil for the current one.
    ///   - warn: Is told what about the test examples is probably not meant.
    /// - Throws: `TrainingError.unknownTask`, before anything is read; `DocumentError` and `DatasetError` when the data cannot
    ///   be had.
    public static func test(
        _ model: ExtractedModel, file: String, directory: String?, pool: WorkerPool, kernels: Kernels,
        warn: (String) -> Void = { _ in }
    ) throws -> Evaluation {
        let (kind, examples, goal) = try data(of: model, file: file, directory: directory, workers: pool.count, warn)
        let indices = (0..<Int32(examples.count)).map { $0 }
        let task = try LearningTasks.task(kind, over: goal)
        let evaluator = Evaluator(supernet: model.network, task: task, pool: pool, kernels: kernels)
        let evaluations = try evaluator.measure(
            [model.genome], values: model.weights, on: examples, indices: indices)
        guard let evaluation = evaluations?.first else { throw DatasetError.empty(file: "test examples") }
        return evaluation
    }
}

extension RunInputs {
    /// A subnet of the run's supernet as a network of its own.
    ///
    /// - Throws: `DatasetError` when what its norms are measured on cannot be had.
    func model(of genome: Genome, in weights: TrainedWeights, measured: [String: Double]) throws -> ExtractedModel {
        var targets: ModelDescription.Scaling?
        if case .numbers(let scaling)? = dataset?.goal { targets = .init(scaling) }
        return ExtractedModel(
            genome, of: weights.supernet, values: try weights.finishedWeights(of: genome),
            normalization: dataset.map { .init($0.normalization) } ?? .init(mean: [], deviation: []),
            targets: targets, table: (dataset as? TableDataset).map { TableDescription($0.encoding) },
            classes: dataset?.classNames,
            // Named only where the space does not say it: files of the usual task stay as they were.
            task: weights.task.kind == .usual(for: space.signature) ? nil : weights.task.kind.name, measured: measured,
            data: specification.data?.yaml(seed: specification.seed, isEncoded: true) ?? "", kernels: weights.kernels)
    }
}

// MARK: Files and data

extension ModelDescription.Scaling {
    fileprivate init(_ normalization: Normalization) {
        let rounded = normalization.rounded
        self.init(mean: rounded.mean.map(Float.init), deviation: rounded.deviation.map(Float.init))
    }
}

extension Normalization {
    init(_ scaling: ModelDescription.Scaling) throws {
        try self.init(mean: scaling.mean.map(Double.init), deviation: scaling.deviation.map(Double.init))
    }
}

extension TableDescription {
    fileprivate init(_ encoding: TableEncoding) {
        func column(
            _ name: String, _ scaling: TableEncoding.Scaling?, categories: [String]? = nil, missing: Bool? = nil
        ) -> Column {
            Column(
                name: name, mean: scaling?.mean, deviation: scaling?.deviation,
                valueBits: scaling.map { $0.usesDoubles ? 64 : 32 }, categories: categories, missing: missing)
        }
        let inputs = encoding.columns.map {
            column($0.name, $0.scaling, categories: $0.categories, missing: $0.hasMissing)
        }
        switch encoding.targets {
        case .classes(let target, let names): self.init(inputs: inputs, target: target, classes: names)
        case .numbers(let names, let scalings):
            self.init(inputs: inputs, targets: zip(names, scalings).map { column($0, $1) })
        }
    }
}

extension TableEncoding {
    /// How a network file says that rows become inputs.
    ///
    /// - Throws: `DatasetError.invalidSetting` for what contradicts itself.
    fileprivate init(_ table: TableDescription) throws {
        func scaling(_ column: TableDescription.Column) -> Scaling? {
            guard let mean = column.mean, let deviation = column.deviation, let bits = column.valueBits,
                [32, 64].contains(bits)
            else { return nil }
            return Scaling(mean: mean, deviation: deviation, usesDoubles: bits == 64)
        }
        let targets: Targets =
            if let target = table.target, let classes = table.classes {
                .classes(column: target, names: classes)
            } else {
                .numbers(
                    names: (table.targets ?? []).map(\.name), scalings: (table.targets ?? []).compactMap(scaling))
            }
        try self.init(
            columns: table.inputs.map {
                Column(
                    name: $0.name, scaling: scaling($0), hasMissing: $0.missing == true, categories: $0.categories)
            }, targets: targets)
    }
}
