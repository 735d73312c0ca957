internal import Datasets
internal import Foundation
internal import SearchSpaces
internal import Store
internal import Supernets
internal import Tensors
internal import Training

/// How far a run's supernet can be trusted: its subnets with inherited weights beside the same networks trained alone.
///
/// Each stand-alone training follows the recipe of the run: steps, batches in the run's order of another seed, optimiser,
/// without sampler and teacher. Everything that is finished is kept in `gap.json` of the run's folder, a training that
/// was interrupted in a checkpoint beside it; a study that is asked for again goes on from there.
public final class GapStudy {
    /// What is going on.
    public enum Progress: Sendable {
        /// A stand-alone training, or one that goes on from inherited weights.
        case training(genome: String, seed: Int, step: Int, of: Int, isContinued: Bool)
        /// A record is complete.
        case done(GapRecord, index: Int, of: Int)
    }

    private let network: TrainedSupernet
    private let settings: GapSettings
    private let reused: [GapRecord]
    private let folder: String
    private let path: String
    private let report: (Progress) -> Void

    private var inputs: RunInputs { network.inputs }

    /// Share of the recipe's greatest rate with which inherited weights go on.
    private static let continuedRateShare = 0.1
    /// Measurements on the way of inherited weights to the stand-alone loss.
    private static let continuedMeasurements = 20

    /// Prepares a study of the newest weights of a run.
    ///
    /// - Parameters:
    ///   - reused: Records of another run of the same space and recipe, whose stand-alone trainings count here too.
    ///   - report: Called on this thread.
    public init(
        _ network: TrainedSupernet, settings: GapSettings, reusing reused: [GapRecord] = [],
        report: @escaping (Progress) -> Void = { _ in }
    ) {
        self.network = network
        self.settings = settings
        self.reused = reused
        self.report = report
        folder = network.directory.runDirectory(network.run)
        path = GapFile.path(network.directory, network.run)
    }

    /// Trains and measures what is missing.
    ///
    /// - Returns: The records of the study, for the newest weights.
    public func run() throws -> [GapRecord] {
        var file = try GapFile.read(path)
        // Of every run of a space the same subnets.
        var numbers = CounterGenerator(seed: 0, stream: .search, step: 1)
        let genomes = network.space.spread(settings.subnets, using: &numbers)
        let inherited = try network.measurer.validate(genomes) ?? []
        var wanted: [GapRecord] = []
        for (genome, evaluation) in zip(genomes, inherited) {
            for seed in 1...settings.seeds {
                let text = network.space.text(of: genome)
                if let known = file.records.first(where: { isComplete($0, genome: text, seed: seed, evaluation) }) {
                    wanted.append(known)
                    continue
                }
                let record = try study(genome, seed: seed, evaluation, known: file.records + reused)
                file.records.removeAll { ($0.genome, $0.seed, $0.weightsStep) == (text, seed, network.step) }
                file.records.append(record)
                try file.write(to: path)
                wanted.append(record)
                report(.done(record, index: wanted.count, of: genomes.count * settings.seeds))
            }
        }
        return wanted
    }

    private func isComplete(_ record: GapRecord, genome: String, seed: Int, _ inherited: Evaluation) -> Bool {
        record.genome == genome && record.seed == seed && record.weightsStep == network.step
            && record.inheritedLoss == inherited.loss && record.steps == inputs.specification.train.steps
            && record.extraLimit == settings.extraSteps
    }

    private func study(
        _ genome: Genome, seed: Int, _ inherited: Evaluation, known: [GapRecord]
    ) throws -> GapRecord {
        let text = network.space.text(of: genome), cost = network.space.cost(of: genome)
        let steps = inputs.specification.train.steps
        let loss: Double, accuracy: Double
        if let other = known.first(where: { ($0.genome, $0.seed, $0.steps) == (text, seed, steps) }) {
            (loss, accuracy) = (other.standaloneLoss, other.standaloneAccuracy)
        } else {
            let own = try trainAlone(genome, seed: seed)
            (loss, accuracy) = (own.loss, own.accuracy)
        }
        return GapRecord(
            genome: text, params: cost.params, multiplyAdds: cost.multiplyAdds, seed: seed, steps: steps,
            standaloneLoss: loss, standaloneAccuracy: accuracy, weightsStep: network.step,
            inheritedLoss: inherited.loss, inheritedAccuracy: inherited.accuracy,
            extraSteps: try stepsToCatchUp(genome, seed: seed, from: inherited.loss, to: loss),
            extraLimit: settings.extraSteps)
    }

    /// The evaluation of a network that is trained alone.
    private func trainAlone(_ genome: Genome, seed: Int) throws -> Evaluation {
        let train = inputs.specification.train
        let trainer = try trainer(genome, settings: train.alone, seed: seed)
        let checkpoint = "\(folder)/gap-\(network.space.key(of: genome))-\(seed).safetensors"
        let own = Fingerprints(
            space: network.space.key(of: genome), run: "\(inputs.fingerprints.run) \(seed)",
            data: inputs.fingerprints.data)
        // One that is torn or of other settings only costs the time that it would have saved.
        if FileManager.default.fileExists(atPath: checkpoint),
            (try? trainer.restore(from: checkpoint, fingerprints: own)) == nil
        {
            trainer.restart()
        }
        let text = network.space.text(of: genome)
        while trainer.step < train.steps {
            _ = try trainer.trainStep(as: genome)
            report(.training(genome: text, seed: seed, step: trainer.step, of: train.steps, isContinued: false))
            if trainer.step % train.checkpointEvery == 0, trainer.isFinite, trainer.step < train.steps {
                let header = trainer.checkpointHeader(fingerprints: own, numerics: "", search: nil)
                let file = try AtomicFile(path: checkpoint)
                try trainer.writeCheckpoint(header) { bytes throws(StoreError) in try file.write(bytes) }
                try file.commit()
            }
        }
        let evaluation = try evaluate(trainer, genome)
        unlink(checkpoint)
        return evaluation
    }

    /// Steps from inherited weights until the validation loss is that of the network trained alone.
    private func stepsToCatchUp(_ genome: Genome, seed: Int, from inherited: Double, to goal: Double) throws -> Int? {
        guard settings.extraSteps > 0 else { return nil }
        if inherited <= goal { return 0 }
        let train = inputs.specification.train.continued(
            steps: settings.extraSteps, rateShare: Self.continuedRateShare)
        let trainer = try trainer(genome, settings: train, seed: seed)
        let model = inputs.model(of: genome, in: network.trainer, measured: [:])
        trainer.values.base.update(from: model.weights.base, count: trainer.values.count)
        let every = max(1, settings.extraSteps / Self.continuedMeasurements)
        let text = network.space.text(of: genome)
        while trainer.step < settings.extraSteps {
            _ = try trainer.trainStep(as: genome)
            report(
                .training(genome: text, seed: seed, step: trainer.step, of: settings.extraSteps, isContinued: true))
            if trainer.step % every == 0, try evaluate(trainer, genome).loss <= goal { return trainer.step }
        }
        return nil
    }

    private func trainer(_ genome: Genome, settings: TrainSettings, seed: Int) throws -> Trainer {
        let data = inputs.specification.data
        // Far from the run's own seed, whose order of batches the supernet has seen.
        let own = UInt64(inputs.specification.seed) &+ UInt64(seed) << 32
        return Trainer(
            supernet: inputs.space.standalone(genome), settings: settings,
            source: try inputs.dataset.batches(
                of: settings.batch, seed: own,
                augmentation: try .init(shift: data.augmentation.shift, flip: data.augmentation.flip)),
            seed: own, pool: network.pool, kernels: network.trainer.kernels)
    }

    private func evaluate(_ trainer: Trainer, _ genome: Genome) throws -> Evaluation {
        let evaluator = Evaluator(supernet: trainer.supernet, pool: network.pool, kernels: trainer.kernels)
        let source = try inputs.dataset.batches(of: inputs.specification.train.batch, seed: 0)
        let indices = inputs.dataset.split.validation
        guard
            let evaluation = try evaluator.measure(
                [genome], values: trainer.values, on: source, indices: indices)?.first
        else { throw DatasetError.empty(file: "validation examples") }
        return evaluation
    }
}
