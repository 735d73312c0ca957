internal import Documents
internal import SearchSpaces

/// How a worker trains the supernet that it measures: `train: {worker: NAME, …}`.
///
/// This program says which subnets each step trains, and when what was learned is kept. Data, losses, optimiser and the bytes of
/// what is kept are the worker's own.
public struct WorkerTraining: Sendable, Hashable {
    /// The command, which is the one that measures.
    public let worker: String
    /// Training steps.
    public let steps: Int
    /// Examples of a step, which the worker is told; default 64.
    public let batch: Int
    /// Parts of a batch, for samplers that train a subnet on each; default 8, or the batch if that is less.
    public let shards: Int
    /// The sampler; default the largest, the smallest and two random subnets.
    public let sampler: SamplerChoice
    /// Distillation, or nil for labels only.
    public let distillation: TrainSettings.Distillation?
    /// Steps between checkpoints; default 500.
    public let checkpointEvery: Int
    /// Steps whose checkpoints are kept for good, ascending; default none.
    public let keep: [Int]
    /// Steps between records of the loss; by default so many that a run keeps at most 2,000.
    public let recordEvery: Int

    /// What training here takes, and a worker decides by itself.
    private static let own = ["optimizer", "labelSmoothing", "dropout", "start"]

    /// - Parameters:
    ///   - use: The command that measures; nil for none, which somebody else reports.
    ///   - metrics: What it measures.
    init(_ reader: SectionReader, measuring use: CommandUse?, _ metrics: [Metric]) {
        worker = reader.text("worker", expected: "the name of a command")
        if let use, !worker.isEmpty, worker != use.name {
            reader.report(
                "expected '\(use.name.prefix(80))', the command that measures, found '\(worker.prefix(80))'",
                key: "worker",
                hint: "one worker trains and measures")
        }
        if reader.has("budget") {
            _ = reader.node("budget", isRequired: false, expected: "nothing")
            reader.report(
                "expected steps, since nobody here knows what a step of a worker takes", key: "budget",
                hint: "give steps in its place")
        }
        for key in Self.own where reader.has(key) {
            _ = reader.node(key, isRequired: false, expected: "nothing")
            reader.report("expected nothing, since that is the worker's own affair", key: key, hint: "take it out")
        }
        steps = reader.integer("steps", in: 1...TrainExtent.most)
        (batch, shards) = TrainSettings.batch(reader)
        sampler = SamplerChoice(
            reader.section("sampler"),
            .init(steps: steps, batch: batch, metrics: metrics.filter { $0.goal == .minimize }),
            default: Samplers.usualOfWorkers)
        if let beyond = sampler.settings.beyondWorkers {
            let section = reader.section("sampler")
            section.report(
                "expected a sampler \(sampler.kind) whose passes a worker can train, found another \(beyond.key)",
                key: section.has(beyond.key) ? beyond.key : "kind", hint: "\(beyond.key): \(beyond.remedy)")
        }
        let hasDistillation = reader.has("distillation")
        let distillation = TrainSettings.distillation(reader.section("distillation"))
        self.distillation = hasDistillation ? distillation : nil
        checkpointEvery = reader.integer("checkpointEvery", default: 500, in: 1...1_000_000_000)
        keep = TrainSettings.kept(reader, steps: steps)
        recordEvery = reader.integer(
            "recordEvery", default: TrainSettings.usualRecordEvery(steps), in: 1...1_000_000_000)
        reader.finish()
    }

    func resolve(into resolved: inout ResolvedEntries) {
        resolved.add("train.worker", quoted: worker)
        resolved.add("train.steps", steps)
        resolved.add("train.batch", batch)
        resolved.add("train.shards", shards)
        sampler.resolve(into: &resolved)
        distillation?.resolve(into: &resolved)
        resolved.add("train.checkpointEvery", checkpointEvery)
        if !keep.isEmpty { resolved.add("train.keep", list: keep) }
        resolved.add("train.recordEvery", recordEvery)
    }
}
