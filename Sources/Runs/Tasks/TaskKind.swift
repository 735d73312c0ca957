public import SearchSpaces

/// What is learned, as run files name it: the answers that it is about, and the qualities that are measured.
///
/// What a task does with batches and outputs is its room in Training.
public struct TaskKind: Sendable, Hashable {
    /// The word in run files.
    public let name: String
    /// What is measured on data, the quality that picks the best first.
    public let metrics: [Metric]
    /// The metric that is 1 less the share of examples answered wrongly, so that every wrong answer is known to cost some of it; nil
    /// where answers are neither right nor wrong.
    public let counted: Metric?
    /// The loss that a front's volume counts as worst, of so many outputs.
    public let worstLoss: @Sendable (Int) -> Double
    /// Whether networks of a signature answer it.
    let answers: @Sendable (ExampleSignature.Output) -> Bool

    init(
        name: String, metrics: [Metric], counted: Metric? = nil, worstLoss: @escaping @Sendable (Int) -> Double,
        answers: @escaping @Sendable (ExampleSignature.Output) -> Bool
    ) {
        self.name = name
        self.metrics = metrics
        self.counted = counted
        self.worstLoss = worstLoss
        self.answers = answers
    }

    /// The quality that picks the best.
    public var mainMetric: Metric { metrics[0] }

    /// Whether the networks of a space answer it.
    public func fits(_ signature: ExampleSignature) -> Bool { answers(signature.output) }

    /// Whether it is about classes.
    var tellsClasses: Bool { answers(.classes(2)) }

    /// Checks that the losses that a training asks for are defined for its answers.
    ///
    /// - Throws: `RunError.unfitSetting`.
    public func check(_ train: TrainSettings) throws(RunError) {
        guard !tellsClasses else { return }
        let softening = train.distillation?.temperature ?? 1
        for (key, isSet) in [
            ("labelSmoothing", train.labelSmoothing > 0), ("distillation.temperature", softening != 1),
        ] where isSet {
            throw .unfitSetting(
                key: "train.\(key)", reason: "\(name) has no labels to soften", remedy: "leave it out")
        }
    }

    /// The tasks by their names: a new one is a file beside this and a word here.
    public static let all: [TaskKind] = [.classification, .regression]

    /// The task that a space is for; nil where its networks live elsewhere.
    public static func usual(for signature: ExampleSignature) -> TaskKind? { all.first { $0.fits(signature) } }

    public static func == (left: TaskKind, right: TaskKind) -> Bool { left.name == right.name }

    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension Metric {
    /// The mean loss of a task over the examples.
    public static let loss = Metric(
        name: "loss", kind: .quality, goal: .minimize, range: 0...Double.greatestFiniteMagnitude)
}
