internal import Datasets
internal import Runs
internal import SearchSpaces
internal import Tensors
internal import Training

/// Measures subnets on parts of the data with the weights as they are.
struct SupernetEvaluator: RacingEvaluator {
    private let weights: TrainedWeights
    private let evaluator: Evaluator
    private let dataset: any Dataset
    private let control: RunControl
    private let metrics: RunMetrics
    private let samples: Int

    /// - Parameters:
    ///   - metrics: What the run keeps of what is measured.
    ///   - samples: Validation examples that a search measures on.
    init(
        _ weights: TrainedWeights, dataset: any Dataset, metrics: RunMetrics, samples: Int, control: RunControl
    ) {
        self.weights = weights
        self.dataset = dataset
        self.metrics = metrics
        self.samples = samples
        self.control = control
        evaluator = weights.evaluator()
    }

    func metrics(at stage: MeasurementStage) -> [Metric] {
        metrics.metrics(at: stage).filter { $0.kind == .quality }
    }

    func measure(_ genomes: [Genome], at stage: MeasurementStage) throws -> [CandidateOutcome]? {
        let evaluations =
            switch stage {
            case .search: try validate(genomes, samples: samples)
            case .validation, .tuned, .retrained: try validate(genomes)
            case .test: try measure(genomes, dataset.testExamples, allOfTest, for: .finalists)
            }
        return evaluations?.map { .measured($0.values, samples: $0.samples) }
    }

    /// On the first so many validation examples, as a search measures, or on all, as finalists are; nil when asked to stop.
    func validate(_ genomes: [Genome], samples: Int? = nil) throws -> [Evaluation]? {
        try measure(
            genomes, dataset.trainingExamples, Array(dataset.split.validation.prefix(samples ?? .max)),
            for: samples == nil ? .finalists : .search)
    }

    /// Measures statistics of norms anew from here on.
    func forgetStatistics() { evaluator.forgetStatistics() }

    var counted: Metric? { evaluator.task.kind.counted }

    var searchExamples: Int { min(samples, dataset.split.validation.count) }

    func shortfalls(_ genomes: [Genome], among places: [Int]) throws -> [[Float]]? {
        let control = control
        return try evaluator.shortfalls(
            genomes, values: weights.values, on: dataset.trainingExamples,
            indices: places.map { dataset.split.validation[$0] }, shouldStop: { control.isAsked })
    }

    func chunkScores(_ genomes: [Genome], chunks: [Int]) throws -> [ChunkScores]? {
        let control = control, examples = dataset.split.validation.prefix(searchExamples)
        return try evaluator.chunkScores(
            genomes, values: weights.values, on: dataset.trainingExamples,
            indices: chunks.flatMap {
                examples[$0 * Evaluator.chunk..<min(($0 + 1) * Evaluator.chunk, examples.count)]
            },
            shouldStop: { control.isAsked })
    }

    func outcome(of chunks: [Tally]) -> CandidateOutcome {
        let evaluation = evaluator.evaluation(of: chunks)
        return .measured(evaluation.values, samples: evaluation.samples)
    }

    /// What each of the examples of a part comes to, for each genome.
    func examples(_ genomes: [Genome], on part: EvaluationPart, withHits: Bool) throws -> [ExampleScores] {
        let (source, indices) =
            switch part {
            case .validation: (dataset.trainingExamples, dataset.split.validation)
            case .test: (dataset.testExamples, allOfTest)
            }
        return try evaluator.examples(
            genomes, values: weights.values, on: source, indices: indices, withHits: withHits)
    }

    /// How many examples a part has.
    func count(of part: EvaluationPart) -> Int {
        switch part {
        case .validation: dataset.split.validation.count
        case .test: dataset.testCount
        }
    }

    private var allOfTest: [Int32] { (0..<Int32(dataset.testCount)).map { $0 } }

    private func measure(
        _ genomes: [Genome], _ source: any Examples, _ indices: [Int32], for use: Calibration.Use
    ) throws -> [Evaluation]? {
        let control = control
        return try evaluator.measure(
            genomes, values: weights.values, on: source, indices: indices, for: use,
            shouldStop: { control.isAsked })
    }
}

extension SupernetEvaluatorSettings: UsableEvaluator {
    func evaluator(_ means: EvaluatorMeans) throws(CoordinatorError) -> any CandidateEvaluator {
        guard let weights = means.weights else { throw .noNetworks }
        guard let dataset = means.inputs.dataset else { throw .noData }
        return SupernetEvaluator(
            weights, dataset: dataset, metrics: means.metrics,
            samples: means.inputs.specification.search?.samples ?? 0, control: means.control)
    }
}
