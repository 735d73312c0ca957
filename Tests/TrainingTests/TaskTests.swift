import Datasets
import SearchSpaces
import Supernets
import TestSupport
import Testing

@testable import Runs
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
        #expect(task.values(of: Tally(examples: 4, loss: .nan, sums: whole.sums))[.rmse]?.isNaN == true)
    }

    /// Targets that are all alike leave nothing to tell: 1 when told exactly, else 0.
    @Test func constantTargets() throws {
        let task = RegressionTask(targets: try Normalization(mean: [0], deviation: [1]))
        // Sums of targets, of their squares, of squared and of absolute errors.
        #expect(task.values(of: Tally(examples: 3, sums: [3, 3, 0, 0]))[.r2] == 1)
        #expect(task.values(of: Tally(examples: 3, sums: [3, 3, 0.5, 0.5]))[.r2] == 0)
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
        let task = ClassificationTask()
        #expect(task.values(of: Tally(examples: 8, loss: 4, sums: [6])) == [.accuracy: 0.75, .loss: 0.5])
        #expect(task.values(of: Tally(examples: 8, loss: .infinity, sums: [6]))[.accuracy]?.isNaN == true)
        #expect(task.hits(of: Tally(examples: 8, loss: 4, sums: [6])) == 6 && task.hits(of: Tally()) == 0)
    }

    /// Every task of run files has its room, and measures what it declares.
    @Test func everyKindHasItsTask() throws {
        let goals = [DataGoal.classes(3), .numbers(try Normalization(mean: [0], deviation: [1]))]
        for kind in TaskKind.all {
            let tasks = goals.compactMap { try? LearningTasks.task(kind, over: $0) }
            #expect(tasks.map(\.kind) == [kind], "a task is over one kind of target")
            for task in tasks {
                #expect(Set(task.values(of: Tally(examples: 1)).keys) == Set(kind.metrics))
                let isSaid = task.hits(of: Tally()) != nil
                #expect(isSaid == (kind == .classification))
            }
        }
        #expect(
            throws: TrainingError.dataMismatch(
                what: "target", expected: "one for the task regression", found: "3 classes")
        ) { try LearningTasks.task(.regression, over: goals[0]) }
        #expect(throws: TrainingError.noTask(kind: nil)) { try LearningTasks.task(nil, over: goals[0]) }
    }

    /// Sums of any length add up; those of no examples are 0.
    @Test func talliesAddUp() {
        let one = Tally(examples: 2, loss: 1, sums: [1, 2, 3]),
            other = Tally(examples: 3, loss: 0.5, sums: [10, 20, 30])
        #expect(one + other == Tally(examples: 5, loss: 1.5, sums: [11, 22, 33]))
        #expect(Tally() + one == one && one + Tally() == one)
        #expect([one, other].reduce(into: Tally(), +=) == one + other)
    }

    /// A task that this program does not know, over the classes that another task is over too: its own sums reach its own
    /// metrics through training and evaluation.
    @Test func anotherTaskOverTheSameTargets() throws {
        let scene = try Scene("optimizer: {rate: 0.003}")
        func trained(_ task: any LearningTask) throws -> (bits: [UInt32], Evaluation) {
            let kernels = try Kernels(), pool = try WorkerPool(count: 2)
            let trainer = try Trainer(
                supernet: scene.space.supernet(), task: task, settings: scene.settings,
                source: try scene.dataset.batches(of: scene.settings.batch, seed: scene.seed), seed: scene.seed,
                pool: pool, kernels: kernels)
            for _ in 0..<10 { _ = try trainer.trainStep() }
            let evaluator = Evaluator(supernet: trainer.supernet, task: task, pool: pool, kernels: kernels)
            let evaluations = try evaluator.measure(
                [scene.space.largest], values: trainer.values, on: scene.dataset.trainingExamples,
                indices: scene.dataset.split.validation)
            return (trainer.bits, try #require(evaluations?.first))
        }
        let usual = try trained(ClassificationTask()), other = try trained(MissesTask())
        #expect(usual.bits == other.bits)
        #expect((100 - other.1[MissesTask.misses]) / 100 == usual.1[.accuracy] && other.1[MissesTask.seen] == 100)
        #expect(other.1[.loss] == usual.1[.loss] && other.1[.accuracy].isNaN)
    }
}

/// Classes by cross-entropy, measured by how often they are not told.
private struct MissesTask: LearningTask {
    static let misses = Metric(name: "misses", kind: .quality, goal: .minimize, range: 0...1e9)
    static let seen = Metric(name: "seen", kind: .quality, goal: .maximize, range: 0...1e9)

    private let classification = ClassificationTask()
    let kind = TaskKind(
        name: "misses", metrics: [misses, seen, .loss], worstLoss: { Double($0) }, answers: { _ in true })

    init() {}
    init?(_ goal: DataGoal) {}

    func loss(
        of outputs: MatrixView, on batch: TrainingBatch, examples: Range<Int>, teaching: Teaching, teacher: MatrixView?,
        gradient: MatrixView?, gradientScale: Float, with backend: any Backend
    ) -> Tally {
        var tally = classification.loss(
            of: outputs, on: batch, examples: examples, teaching: teaching, teacher: teacher, gradient: gradient,
            gradientScale: gradientScale, with: backend)
        if let hits = tally.sums.first { tally.sums = [Double(examples.count) - hits, Double(examples.count)] }
        return tally
    }

    func values(of tally: Tally) -> [Metric: Double] {
        [Self.misses: tally.sums[0], Self.seen: tally.sums[1], .loss: tally.loss / Double(tally.examples)]
    }
}
