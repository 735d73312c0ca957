internal import Datasets
internal import Foundation
internal import Runs
public import SearchSpaces
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
        /// The first training begins, which takes so much memory at most.
        case begins(memoryBytes: Int)
        /// A stand-alone training, or one that goes on from inherited weights.
        case training(genome: String, seed: Int, step: Int, of: Int, isContinued: Bool)
        /// A record is complete.
        case done(GapRecord, index: Int, of: Int)
    }

    /// The subnets that are studied, of every run of a space the same: as many as are asked for, or fewer where the space has
    /// no more of different cost.
    public let genomes: [Genome]

    private let network: TrainedSupernet
    private let settings: GapSettings
    private let reused: String?
    private let folder: String
    private let path: String
    private let report: (Progress) -> Void
    /// What trainings take, at most.
    private let memoryBytes: Int
    private var hasBegun = false

    private var inputs: RunInputs { network.inputs }
    /// The recipe of the run.
    private let train: TrainSettings
    private var mainMetric: Metric { network.task.kind.mainMetric }

    /// Share of the recipe's greatest rate with which inherited weights go on.
    private static let continuedRateShare = 0.1
    /// Measurements on the way of inherited weights to the stand-alone loss.
    private static let continuedMeasurements = 20

    /// Prepares a study of the newest weights of a run.
    ///
    /// - Parameters:
    ///   - reused: The file of another run's study of the same space and recipe, whose stand-alone trainings count here too.
    ///   - report: Called on this thread.
    /// - Throws: `CoordinatorError.noRecipe` for a run that searches another's supernet, `littleMemory` where the machine has
    ///   too little for the study.
    public init(
        _ network: TrainedSupernet, settings: GapSettings, reusing reused: String? = nil,
        report: @escaping (Progress) -> Void = { _ in }
    ) throws(CoordinatorError) {
        guard let train = network.train else { throw .noRecipe(run: network.run.text) }
        let data = network.dataset.memoryBytes
        memoryBytes = MemoryEstimate.bytes(
            trainingAlone: train, beside: network.space, dataBytes: data, workers: network.pool.count)
        try MemoryEstimate.check(needed: memoryBytes, data: data)
        self.train = train
        self.network = network
        self.settings = settings
        self.reused = reused
        self.report = report
        folder = network.directory.runDirectory(network.run)
        path = GapFile.path(network.directory, network.run)
        var numbers = CounterGenerator(seed: 0, stream: .search, step: 1)
        genomes = network.space.spread(settings.subnets, using: &numbers)
    }

    /// Trains and measures what is missing.
    ///
    /// - Returns: The records of the study, for the newest weights.
    public func run() throws -> [GapRecord] {
        let lock = open(folder + "/gap.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(lock) }
        guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            throw CoordinatorError.gapInUse(run: network.run.text)
        }
        let recipe = try GapRecipe(
            inputs.specification, train, in: network.space, data: inputs.fingerprints.data)
        var file = try GapFile.read(path) ?? GapFile(recipe: recipe.digest)
        file.metric = mainMetric == .accuracy ? nil : mainMetric.name
        if let reused, let other = try GapFile.read(reused) {
            guard recipe.accepts(other.recipe) else { throw CoordinatorError.otherRecipe(path: reused) }
            file.standalones += other.standalones.filter { one in
                !file.standalones.contains { ($0.genome, $0.seed) == (one.genome, one.seed) }
            }
        }
        let inherited = try network.measurer.validate(genomes) ?? []
        var wanted: [GapRecord] = []
        for (genome, evaluation) in zip(genomes, inherited) {
            for seed in 1...settings.seeds {
                let text = network.space.text(of: genome)
                if let known = file.records.first(where: { isComplete($0, genome: text, seed: seed, evaluation) }) {
                    wanted.append(known)
                    continue
                }
                let record = try study(genome, seed: seed, evaluation, &file)
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
            && record.inheritedLoss == inherited[.loss] && record.steps == train.steps
            && (settings.extraSteps == 0 || record.extraLimit == settings.extraSteps)
    }

    private func study(
        _ genome: Genome, seed: Int, _ inherited: Evaluation, _ file: inout GapFile
    ) throws -> GapRecord {
        let text = network.space.text(of: genome), cost = network.space.cost(of: genome)
        let steps = train.steps
        let loss: Double, main: Double
        if let known = file.standalones.first(where: { ($0.genome, $0.seed) == (text, seed) }) {
            (loss, main) = (known.loss, known.main)
        } else {
            let own = try trainAlone(genome, seed: seed)
            (loss, main) = (own[.loss], own[mainMetric])
            file.standalones.append(.init(genome: text, seed: seed, loss: loss, main: main))
            try file.write(to: path)
        }
        // Only what is kept elsewhere may go.
        unlink(checkpoint(genome, seed: seed))
        return GapRecord(
            genome: text, params: cost.params, multiplyAdds: cost.multiplyAdds, seed: seed, steps: steps,
            standaloneLoss: loss, standaloneMain: main, weightsStep: network.step,
            inheritedLoss: inherited[.loss], inheritedMain: inherited[mainMetric],
            extraSteps: try stepsToCatchUp(genome, seed: seed, from: inherited[.loss], to: loss),
            extraLimit: settings.extraSteps)
    }

    /// The evaluation of a network that is trained alone.
    private func trainAlone(_ genome: Genome, seed: Int) throws -> Evaluation {
        let subnet = try alone(genome, settings: train.alone, seed: seed)
        let own = Fingerprints(
            space: network.space.key(of: genome), run: "\(inputs.fingerprints.run) \(seed)",
            data: inputs.fingerprints.data)
        let text = network.space.text(of: genome), steps = train.steps
        _ = try subnet.train(checkpoint: checkpoint(genome, seed: seed), own) { step in
            report(.training(genome: text, seed: seed, step: step, of: steps, isContinued: false))
        }
        return try subnet.validate()
    }

    private func alone(
        _ genome: Genome, settings: TrainSettings, seed: Int, start: FloatBuffer? = nil
    ) throws -> LoneSubnet {
        if !hasBegun { report(.begins(memoryBytes: memoryBytes)) }
        hasBegun = true
        return try LoneSubnet(
            genome, of: inputs, settings: settings, seed: seed, start: start, pool: network.pool,
            kernels: network.weights.kernels)
    }

    private func checkpoint(_ genome: Genome, seed: Int) -> String {
        "\(folder)/gap-\(network.space.key(of: genome))-\(seed).safetensors"
    }

    /// Steps from inherited weights until the validation loss is that of the network trained alone.
    private func stepsToCatchUp(_ genome: Genome, seed: Int, from inherited: Double, to goal: Double) throws -> Int? {
        guard settings.extraSteps > 0 else { return nil }
        if inherited <= goal { return 0 }
        let continued = train.continued(steps: settings.extraSteps, rateShare: Self.continuedRateShare)
        let start = try inputs.model(of: genome, in: network.weights, measured: [:]).weights
        let subnet = try alone(genome, settings: continued, seed: seed, start: start)
        let trainer = subnet.trainer
        let every = (settings.extraSteps + Self.continuedMeasurements - 1) / Self.continuedMeasurements
        let text = network.space.text(of: genome)
        while trainer.step < settings.extraSteps {
            _ = try subnet.step()
            report(
                .training(genome: text, seed: seed, step: trainer.step, of: settings.extraSteps, isContinued: true))
            let isDue = trainer.step % every == 0 || trainer.step == settings.extraSteps
            if isDue, try subnet.validate()[.loss] <= goal { return trainer.step }
        }
        return nil
    }
}
