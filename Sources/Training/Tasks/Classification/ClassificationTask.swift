public import Datasets
public import Runs
public import SearchSpaces
public import Tensors

/// Telling classes apart: softmax cross-entropy against labels.
///
/// Beside the loss its tallies have one sum: how many examples are answered rightly.
public struct ClassificationTask: LearningTask {
    /// Creates the task.
    public init() {}

    public init?(_ goal: DataGoal) {
        guard case .classes = goal else { return nil }
    }

    public var kind: TaskKind { .classification }

    public func loss(
        of outputs: MatrixView, on batch: TrainingBatch, examples: Range<Int>, teaching: Teaching, teacher: MatrixView?,
        gradient: MatrixView?, gradientScale: Float, with backend: any Backend
    ) -> Tally {
        let loss = CrossEntropy(
            smoothing: teaching.smoothing, softWeight: teaching.softWeight, temperature: teaching.temperature)
        let sums = loss(
            on: backend, logits: outputs, labels: batch.labels(examples), mixed: batch.mixed(examples),
            teacher: teacher,
            gradient: gradient, gradientScale: gradientScale)
        return Tally(
            examples: examples.count, loss: sums.loss, sums: gradient == nil ? [Double(sums.correct)] : [])
    }

    /// The share of hits, and the mean loss.
    public func values(of tally: Tally) -> [Metric: Double] {
        let count = Double(tally.examples), loss = tally.loss / count
        // Logits that are not finite have no accuracy worth telling, though a count of hits exists.
        guard loss.isFinite, let hits = tally.sums.first else { return [.accuracy: .nan, .loss: loss] }
        return [.accuracy: hits / count, .loss: loss]
    }

    public func hits(of tally: Tally) -> Double? { tally.sums.first ?? 0 }

    public func shortfalls(
        of outputs: MatrixView, on batch: TrainingBatch, examples: Range<Int>, with backend: any Backend
    ) -> [Float]? { backend.shortfalls(logits: outputs, labels: batch.labels(examples)) }
}
