internal import Datasets
internal import Runs
public import SearchSpaces
public import Store
public import Supernets
public import Tensors
public import Training

/// The supernet of a run as its newest checkpoint has it, beside a live run too; nothing of the run is changed.
public final class TrainedSupernet {
    let inputs: RunInputs
    /// How it is trained; nil for a run that searches another's supernet.
    let train: TrainSettings?
    let data: DataSettings
    let dataset: any Dataset
    let weights: TrainedWeights
    let measurer: SupernetEvaluator
    let directory: DataDirectory
    /// The run.
    public let run: RunID
    let pool: WorkerPool
    /// The training step of the weights.
    public let step: Int
    /// What it learned of subnets as it was trained; nil for a run that searches another's supernet.
    private let sampler: (any SubnetSampler)?

    /// Loads the newest whole checkpoint of a run in a data directory.
    ///
    /// - Parameter run: The run; nil for the directory's newest.
    /// - Throws: `StoreError.noSuchRun`, or what is wrong with the checkpoint.
    public init(
        _ inputs: RunInputs, directory path: String, run: RunID? = nil, pool: WorkerPool, kernels: Kernels,
        control: RunControl = RunControl()
    ) throws {
        guard inputs.specification.hasNetworks else { throw CoordinatorError.noNetworks }
        guard let data = inputs.specification.data, let dataset = inputs.dataset else { throw CoordinatorError.noData }
        self.data = data
        self.dataset = dataset
        self.pool = pool
        directory = try DataDirectory(reading: path)
        let reader = try RunReader(directory)
        guard let run = try run ?? reader.runs(limit: 1).first?.id else {
            throw StoreError.noSuchRun("with a checkpoint in \(path)")
        }
        self.run = run
        let stored = try reader.run(run)
        let inputs = inputs.with(try inputs.specification.continuing(stored.specification()))
        self.inputs = inputs
        train = inputs.specification.train
        if inputs.specification.supernet != nil {
            let adopted = try AdoptedCheckpoint(of: run, in: directory, inputs, pool: pool, kernels: kernels)
            (weights, step, sampler) = (adopted.weights, adopted.step, nil)
        } else {
            let trainer = try Self.trainer(of: stored, in: directory, reader, inputs, pool: pool, kernels: kernels)
            (weights, step, sampler) = (trainer.trained, trainer.step, trainer.sampler)
        }
        measurer = SupernetEvaluator(
            weights, dataset: dataset, metrics: RunMetrics(inputs.specification, space: inputs.space),
            samples: inputs.specification.search?.samples ?? 0, control: control)
    }

    /// The training of a run as its newest whole checkpoint has it.
    private static func trainer(
        of stored: StoredRun, in directory: DataDirectory, _ reader: RunReader, _ inputs: RunInputs, pool: WorkerPool,
        kernels: Kernels
    ) throws -> Trainer {
        guard let train = inputs.specification.train else { throw CoordinatorError.openBudget }
        let begun = try inputs.continuing(stored).fingerprints
        let trainer = try inputs.trainer(train, seed: 0, pool: pool, kernels: kernels)
        var failure: any Error = StoreError.noSuchRun("\(stored.id) with a checkpoint; it has none yet")
        // A torn one is passed over.
        for checkpoint in try reader.checkpoints(stored.id) {
            do {
                _ = try trainer.restore(
                    from: directory.checkpointDirectory(stored.id) + "/" + checkpoint.file, fingerprints: begun)
                return trainer
            } catch {
                failure = error
            }
        }
        throw failure
    }

    /// The training steps of the run; 0 where it searches another's supernet.
    public var steps: Int { train?.steps ?? 0 }

    /// The genome of a text: `largest`, `smallest`, or one as in results.csv.
    ///
    /// - Throws: `SearchSpaceError.invalidGenome`.
    public func genome(_ text: String) throws(SearchSpaceError) -> Genome {
        switch text {
        case "largest": inputs.space.largest
        case "smallest": inputs.space.smallest
        default: try inputs.space.genome(text: text)
        }
    }

    /// The space of the run.
    public var space: SearchSpace { inputs.space }

    /// What is learned.
    public var task: any LearningTask { weights.task }

    /// What each example of a part of the data comes to, for each subnet.
    ///
    /// - Parameter withHits: Whether it is asked, too, which examples are answered rightly.
    /// - Throws: `CoordinatorError.manyScores` where the machine has not the memory for all of them.
    public func examples(
        _ genomes: [Genome], on part: EvaluationPart, withHits: Bool = false
    ) throws -> [ExampleScores] {
        try checkMemory(subnets: genomes.count, on: part, withHits: withHits)
        return try measurer.examples(genomes, on: part, withHits: withHits)
    }

    func checkMemory(subnets: Int, on part: EvaluationPart, withHits: Bool) throws(CoordinatorError) {
        let examples = measurer.count(of: part)
        let scores = subnets.times(ExampleScores.bytes(examples: examples, withHits: withHits))
        let needed = MemoryEstimate.bytes(
            inputs.specification, space, dataBytes: dataset.memoryBytes, workers: pool.count
        ).plus(scores)
        guard needed > MachineMemory.bytes else { return }
        throw .manyScores(
            subnets: subnets, examples: examples, neededBytes: needed, presentBytes: MachineMemory.bytes)
    }

    /// The subnet for a budget: of those that cost within 2 % of it the one of the least loss on validation examples, as far as
    /// a search of bounded work finds it; the same for the same run, weights and budget. See ``BudgetSearch``.
    ///
    /// - Throws: `CoordinatorError.unknownCost` for a cost that the space does not have,
    ///   `CoordinatorError.budgetTooSmall` when no architecture is that small, and what is wrong with the data.
    public func genome(within budget: CostBudget) throws -> Genome {
        try Self.check(budget, in: space)
        var search = BudgetSearch(space, within: budget, seed: UInt64(inputs.specification.seed))
        let main = RunMetrics(inputs.specification, space: space).main
        let pick = CostBudget(budget.metric, atMost: search.window.upperBound).flatMap { sampler?.genome(within: $0) }
        let found = try search.answer(pick: pick, examples: measurer.count(of: .validation)) { genomes, samples in
            try measurer.validate(genomes, samples: samples)?.map { evaluation in
                // A task without a loss is judged by its main metric.
                guard evaluation.values[.loss] == nil else { return evaluation[.loss] }
                return main.goal == .maximize ? -evaluation[main.metric] : evaluation[main.metric]
            }
        }
        if let found { return found }
        // The one that is known to be small, where nothing as cheap as the budget was found.
        let least = space.cost(of: space.smallest, by: budget.metric)
        guard budget.limit >= least else {
            throw CoordinatorError.budgetTooSmall(metric: budget.metric.name, budget: budget.limit, least: least)
        }
        return space.smallest
    }

    /// Checks that some architecture keeps a budget, before anything is loaded.
    static func check(_ budget: CostBudget, in space: SearchSpace) throws(CoordinatorError) {
        guard space.costs.contains(budget.metric) else {
            throw .unknownCost(
                metric: budget.metric.name,
                known: space.costs.filter { $0.accumulation == .sum }.map(\.name))
        }
        let least = space.costRange(by: budget.metric)?.lowerBound ?? 0
        guard budget.limit >= least else {
            throw .budgetTooSmall(metric: budget.metric.name, budget: budget.limit, least: least)
        }
    }

    /// A subnet as a network of its own, with its task's main metric on all validation examples.
    ///
    /// - Parameter keepsNorms: Whether norms over examples stay, with their statistics, so that it can be trained on; else they are
    ///   folded into the layers before them.
    public func extract(_ genome: Genome, keepsNorms: Bool = false) throws -> ExtractedModel {
        var measured: [String: Double] = [:]
        if let evaluation = try measurer.validate([genome])?.first {
            let metric = RunMetrics(inputs.specification, space: space).main.metric
            measured[MeasurementStage.validation.name(of: metric)] = evaluation[metric]
        }
        let model = try inputs.model(of: genome, in: weights, measured: measured.filter(\.value.isFinite))
        return keepsNorms ? model : model.folded(on: weights.kernels)
    }
}

/// A part of the data that subnets are measured on.
public enum EvaluationPart: String, Sendable, CaseIterable {
    /// The validation split of the training data.
    case validation
    /// The test data.
    case test
}
