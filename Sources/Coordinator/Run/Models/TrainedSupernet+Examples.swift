internal import Datasets
internal import Runs
internal import SearchSpaces
public import Supernets
public import Tensors
internal import Training

extension TrainedSupernet {
    /// Who computes.
    public var backend: any Backend { weights.kernels }

    /// The first validation examples as networks read them, each a row of normalised values.
    ///
    /// - Throws: `DatasetError` when they cannot be had.
    public func inputs(_ count: Int) throws -> [[Float]] {
        let indices = dataset.split.validation.prefix(count)
        let batch = TrainingBatch(count: indices.count, shape: dataset.shape, backend: weights.kernels)
        try batch.fill { try dataset.trainingExamples.fill($0, with: indices) }
        return indices.indices.map { place in
            weights.kernels.download(batch.inputs(place - indices.startIndex..<place - indices.startIndex + 1))
        }
    }

    /// The task's main metric of a network of its own on all validation examples; nil when told to stop.
    ///
    /// - Throws: `DatasetError` when they cannot be had.
    public func measured(_ model: ExtractedModel) throws -> (name: String, value: Double)? {
        let evaluator = Evaluator(
            supernet: model.network, task: weights.task, pool: pool, kernels: weights.kernels)
        let metric = RunMetrics(inputs.specification, space: space).main.metric
        let evaluations = try evaluator.measure(
            [model.genome], values: model.weights, on: dataset.trainingExamples, indices: dataset.split.validation)
        return evaluations?.first.map { (MeasurementStage.validation.name(of: metric), $0[metric]) }
    }
}
