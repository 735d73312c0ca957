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

    /// The metrics of the kind, from what examples add up to; none of them need be finite.
    func values(of tally: Tally) -> [Metric: Double]
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
    /// How many of them are answered rightly, for tasks where an answer is right or wrong.
    public var hits: Int
    /// The errors of each output, for tasks whose outputs are numbers.
    public var errors: [ErrorSums]

    /// Creates what examples add up to; by default of none.
    public init(examples: Int = 0, loss: Double = 0, hits: Int = 0, errors: [ErrorSums] = []) {
        self.examples = examples
        self.loss = loss
        self.hits = hits
        self.errors = errors
    }

    /// What two sets of examples add up to.
    public static func + (left: Tally, right: Tally) -> Tally {
        Tally(
            examples: left.examples + right.examples, loss: left.loss + right.loss, hits: left.hits + right.hits,
            errors: left.errors.isEmpty
                ? right.errors : right.errors.isEmpty ? left.errors : zip(left.errors, right.errors).map(+))
    }
}

/// The tasks by their kinds: a new one is a line here.
public enum LearningTasks {
    /// The task of data.
    ///
    /// - Parameter targets: How targets that are numbers were normalised; nil for classes.
    public static func task(_ goal: DataGoal) -> any LearningTask {
        switch goal {
        case .classes: ClassificationTask()
        case .numbers(let targets): RegressionTask(targets: targets)
        }
    }
}
