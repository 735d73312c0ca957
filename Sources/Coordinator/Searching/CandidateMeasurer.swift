internal import Datasets
internal import SearchSpaces
internal import Tensors
internal import Training

/// Measures genomes on parts of the data with the weights as they are.
struct CandidateMeasurer {
    private let trainer: Trainer
    private let evaluator: Evaluator
    private let dataset: any Dataset
    private let control: RunControl

    init(
        trainer: Trainer, dataset: any Dataset, pool: WorkerPool, kernels: any Backend, control: RunControl
    ) {
        self.trainer = trainer
        self.dataset = dataset
        self.control = control
        evaluator = Evaluator(supernet: trainer.supernet, task: trainer.task, pool: pool, kernels: kernels)
    }

    /// On the first so many validation examples; nil when asked to stop.
    func validate(_ genomes: [Genome], samples: Int? = nil) throws -> [Evaluation]? {
        try measure(genomes, dataset.trainingExamples, Array(dataset.split.validation.prefix(samples ?? .max)))
    }

    /// On all test examples; nil when asked to stop.
    func test(_ genomes: [Genome]) throws -> [Evaluation]? {
        try measure(genomes, dataset.testExamples, allOfTest)
    }

    /// Loss and hit on each of the examples of a part, one list a genome.
    func examples(_ genomes: [Genome], on part: EvaluationPart) throws -> [[Tally]] {
        let (source, indices) =
            switch part {
            case .validation: (dataset.trainingExamples, dataset.split.validation)
            case .test: (dataset.testExamples, allOfTest)
            }
        return try evaluator.examples(genomes, values: trainer.values, on: source, indices: indices)
    }

    private var allOfTest: [Int32] { (0..<Int32(dataset.testCount)).map { $0 } }

    private func measure(_ genomes: [Genome], _ source: any Examples, _ indices: [Int32]) throws -> [Evaluation]? {
        let control = control
        return try evaluator.measure(
            genomes, values: trainer.values, on: source, indices: indices,
            shouldStop: { control.isAsked })
    }
}
