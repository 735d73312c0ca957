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

    /// Loads the data of the network's run and measures the network on all test examples.
    ///
    /// - Parameter directory: The folder of the data where the file names none, or nil for the current one.
    /// - Throws: `TrainingError.unknownTask`, before anything is read; `DocumentError` and `DatasetError` when the data cannot
    ///   be had.
    public static func test(
        _ model: ExtractedModel, file: String, directory: String?, pool: WorkerPool, kernels: Kernels
    ) throws -> Evaluation {
        let kind = try task(of: model, file: file)
        let settings = try DataSettings.parse(yaml: model.description.data, file: file, origin: .store)
        let folder = DataFolder(directory ?? settings.directory ?? ".")
        let scaling = model.description.normalization
        let (examples, goal) = try MemoryEstimate.check(model, settings, folder: folder, workers: pool.count)
            .load(Normalization(mean: scaling.mean, deviation: scaling.deviation))
        try model.space.signature.check(examples, goal)
        if case .numbers(let found) = goal, let targets = model.description.targets,
            found.mean != targets.mean || found.deviation != targets.deviation
        {
            throw TrainingError.dataMismatch(
                what: "scale of the targets", expected: "that of the data the network was trained on",
                found: "another; use the same files, and the same hold-out")
        }
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
    func model(of genome: Genome, in trainer: Trainer, measured: [String: Double]) -> ExtractedModel {
        let normalization = dataset?.normalization
        var targets: ModelDescription.Scaling?
        if case .numbers(let scaling)? = dataset?.goal {
            targets = .init(mean: scaling.mean, deviation: scaling.deviation)
        }
        return ExtractedModel(
            genome, of: trainer.supernet, values: trainer.weights(of: genome),
            normalization: .init(mean: normalization?.mean ?? [], deviation: normalization?.deviation ?? []),
            targets: targets,
            // Named only where the space does not say it: files of the usual task stay as they were.
            task: trainer.task.kind == .usual(for: space.signature) ? nil : trainer.task.kind.name, measured: measured,
            data: specification.data?.yaml(seed: specification.seed, isEncoded: true) ?? "", kernels: trainer.kernels)
    }
}
