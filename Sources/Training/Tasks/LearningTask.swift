public import Datasets
public import Runs
public import SearchSpaces
public import Tensors

/// What is learned: the loss of a network's outputs, and how well it does.
///
/// Passes, trainer and evaluation know no images and no classes: they hand outputs and examples to the task, and add up what
/// it tells.
public protocol LearningTask: Sendable {
    /// The kind, with the metrics that it is measured by.
    var kind: TaskKind { get }

    /// What some examples of a batch add up to; the gradient of their loss too where it is wanted.
    ///
    /// Shapes: outputs, teacher and gradient (examples, outputs). The gradient is multiplied by `gradientScale`: 1 / batch
    /// gives the gradient of the mean over all shards.
    ///
    /// - Parameters:
    ///   - examples: Places in the batch.
    ///   - teaching: How the targets are softened.
    ///   - teacher: Outputs of the teacher, where it has a weight.
    func loss(
        of outputs: MatrixView, on batch: TrainingBatch, examples: Range<Int>, teaching: Teaching, teacher: MatrixView?,
        gradient: MatrixView?, gradientScale: Float, with backend: any Backend
    ) -> Tally

    /// The metrics of the kind, from what examples add up to without a gradient; none of them need be finite.
    func values(of tally: Tally) -> [Metric: Double]

    /// How many of the examples are answered rightly; nil where an answer is neither right nor wrong.
    func hits(of tally: Tally) -> Double?

    /// By how much each of the examples is answered wrongly, below 0 where it is answered rightly; nil where an answer is neither.
    ///
    /// What is above ``Shortfall/certain`` is wrong whatever examples stand around it in a batch, which may round otherwise, and costs
    /// the metric `TaskKind.counted` its share.
    func shortfalls(
        of outputs: MatrixView, on batch: TrainingBatch, examples: Range<Int>, with backend: any Backend
    ) -> [Float]?

    /// The task of data; nil where these ask something else of a network.
    init?(_ goal: DataGoal)
}

extension LearningTask {
    public func hits(of tally: Tally) -> Double? { nil }

    public func shortfalls(
        of outputs: MatrixView, on batch: TrainingBatch, examples: Range<Int>, with backend: any Backend
    ) -> [Float]? { nil }
}

/// How wrong answers are.
public enum Shortfall {
    /// Above it an answer is wrong for certain: a thousandth of the greatest output, far beyond what rounding may change.
    public static let certain: Float = 0.001
}

/// How a pass is taught: what stands beside the targets of its examples.
public struct Teaching: Sendable, Equatable {
    /// Probability mass spread over all classes, 0 to 1, for tasks that have classes.
    public let smoothing: Float
    /// Weight of the teacher's outputs, 0 (targets alone) to 1.
    public let softWeight: Float
    /// Softening of distributions, above 0, for tasks that have some.
    public let temperature: Float

    /// Creates a way of teaching; by default by the targets alone.
    public init(smoothing: Float = 0, softWeight: Float = 0, temperature: Float = 1) {
        self.smoothing = smoothing
        self.softWeight = softWeight
        self.temperature = temperature
    }
}

/// What examples add up to: the same whatever they are cut into, shards, chunks or machines.
public struct Tally: Sendable, Equatable {
    /// Examples.
    public var examples: Int
    /// Sum of their losses, not the mean.
    public var loss: Double
    /// What else the task adds up, in an order of its own; the same number of them for any examples, or none.
    ///
    /// None where a gradient is wanted: a step asks for the loss alone, and allocates nothing for its tallies.
    public var sums: [Double]

    /// Creates what examples add up to; by default of none.
    public init(examples: Int = 0, loss: Double = 0, sums: [Double] = []) {
        self.examples = examples
        self.loss = loss
        self.sums = sums
    }

    /// Adds other examples.
    public static func += (left: inout Tally, right: Tally) {
        left.examples += right.examples
        left.loss += right.loss
        guard !left.sums.isEmpty else {
            left.sums = right.sums
            return
        }
        for (place, sum) in right.sums.enumerated() { left.sums[place] += sum }
    }

    /// What two sets of examples add up to.
    public static func + (left: Tally, right: Tally) -> Tally {
        var sum = left
        sum += right
        return sum
    }
}

/// The tasks by their kinds.
public enum LearningTasks {
    /// A new one is a line here.
    private static let rooms: [TaskKind: any LearningTask.Type] = [
        .classification: ClassificationTask.self, .regression: RegressionTask.self,
    ]

    /// The task of a kind, over what data ask of a network.
    ///
    /// - Parameter kind: What is learned; nil where neither a run nor its space says.
    /// - Throws: `TrainingError.noTask` for a kind that has settings alone, and `dataMismatch` for data that ask something
    ///   else.
    public static func task(_ kind: TaskKind?, over goal: DataGoal) throws(TrainingError) -> any LearningTask {
        guard let kind, let room = rooms[kind] else { throw .noTask(kind: kind?.name) }
        guard let task = room.init(goal) else {
            throw .dataMismatch(what: "target", expected: "one for the task \(kind.name)", found: "\(goal)")
        }
        return task
    }
}
