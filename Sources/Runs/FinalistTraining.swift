internal import Documents
public import SearchSpaces

/// How finalists are trained on, each as a network of its own: the sections `validate.tune`, from the weights of the supernet, and
/// `validate.retrain`, from drawn ones.
public struct FinalistTraining: Sendable, Hashable {
    /// What follows from its training.
    public let stage: MeasurementStage
    /// The recipe, which a teacher is part of where there is one.
    public private(set) var train: TrainSettings

    private enum Teacher: String, CaseIterable {
        case none
        case largest
    }

    /// Rate of tuning as a share of the greatest of the recipe.
    private static let tuningShare = 0.1

    /// - Parameter recipe: How the supernet is trained, which gives what the section leaves out; nil for a run that trains none.
    init(_ reader: SectionReader, _ stage: MeasurementStage, recipe: TrainSettings?) {
        reader.describe([
            "steps": "training steps of each finalist",
            "warmup": "steps in which the rate rises from 0, or a share of all below 1",
            "optimizer": "the update rule; by default that of train",
            "rate": "greatest learning rate; by default that of train, a tenth of it to tune",
            "weightDecay": "decay of weights",
            "momentum": "momentum of sgd",
            "nesterov": "sgd only: whether weights go where the velocity leads",
            "schedule": "course of the rate after the warm-up",
            "clip": "greatest norm of the gradient",
            "teacher": "whose soft labels are learned, too",
            "weight": "share of the soft loss",
            "temperature": "softening of both distributions",
            "labelSmoothing": "probability mass spread over all classes",
            "dropout": "probability of dropping a value",
            "checkpointEvery": "steps between checkpoints",
        ])
        self.stage = stage
        let usual = recipe?.optimizer, isTuned = stage == .tuned
        let steps = reader.integer("steps", in: 1...TrainExtent.most)
        let (batch, shards) = TrainSettings.batch(reader, like: recipe)
        let warmup = reader.warmup(default: isTuned ? 0 : TrainSettings.Optimizer.usualWarmup, of: steps)
        let name: TrainSettings.Optimizer.Name = reader.word(
            "optimizer", default: usual?.name ?? .adamw, standIn: .adamw)
        let optimizer = TrainSettings.Optimizer(
            name: name,
            rate: reader.number(
                "rate", default: (usual?.rate ?? 0.001) * (isTuned ? Self.tuningShare : 1), in: 0...1000,
                excludingLowest: true),
            weightDecay: reader.number("weightDecay", default: usual?.weightDecay ?? 0.05, in: 0...1000),
            momentum: reader.number("momentum", default: usual?.momentum ?? 0.9, in: 0...1),
            isNesterov: reader.nesterov(default: usual?.isNesterov ?? false, with: name),
            schedule: reader.word(
                "schedule", default: isTuned ? .cosine : usual?.schedule ?? .cosine, standIn: .cosine),
            warmup: warmup,
            clip: reader.optional("clip") { reader.number("clip", in: 0...1e6, excludingLowest: true) } ?? usual?.clip)
        let teacher: Teacher = reader.word("teacher", default: Teacher.none, standIn: Teacher.none)
        let weight = reader.optional("weight") { reader.number("weight", in: 0...1) }
        let temperature = reader.optional("temperature") {
            reader.number("temperature", in: 0...100, excludingLowest: true)
        }
        if teacher == .none, weight != nil || temperature != nil {
            reader.report(
                "expected a teacher, whose answers it weighs", key: weight == nil ? "temperature" : "weight",
                hint: "add teacher: largest, or take it out")
        }
        var train = TrainSettings(
            alone: steps, batch: batch, shards: shards, optimizer: optimizer,
            distillation: teacher == .none
                ? nil
                : .init(teacher: .largest, start: 0, weight: weight ?? 0.5, temperature: temperature ?? 1),
            labelSmoothing: reader.number("labelSmoothing", default: recipe?.labelSmoothing ?? 0, in: 0...0.99),
            dropout: reader.number("dropout", default: recipe?.dropout ?? 0, in: 0...0.99),
            checkpointEvery: reader.integer(
                "checkpointEvery", default: recipe?.checkpointEvery ?? 500, in: 1...1_000_000_000))
        reader.finish()
        if reader.has("shards") { train.given.entries.append(("shards", "\(shards)")) }
        self.train = train
    }

    /// The key path of its section.
    var section: String { stage == .tuned ? "validate.tune" : "validate.retrain" }

    /// The same training in a space, which may say how large shards are.
    func settled(in space: SearchSpace) -> FinalistTraining {
        var settled = self
        settled.train = train.settled(in: space)
        return settled
    }

    /// The section of a stage, where a file has it.
    static func section(
        _ validate: SectionReader, _ key: String, _ stage: MeasurementStage, recipe: TrainSettings?
    ) -> FinalistTraining? {
        validate.optional(key) { FinalistTraining(validate.section(key), stage, recipe: recipe) }
    }

    func resolve(into resolved: inout ResolvedEntries) {
        let path = section, optimizer = train.optimizer
        resolved.add("\(path).steps", train.steps)
        resolved.add("\(path).batch", train.batch)
        resolved.add("\(path).shards", train.shards)
        resolved.add("\(path).optimizer", plain: optimizer.name.rawValue)
        optimizer.resolve(into: &resolved, below: path)
        if let distillation = train.distillation {
            resolved.add("\(path).teacher", plain: distillation.teacher.rawValue)
            resolved.add("\(path).weight", distillation.weight)
            resolved.add("\(path).temperature", distillation.temperature)
        }
        resolved.add("\(path).labelSmoothing", train.labelSmoothing)
        resolved.add("\(path).dropout", train.dropout)
        resolved.add("\(path).checkpointEvery", train.checkpointEvery)
    }

    /// A digest of the recipe.
    package var digest: String {
        var resolved = ResolvedEntries()
        resolve(into: &resolved)
        var hash = StableHash()
        hash.combine(resolved.yaml)
        return hash.hexadecimal
    }
}
