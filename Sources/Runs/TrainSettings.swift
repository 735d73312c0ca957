internal import Documents

/// How the supernet is trained.
public struct TrainSettings: Sendable, Hashable {
    /// How parameters follow gradients.
    public struct Optimizer: Sendable, Hashable {
        /// The update rule.
        public enum Name: String, Sendable, Hashable, CaseIterable {
            /// Adam with decoupled weight decay.
            case adamw
            /// Stochastic gradient descent with momentum.
            case sgd
        }

        /// How the rate changes after the warm-up.
        public enum Schedule: String, Sendable, Hashable, CaseIterable {
            /// Falls to 0 along half a cosine.
            case cosine
            /// Stays.
            case constant
        }

        /// The update rule; default adamw.
        public let name: Name
        /// Greatest rate; default 0.001.
        public let rate: Double
        /// Decay of weights; default 0.05.
        public let weightDecay: Double
        /// Momentum of `sgd`; default 0.9.
        public let momentum: Double
        /// Whether `sgd` takes weights where the velocity leads; default no.
        public let isNesterov: Bool
        /// Course of the rate; default cosine.
        public let schedule: Schedule
        /// Steps over which the rate rises from 0; a file may say a share of the steps instead. Default a tenth of them.
        public let warmup: Int
        /// Greatest norm of the gradient, or nil for none.
        public let clip: Double?

        /// The share of the steps that warm up where a file says nothing.
        static let usualWarmup = 0.1

        /// Everything but the name, which has another key in each section.
        func resolve(into resolved: inout ResolvedEntries, below path: String) {
            resolved.add("\(path).rate", rate)
            resolved.add("\(path).weightDecay", weightDecay)
            resolved.add("\(path).momentum", momentum)
            if isNesterov { resolved.add("\(path).nesterov", plain: "true") }
            resolved.add("\(path).schedule", plain: schedule.rawValue)
            resolved.add("\(path).warmup", warmup)
            if let clip { resolved.add("\(path).clip", clip) }
        }
    }

    /// Soft targets from a teacher.
    public struct Distillation: Sendable, Hashable {
        /// Which network teaches.
        public enum Teacher: String, Sendable, Hashable, CaseIterable {
            /// The largest subnet of the same step.
            case largest
        }

        /// The teacher; default the largest subnet.
        public let teacher: Teacher
        /// Share of the steps before distillation starts, 0 to 1; default 0.
        public let start: Double
        /// Share of the soft loss, 0 to 1; default 0.5.
        public let weight: Double
        /// Softening of both distributions; default 1.
        public let temperature: Double

        func resolve(into resolved: inout ResolvedEntries) {
            resolved.add("train.distillation.teacher", plain: teacher.rawValue)
            resolved.add("train.distillation.start", start)
            resolved.add("train.distillation.weight", weight)
            resolved.add("train.distillation.temperature", temperature)
        }
    }

    /// Training steps; 0 as long as a budget is still to be turned into them.
    public private(set) var steps: Int
    /// What decides the steps; nil where the file says how many.
    public private(set) var budget: TrainBudget?
    /// What the file says beside steps and budget: the rest may follow from the steps, or from what a run began with.
    var given = Given()
    /// Examples of a step; default 64.
    public let batch: Int
    /// Parts that a batch is cut into, which the result depends on; default 8, or the batch if that is less. For networks with
    /// norms over examples a part of a multiple of 16 has 16.
    public internal(set) var shards: Int
    /// The optimiser.
    public private(set) var optimizer: Optimizer
    /// The sampler; default a subnet of its own for each shard.
    public private(set) var sampler: SamplerChoice
    /// Distillation, or nil for labels only.
    public private(set) var distillation: Distillation?
    /// Probability mass spread over all classes, 0 up to 1; default 0.
    public let labelSmoothing: Double
    /// Probability of dropping a value, 0 up to 1; default 0.
    public let dropout: Double
    /// Steps between checkpoints; default 500.
    public let checkpointEvery: Int
    /// Steps whose checkpoints are kept for good, ascending; default none.
    public private(set) var keep: [Int]
    /// The file of weights that training begins with: a checkpoint or a network of the same space; nil for drawn ones.
    public private(set) var start: String?
    /// Steps between records of the loss and the learning rate; by default so many that a run keeps at most 2,000.
    public let recordEvery: Int

    /// Keys of a file with their values, which are in the settings: two trainings are the same whoever said so.
    struct Given: Sendable, Hashable {
        var entries: [(path: String, value: String)] = []

        static func == (left: Given, right: Given) -> Bool { true }
        func hash(into hasher: inout Hasher) {}
    }

    init(_ reader: SectionReader) {
        reader.describe([
            "worker":
                "the command that trains in place of this program, and measures: optimizer, start and the like are its own then",
            "steps": "training steps; exactly one of this and the budgets",
            "budget": "how long training goes on, in place of steps",
            "budget.multiplyAdds": "what training executes, such as 2T",
            "budget.minutes": "minutes of training on the machine where the run begins",
            "optimizer": "how parameters follow gradients",
            "optimizer.name": "the update rule",
            "optimizer.rate": "greatest learning rate",
            "optimizer.weightDecay": "decay of weights",
            "optimizer.momentum": "momentum of sgd",
            "optimizer.nesterov": "sgd only: whether weights go where the velocity leads",
            "optimizer.schedule": "course of the rate after the warm-up",
            "optimizer.warmup": "steps in which the rate rises from 0, or a share of all below 1",
            "optimizer.clip": "greatest norm of the gradient; without it none",
            "sampler": "which subnets are trained in a step",
            "distillation": "soft labels from a teacher; without it labels alone",
            "distillation.teacher": "which network teaches",
            "distillation.start": "share of the steps before it starts",
            "distillation.weight": "share of the soft loss",
            "distillation.temperature": "softening of both distributions",
            "labelSmoothing": "probability mass spread over all classes",
            "dropout": "probability of dropping a value",
            "checkpointEvery": "steps between checkpoints",
            "keep": "steps whose checkpoints stay",
            "keep[]": "a step",
            "start": "a checkpoint or a network file whose weights training begins with",
            "recordEvery": "steps between records of the loss and the learning rate; the result does not depend on it",
        ])
        let extent = TrainExtent(reader)
        // As long as nobody knows how many, what follows from them is read as for the most there may be.
        let steps = extent.steps ?? TrainExtent.most
        self.steps = extent.steps ?? (extent.budget == nil ? 1 : 0)
        budget = extent.budget
        (batch, shards) = Self.batch(reader)
        optimizer = Self.optimizer(reader.section("optimizer"), steps: steps)
        sampler = SamplerChoice(reader.section("sampler"), .init(steps: steps, batch: batch))
        let hasDistillation = reader.has("distillation")
        let distillation = Self.distillation(reader.section("distillation"))
        self.distillation = hasDistillation ? distillation : nil
        labelSmoothing = reader.number("labelSmoothing", default: 0, in: 0...0.99)
        dropout = reader.number("dropout", default: 0, in: 0...0.99)
        checkpointEvery = reader.integer("checkpointEvery", default: 500, in: 1...1_000_000_000)
        keep = Self.kept(reader, steps: steps)
        start = reader.optional("start") { reader.text("start", expected: "the path of a checkpoint or a network") }
        recordEvery = reader.integer(
            "recordEvery", default: Self.usualRecordEvery(steps), in: 1...1_000_000_000)
        // Known here, too: with it the section is another.
        _ = reader.node("worker", isRequired: false, expected: "the name of a command")
        reader.finish()
        given = given(reader)
    }

    /// Steps between records of which so many steps have at most 2,000.
    static func usualRecordEvery(_ steps: Int) -> Int { (steps - 1) / 2000 + 1 }

    /// The training of one network alone.
    init(
        alone steps: Int, batch: Int, shards: Int, optimizer: Optimizer, distillation: Distillation?,
        labelSmoothing: Double, dropout: Double, checkpointEvery: Int
    ) {
        self.steps = steps
        self.batch = batch
        self.shards = shards
        self.optimizer = optimizer
        sampler = .alone
        self.distillation = distillation
        self.labelSmoothing = labelSmoothing
        self.dropout = dropout
        self.checkpointEvery = checkpointEvery
        keep = []
        recordEvery = 1
    }

    /// The batch and the parts that it is cut into, of which none is empty.
    static func batch(_ reader: SectionReader, like usual: TrainSettings? = nil) -> (batch: Int, shards: Int) {
        reader.describe([
            "batch": "examples of a step",
            "shards": "parts that a batch is cut into, which the result depends on; at most the batch",
        ])
        let batch = reader.integer("batch", default: usual?.batch ?? 64, in: 1...1_000_000)
        let shards = reader.integer("shards", default: min(usual?.shards ?? 8, batch), in: 1...1024)
        if shards > batch { reader.report("expected at most batch \(batch), found '\(shards)'", key: "shards") }
        return (batch, shards)
    }

    static func kept(_ reader: SectionReader, steps: Int) -> [Int] {
        let expected = "a list of steps"
        reader.collector.note(reader.path("keep[]"), .integer(1...Int.max))
        var kept: [Int] = []
        for item in reader.list("keep", isRequired: false, expected: expected) {
            guard case .scalar(let text, true) = item.content, let step = Int(text), step >= 1 else {
                reader.collector.report(
                    "expected a step, found \(item.kindText)", at: item.position, path: reader.path("keep"))
                continue
            }
            if step > steps {
                reader.collector.report(
                    "expected at most the \(steps) steps of training, found '\(step)'", at: item.position,
                    path: reader.path("keep"))
            }
            kept.append(step)
        }
        return Set(kept).sorted()
    }

    /// What a file says beside steps and budget, without what a change of the sampler's kind left behind.
    private func given(_ reader: SectionReader) -> Given {
        let ofSampler = Set((["kind"] + sampler.settings.resolvedKeys.map(\.key)).map { "sampler.\($0)" })
        return Given(
            entries: reader.entries(except: ["steps", "budget"])
                .filter { !$0.path.hasPrefix("sampler.") || ofSampler.contains($0.path) })
    }

    private static func optimizer(_ reader: SectionReader, steps: Int) -> Optimizer {
        let name: Optimizer.Name = reader.word("name", default: .adamw, standIn: .adamw)
        let optimizer = Optimizer(
            name: name,
            rate: reader.number("rate", default: 0.001, in: 0...1000, excludingLowest: true),
            weightDecay: reader.number("weightDecay", default: 0.05, in: 0...1000),
            momentum: reader.number("momentum", default: 0.9, in: 0...1),
            isNesterov: reader.nesterov(default: false, with: name),
            schedule: reader.word("schedule", default: .cosine, standIn: .cosine),
            warmup: reader.warmup(default: Optimizer.usualWarmup, of: steps),
            clip: reader.has("clip") ? reader.number("clip", in: 0...1e6, excludingLowest: true) : nil)
        // An optional key is known even where it is absent.
        _ = reader.node("clip", isRequired: false, expected: "a number")
        reader.finish()
        return optimizer
    }

    static func distillation(_ reader: SectionReader) -> Distillation {
        defer { reader.finish() }
        return Distillation(
            teacher: reader.word("teacher", default: .largest, standIn: .largest),
            start: reader.number("start", default: 0, in: 0...1),
            weight: reader.number("weight", default: 0.5, in: 0...1),
            temperature: reader.number("temperature", default: 1, in: 0...100, excludingLowest: true))
    }

    /// The same training with the steps of a budget forgotten.
    var withOpenBudget: TrainSettings {
        var open = self
        if budget != nil { open.steps = 0 }
        return open
    }

    /// The same recipe for one network alone, which has neither a sampler nor a teacher.
    public var alone: TrainSettings {
        var settings = self
        settings.sampler = .alone
        settings.distillation = nil
        (settings.keep, settings.start) = ([], nil)
        (settings.budget, settings.given) = (nil, Given())
        return settings
    }

    /// The recipe for going on with trained weights: a constant share of the greatest rate, no warm-up.
    public func continued(steps: Int, rateShare: Double) -> TrainSettings {
        var settings = alone
        settings.steps = steps
        settings.optimizer = Optimizer(
            name: optimizer.name, rate: optimizer.rate * rateShare, weightDecay: optimizer.weightDecay,
            momentum: optimizer.momentum, isNesterov: optimizer.isNesterov, schedule: .constant, warmup: 0,
            clip: optimizer.clip)
        return settings
    }

    /// The section as a run file has it, every default filled.
    package var resolvedYAML: String {
        var resolved = ResolvedEntries()
        resolve(into: &resolved)
        return resolved.yaml
    }

    func resolve(into resolved: inout ResolvedEntries) {
        if budget == nil || steps > 0 { resolved.add("train.steps", steps) }
        budget?.resolve(into: &resolved, below: "train")
        if budget != nil, steps == 0 {
            // Defaults that follow from the steps are nobody's to know yet.
            for entry in given.entries { resolved.add("train.\(entry.path)", plain: entry.value) }
            return
        }
        resolved.add("train.batch", batch)
        resolved.add("train.shards", shards)
        resolved.add("train.optimizer.name", plain: optimizer.name.rawValue)
        optimizer.resolve(into: &resolved, below: "train.optimizer")
        sampler.resolve(into: &resolved)
        distillation?.resolve(into: &resolved)
        resolved.add("train.labelSmoothing", labelSmoothing)
        resolved.add("train.dropout", dropout)
        resolved.add("train.checkpointEvery", checkpointEvery)
        if let start { resolved.add("train.start", quoted: start) }
        if !keep.isEmpty { resolved.add("train.keep", list: keep) }
        resolved.add("train.recordEvery", recordEvery)
    }
}
