internal import Runs
internal import SearchSpaces

/// What stand-alone trainings depend on: the space without its mixture, the data with their splits, the recipe, and the task.
///
/// Trainings of two runs may stand for one another where this is the same.
struct GapRecipe {
    /// The digest of files that are begun now.
    let digest: String
    /// The digest that the first version of such files has, which knew one task and hashed what Swift printed of its settings.
    let earlierDigest: String

    init(_ specification: RunSpecification, _ train: TrainSettings, in space: SearchSpace, data: String) throws {
        let own = train.alone
        // A mixture of the supernet is no part of it.
        let plain = try space.replacing(mixture: "{experts: 1}").fingerprint
        let read = "\(specification.seed) \(specification.data?.yaml(seed: specification.seed) ?? "")"
        func digest(_ parts: [String]) -> String {
            var hash = StableHash()
            for part in [plain, data, read] + parts { hash.combine(part) }
            return hash.hexadecimal
        }
        // How well norms are measured, where they are.
        let measured = space.normalizesExamples ? ["\(specification.calibration.finalists)"] : []
        self.digest = digest([own.resolvedYAML, specification.task(in: space)?.name ?? ""] + measured)
        earlierDigest = digest([Self.printed(own)])
    }

    /// Whether stand-alone trainings of a digest are those of the recipe.
    func accepts(_ other: String) -> Bool { [digest, earlierDigest].contains(other) }

    /// What Swift printed of the settings of a lone training when these files were new; never changed.
    static func printed(_ train: TrainSettings) -> String {
        let optimizer = train.optimizer
        let type = "SearchSpaces.TrainSettings"
        return "TrainSettings(steps: \(train.steps), batch: \(train.batch), shards: \(train.shards), optimizer: "
            + "\(type).Optimizer(name: \(type).Optimizer.Name.\(optimizer.name), rate: \(optimizer.rate), weightDecay: "
            + "\(optimizer.weightDecay), momentum: \(optimizer.momentum), schedule: "
            + "\(type).Optimizer.Schedule.\(optimizer.schedule), warmup: \(optimizer.warmup), clip: "
            + "\(optimizer.clip.map { "Optional(\($0))" } ?? "nil")), sampler: \(type).Sampler.uniform, distillation: nil, "
            + "labelSmoothing: \(train.labelSmoothing), dropout: \(train.dropout), checkpointEvery: "
            + "\(train.checkpointEvery), recordEvery: \(train.recordEvery))"
    }
}
