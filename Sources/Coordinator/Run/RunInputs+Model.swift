internal import Datasets
internal import Runs
internal import SearchSpaces
internal import Supernets
internal import Training

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
            targets: targets, measured: measured,
            data: specification.data?.yaml(seed: specification.seed) ?? "", kernels: trainer.kernels)
    }
}
