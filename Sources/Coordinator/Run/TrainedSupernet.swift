internal import Datasets
public import SearchSpaces
internal import Store
public import Supernets
public import Tensors
public import Training

/// The supernet of a run as its newest checkpoint has it, beside a live run too; nothing of the run is changed.
public final class TrainedSupernet {
    let inputs: RunInputs
    let trainer: Trainer
    let measurer: CandidateMeasurer

    /// Loads the newest whole checkpoint of the run in a data directory.
    ///
    /// - Throws: `StoreError.noSuchRun`, or what is wrong with the checkpoint.
    public init(_ inputs: RunInputs, directory path: String, pool: WorkerPool, kernels: Kernels) throws {
        self.inputs = inputs
        let directory = try DataDirectory(reading: path)
        let reader = try RunReader(directory)
        let train = inputs.specification.train
        guard let run = try reader.runs(limit: 1).first else {
            throw StoreError.noSuchRun("with a checkpoint in \(path)")
        }
        trainer = Trainer(
            supernet: inputs.space.supernet(), settings: train,
            source: try inputs.dataset.batches(of: train.batch, seed: 0),
            heldOut: inputs.dataset.split.sampler, seed: 0, pool: pool, kernels: kernels)
        var failure: any Error = StoreError.noSuchRun("with a checkpoint in \(path)")
        var isRestored = false
        // A torn one is passed over.
        for checkpoint in try reader.checkpoints(run.id) where !isRestored {
            do {
                _ = try trainer.restore(
                    from: directory.checkpointDirectory(run.id) + "/" + checkpoint.file,
                    fingerprints: inputs.fingerprints)
                isRestored = true
            } catch {
                failure = error
            }
        }
        guard isRestored else { throw failure }
        measurer = try CandidateMeasurer(
            trainer: trainer, dataset: inputs.dataset, batch: train.batch, pool: pool, kernels: kernels,
            control: RunControl())
    }

    /// The training step of the weights.
    public var step: Int { trainer.step }

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

    /// A subnet as a network of its own, with its accuracy on all validation examples.
    public func extract(_ genome: Genome) throws -> ExtractedModel {
        var measured: [String: Double] = [:]
        if let evaluation = try measurer.validate([genome])?.first {
            measured[MeasurementKind.validationAccuracy.rawValue] = FitnessRule.accuracy(evaluation)
        }
        let normalization = inputs.dataset.normalization
        return ExtractedModel(
            genome, of: trainer.supernet, values: trainer.values,
            normalization: .init(mean: normalization.mean, deviation: normalization.deviation),
            measured: measured.filter(\.value.isFinite), data: inputs.specification.data.yaml)
    }
}
