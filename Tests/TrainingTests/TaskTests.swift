import Datasets
import Runs
import SearchSpaces
import TestSupport
import Testing

@testable import Tensors
@testable import Training

@Suite struct TaskTests {
    /// Two outputs over four examples, in normalised units: differences 1, -1, 0, 2 and 0, 0, 1, 1.
    @Test func errorsOfNumbers() throws {
        let backend = try Kernels()
        let batch = TrainingBatch(count: 4, shape: ExampleShape(inputs: 1, targets: 2), backend: backend)
        let targets: [[Float]] = [[0, 1], [1, -1], [2, 0], [-1, 0]]
        let room = batch.targets(0..<4)
        for (index, value) in targets.joined().enumerated() { room.base[index] = value }
        let outputs = FloatBuffer(count: 8)
        for (row, values) in [[1, 1], [0, -1], [2, 1], [1, 1]].enumerated() {
            for (column, value) in values.enumerated() { outputs.base[row * 2 + column] = Float(value) }
        }
        let task = RegressionTask(targets: try Normalization(mean: [10, 20], deviation: [2, 0.5]))
        func tally(_ range: Range<Int>) -> Tally {
            task.loss(
                of: outputs.matrix(offset: range.lowerBound * 2, rows: range.count, columns: 2), on: batch,
                examples: range, teaching: Teaching(), teacher: nil, gradient: nil, gradientScale: 1, with: backend)
        }
        let whole = tally(0..<4)
        #expect(whole == tally(0..<1) + tally(1..<4) && whole.examples == 4)
        // Squares 1, 1, 0, 4 and 0, 0, 1, 1, of which each example has the mean over its outputs.
        #expect(whole.loss == 4)
        let values = task.values(of: whole)
        #expect(values[.loss] == 1)
        // Mean squares 1.5 and 0.5 in units of 4 and 0.25; targets 0, 1, 2, -1 spread 5 around 0.5, 1, -1, 0, 0 spread 2.
        let rmse: Double = 3.0625.squareRoot(), mae: Double = 1.125, r2: Double = -0.1
        for (metric, expected) in [(Metric.rmse, rmse), (.mae, mae), (.r2, r2)] {
            let value = try #require(values[metric])
            #expect(abs(value - expected) < 1e-12, "\(metric)")
        }
        #expect(task.values(of: Tally(examples: 4, loss: .nan, errors: whole.errors))[.rmse]?.isNaN == true)
    }

    /// Targets that are all alike leave nothing to tell: 1 when told exactly, else 0.
    @Test func constantTargets() throws {
        let task = RegressionTask(targets: try Normalization(mean: [0], deviation: [1]))
        var errors = ErrorSums()
        (errors.target, errors.targetSquares) = (3, 3)
        #expect(task.values(of: Tally(examples: 3, errors: [errors]))[.r2] == 1)
        errors.squares = 0.5
        #expect(task.values(of: Tally(examples: 3, errors: [errors]))[.r2] == 0)
    }

    /// A loss and its gradient against differences, with a teacher and without.
    @Test(arguments: [Float(0), 0.25, 1]) func gradientsOfSquaredErrors(soft: Float) throws {
        let backend = try Kernels()
        var random = SeededGenerator(5)
        func matrix() -> FloatBuffer {
            let buffer = FloatBuffer(count: 12)
            for index in 0..<12 { buffer.base[index] = Float.random(in: -1...1, using: &random) }
            return buffer
        }
        let outputs = matrix(), targets = matrix(), teacher = matrix(), gradient = FloatBuffer(count: 12)
        func view(_ buffer: FloatBuffer) -> MatrixView { buffer.matrix(rows: 4, columns: 3) }
        func loss() -> Double {
            SquaredError(softWeight: soft)(
                on: backend, outputs: view(outputs), targets: view(targets), teacher: view(teacher),
                gradient: view(gradient), gradientScale: 1)
        }
        _ = loss()
        let slopes = Array(gradient.values)
        for index in 0..<12 {
            let kept = outputs.base[index]
            outputs.base[index] = kept + 1e-2
            let up = loss()
            outputs.base[index] = kept - 1e-2
            let down = loss()
            outputs.base[index] = kept
            #expect(abs((up - down) / 2e-2 - Double(slopes[index])) < 1e-4)
        }
    }

    /// The share of hits and the mean loss; what is not finite has no accuracy.
    @Test func hitsAreTheAccuracy() {
        let values = ClassificationTask().values(of: Tally(examples: 8, loss: 4, hits: 6))
        #expect(values == [.accuracy: 0.75, .loss: 0.5])
        #expect(ClassificationTask().values(of: Tally(examples: 8, loss: .infinity, hits: 6))[.accuracy]?.isNaN == true)
    }

    /// Every task of run files has its room, and measures what it declares.
    @Test func everyKindHasItsTask() throws {
        let tasks = [
            LearningTasks.task(.classes(3)), LearningTasks.task(.numbers(try Normalization(mean: [0], deviation: [1]))),
        ]
        #expect(Set(tasks.map(\.kind)) == Set(TaskKind.all))
        for task in tasks {
            let errors = [ErrorSums()]
            #expect(Set(task.values(of: Tally(examples: 1, errors: errors)).keys) == Set(task.kind.metrics))
        }
    }
}
