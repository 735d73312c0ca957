internal import Datasets
internal import Runs
internal import SearchSpaces
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
}
