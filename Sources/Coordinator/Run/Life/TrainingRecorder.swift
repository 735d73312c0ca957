internal import Store
internal import Training

/// Gathers a record of every n-th training step, until a commit that is made anyway takes them along.
///
/// What a kill loses is made again, since the steps are done again.
struct TrainingRecorder {
    /// Records that are gathered at most, for runs with more of them between two checkpoints.
    static let most = 4096

    /// Records that are not written yet, in order.
    private(set) var unwritten: [TrainingRecord] = []

    private let interval: Int
    private let elapsedBefore: Double
    private let begin = ContinuousClock.now
    /// Steps since the last record, and the time that they took.
    private var steps = 0
    private var duration = Duration.zero

    /// Begins to record.
    ///
    /// - Parameters:
    ///   - interval: Steps between two records.
    ///   - elapsedSeconds: What the run has computed before.
    init(every interval: Int, elapsedSeconds: Double) {
        self.interval = interval
        elapsedBefore = elapsedSeconds
    }

    /// Whether the records must be written before there are more.
    var isFull: Bool { unwritten.count >= Self.most }

    /// Takes note of a step that was done.
    ///
    /// - Parameters:
    ///   - step: Steps done.
    ///   - start: When the step began.
    /// - Returns: The record of the step, where it has one.
    mutating func note(_ result: StepResult, step: Int, from start: ContinuousClock.Instant) -> TrainingRecord? {
        let now = ContinuousClock.now
        steps += 1
        duration += now - start
        guard step % interval == 0 else { return nil }
        let seconds = duration / .seconds(1)
        let record = TrainingRecord(
            step: step, loss: result.loss, learningRate: result.learningRate,
            stepsPerSecond: seconds > 0 ? Double(steps) / seconds : 0,
            elapsedSeconds: elapsedBefore + (now - begin) / .seconds(1))
        unwritten.append(record)
        (steps, duration) = (0, .zero)
        return record
    }

    /// The records are written, or training went back behind them.
    mutating func clear() { unwritten.removeAll(keepingCapacity: true) }
}
