internal import Synchronization

/// A run that computes in this process: how it is asked to stop, and how far it is.
final class LiveRun: Sendable {
    let control = RunControl()
    private let state = Mutex<
        (progress: LiveProgress, work: RunWork?, start: (time: ContinuousClock.Instant, done: Double)?)
    >(
        (LiveProgress(), nil, nil))

    var progress: LiveProgress { state.withLock { $0.progress } }

    func begin(_ inputs: RunInputs, workers: Int) {
        state.withLock {
            $0.work = RunWork(inputs)
            $0.progress.workers = workers
        }
    }

    func take(_ progress: RunProgress) {
        state.withLock { state in
            switch progress {
            case .recovered(let step): state.progress.step = step
            case .trained(let step, _, let loss):
                state.progress.step = step
                state.progress.loss = loss
            case .searched(let round, let evaluations, _, _):
                state.progress.round = round
                state.progress.evaluations = evaluations
            case .notice, .state, .validated: return
            }
            guard let work = state.work else { return }
            let round = state.progress.round
            let earlier = (0..<(round ?? 0)).reduce(0) { $0 + work.plan.evaluations(of: $1) }
            let done = work.done(steps: state.progress.step, evaluations: earlier + state.progress.evaluations)
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
