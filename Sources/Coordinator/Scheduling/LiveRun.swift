internal import CSystemCalls
internal import SearchSpaces
internal import Store
internal import Synchronization

/// How far a computing run is; what the store does not know between its writes.
public struct LiveProgress: Sendable, Hashable {
    /// Training steps done.
    public var step = 0
    /// Training steps in all; 0 where none are trained.
    public var steps = 0
    /// The loss of the last step.
    public var loss: Double?
    /// Training steps a second up to the last record; nil before the first of this start.
    public var stepsPerSecond: Double?
    /// The round that was last measured.
    public var round: Int?
    /// Rounds in all.
    public var rounds = 0
    /// The best feasible value of the first objective in that round; nil while there is none.
    public var best: Double?
    /// Evaluations of that round.
    public var evaluations = 0
    /// Worker threads.
    public var workers = 0
    /// Estimated seconds to the end; nil before anything was done.
    public var secondsLeft: Double?

    /// Before anything was done.
    package init() {}
}

/// A run that a slot of this process has: how it is asked to stop, and how far it is.
final class LiveRun: Sendable {
    let control: RunControl
    /// The number of the slot that computes it.
    let slot: Int
    /// Where faults of this process are noted for the run; -1 where they are not.
    let faultPlace: Int32

    private struct State {
        var progress = LiveProgress()
        var work: RunWork?
        var start: (time: ContinuousClock.Instant, done: Double)?
        var hasWorked = false
        /// Records of training, among them all that are not written yet.
        var records: [TrainingRecord] = []
    }
    private let state = Mutex(State())

    /// - Parameter beat: Called whenever the run's coordinator looks whether it is asked to stop.
    init(_ run: RunID, slot: Int, beat: (@Sendable () -> Void)? = nil) {
        self.slot = slot
        control = RunControl(look: beat)
        faultPlace = nasd_begin_run(run.text)
    }

    deinit { nasd_end_run(faultPlace) }

    var progress: LiveProgress { state.withLock { $0.progress } }

    /// Records of training in order, among them all that are not written yet.
    var records: [TrainingRecord] { state.withLock { $0.records } }

    /// Whether a step, an evaluation or a validation was done.
    var hasWorked: Bool { state.withLock { $0.hasWorked } }

    /// The calling thread works for the run: a fault of it is a fault under the run.
    @Sendable func enterThread() { nasd_enter_run(faultPlace) }

    /// The calling thread works for no run any more.
    static func leaveThread() { nasd_enter_run(-1) }

    func begin(_ inputs: RunInputs, workers: Int) {
        // Whoever asks how far runs are waits for the lock, and counting a space takes long.
        let work = RunWork(inputs)
        state.withLock {
            $0.work = work
            $0.progress.workers = workers
            $0.progress.steps = work.steps
            $0.progress.rounds = work.plan.evaluations > 0 ? work.plan.last + 1 : 0
        }
    }

    func take(_ progress: RunProgress) {
        state.withLock { state in
            switch progress {
            case .recovered(let step):
                state.progress.step = step
                state.records.removeAll { $0.step > step }
            case .recorded(let record):
                // As many as can wait to be written: what came before them is written.
                if state.records.count == 2 * TrainingRecorder.most {
                    state.records.removeFirst(TrainingRecorder.most)
                }
                state.records.append(record)
                state.progress.stepsPerSecond = record.stepsPerSecond
                return
            case .trained(let step, _, let loss):
                state.progress.step = step
                state.progress.loss = loss
                state.hasWorked = true
            case .searched(let round, let evaluations, _, let best):
                state.progress.round = round
                state.progress.evaluations = evaluations
                state.progress.best = best
                state.hasWorked = true
            case .validated, .finalist:
                state.hasWorked = true
                return
            case .notice, .warning, .state, .executed: return
            }
            nasd_note_step(faultPlace, state.progress.step)
            guard let work = state.work else { return }
            let earlier = work.plan.earlierEvaluations(of: state.progress.round ?? 0)
            let done = work.done(
                steps: state.progress.step, evaluations: earlier.plus(state.progress.evaluations))
            let now = ContinuousClock.now
            guard let start = state.start else {
                state.start = (now, done)
                return
            }
            let seconds = (now - start.time) / .seconds(1)
            if done > start.done { state.progress.secondsLeft = (work.total - done) * seconds / (done - start.done) }
        }
    }
}

/// Memory that is spoken for, by whom, within a limit for all together.
struct MemoryLedger {
    /// The limit, in bytes.
    let limit: Int
    private var held: [Int: Int] = [:]
    private var next = 0

    init(limit: Int) { self.limit = limit }

    /// Bytes that are spoken for: what every holder takes besides the program itself, and the program once.
    private var total: Int { held.values.reduce(MemoryEstimate.baseBytes) { $0.plus($1 - MemoryEstimate.baseBytes) } }

    /// Bytes that are not spoken for.
    var free: Int { max(0, limit - total) }

    /// Whether nobody holds anything.
    var isEmpty: Bool { held.isEmpty }

    /// Takes an estimate into account; nil where it does not fit beside the others.
    mutating func take(_ bytes: Int) -> Int? {
        guard bytes <= limit, total.plus(bytes - MemoryEstimate.baseBytes) <= limit else { return nil }
        next += 1
        held[next] = bytes
        return next
    }

    /// Gives back what was taken.
    mutating func release(_ ticket: Int) { held[ticket] = nil }
}
