public import Datasets
internal import Foundation
public import Runs
public import SearchSpaces
public import Tensors

/// Telling numbers: the mean squared error of normalised targets.
///
/// With e_o the difference at output o in normalised units, d_o the deviation of its target in the training part, n examples
/// and m outputs:
///
///     loss = 1/m sum_o mean e_o^2        rmse = sqrt(1/m sum_o d_o^2 mean e_o^2)      mae = 1/m sum_o d_o mean |e_o|
///     r2 = 1/m sum_o (1 - sum e_o^2 / (sum t_o^2 - (sum t_o)^2 / n))
///
/// where an output whose targets are all alike counts 1 when it is told exactly, and else 0. Beside the loss its tallies
/// have four sums for each output: sum t_o, sum t_o^2, sum e_o^2 and sum |e_o|.
public struct RegressionTask: LearningTask {
    /// How targets were normalised.
    public let targets: Normalization

    /// Creates the task of data.
    public init(targets: Normalization) { self.targets = targets }

    public init?(_ goal: DataGoal) {
        guard case .numbers(let targets) = goal else { return nil }
        self.init(targets: targets)
    }

    public var kind: TaskKind { .regression }

    public func loss(
        of outputs: MatrixView, on batch: TrainingBatch, examples: Range<Int>, teaching: Teaching, teacher: MatrixView?,
        gradient: MatrixView?, gradientScale: Float, with backend: any Backend
    ) -> Tally {
        let wanted = batch.targets(examples)
        let loss = SquaredError(softWeight: teaching.softWeight)(
            on: backend, outputs: outputs, targets: wanted, teacher: teacher, gradient: gradient,
            gradientScale: gradientScale)
        return Tally(
            examples: examples.count, loss: loss,
            sums: gradient == nil ? backend.errorSums(outputs: outputs, targets: wanted).flatMap(\.numbers) : [])
    }

    public func values(of tally: Tally) -> [Metric: Double] {
        let count = Double(tally.examples), loss = tally.loss / count
        guard loss.isFinite, tally.sums.count == 4 * targets.deviation.count else {
            return [.rmse: .nan, .loss: loss, .r2: .nan, .mae: .nan]
        }
        let share = 1 / Double(targets.deviation.count)
        var squares = 0.0, absolutes = 0.0, told = 0.0
        for (output, deviation) in targets.deviation.enumerated() {
            let errors = ErrorSums(tally.sums[4 * output..<4 * output + 4]), unit = Double(deviation)
            squares += share * unit * unit * errors.squares / count
            absolutes += share * unit * errors.absolutes / count
            let spread = errors.targetSquares - errors.target * errors.target / count
            told +=
                share
                * (spread > 1e-12 * errors.targetSquares ? 1 - errors.squares / spread : errors.squares == 0 ? 1 : 0)
        }
        return [.rmse: squares.squareRoot(), .loss: loss, .r2: told, .mae: absolutes]
    }
}

extension ErrorSums {
    /// In the order in which a tally has them.
    fileprivate var numbers: [Double] { [target, targetSquares, squares, absolutes] }

    fileprivate init(_ numbers: ArraySlice<Double>) {
        self.init()
        let first = numbers.startIndex
        (target, targetSquares) = (numbers[first], numbers[first + 1])
        (squares, absolutes) = (numbers[first + 2], numbers[first + 3])
    }
}
