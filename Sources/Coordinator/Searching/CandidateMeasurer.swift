internal import Datasets
internal import SearchSpaces
internal import Tensors
internal import Training

/// Measures genomes on parts of the data with the weights as they are.
struct CandidateMeasurer {
    private let trainer: Trainer
    private let evaluator: Evaluator
    private let validation: BatchSource
    private let test: BatchSource
    private let dataset: ImageDataset
    private let control: RunControl

    init(
        trainer: Trainer, dataset: ImageDataset, batch: Int, pool: WorkerPool, kernels: any Backend, control: RunControl
    ) throws {
        self.trainer = trainer
        self.dataset = dataset
        self.control = control
        evaluator = Evaluator(supernet: trainer.supernet, pool: pool, kernels: kernels)
        validation = try dataset.batches(of: batch, seed: 0)
        test = try dataset.testBatches(of: batch)
    }

    /// On the first so many validation examples; nil when asked to stop.
    func validate(_ genomes: [Genome], samples: Int? = nil) throws -> [Evaluation]? {
        try measure(genomes, validation, Array(dataset.split.validation.prefix(samples ?? .max)))
    }

    /// On all test examples; nil when asked to stop.
    func test(_ genomes: [Genome]) throws -> [Evaluation]? {
        try measure(genomes, test, (0..<Int32(dataset.test.count)).map { $0 })
    }

    /// Loss and hit on each of the examples of a part, one list a genome.
    func examples(_ genomes: [Genome], on part: EvaluationPart) throws -> [[CrossEntropy.Sums]] {
        let (source, indices) =
            switch part {
            case .validation: (validation, dataset.split.validation)
            case .test: (test, (0..<Int32(dataset.test.count)).map { $0 })
            }
        return try evaluator.examples(genomes, values: trainer.values, on: source, indices: indices)
    }

    private func measure(_ genomes: [Genome], _ source: BatchSource, _ indices: [Int32]) throws -> [Evaluation]? {
        let control = control
        return try evaluator.measure(
            genomes, values: trainer.values, on: source, indices: indices,
            shouldStop: { control.isAsked })
    }
}
