internal import API
internal import ArgumentParser

/// The state that somebody waits for.
struct RunGoal: Equatable {
    /// The states of a run.
    enum State: String, CaseIterable, ExpressibleByArgument {
        case queued, preparing, training, searching, validating, paused, completed, failed, cancelled
    }

    /// How far a run is.
    enum Outcome: Equatable {
        /// There, or past it.
        case reached
        /// Not yet.
        case open
        /// Never again; whether the run ended failed or cancelled.
        case missed(isFailure: Bool)
    }

    /// What is waited for; nil for the end, which only `completed` is a good one.
    let state: State?

    /// Whether a run has come so far. States that a run goes through count when it is past them, as it may be between two
    /// looks.
    func outcome(_ run: RunItem) -> Outcome {
        guard let now = State(rawValue: run.state) else { return .open }
        let goal = state ?? .completed
        if now == goal { return .reached }
        switch now {
        case .failed, .cancelled: return .missed(isFailure: true)
        case _ where Self.hasPassed(goal, run, now): return .reached
        case .completed: return .missed(isFailure: false)
        default: return .open
        }
    }

    private static func hasPassed(_ goal: State, _ run: RunItem, _ now: State) -> Bool {
        switch goal {
        case .queued: return true
        case .preparing: return run.step > 0 || isPast(now, 1)
        // Training goes on between two rounds.
        case .training: return run.step > 0 || isPast(now, 2)
        case .searching: return run.round != nil || isPast(now, 3)
        case .validating: return now == .completed
        case .paused, .completed, .failed, .cancelled: return false
        }
    }

    private static func isPast(_ state: State, _ rank: Int) -> Bool {
        let ranks: [State: Int] = [
            .queued: 0, .preparing: 1, .training: 2, .searching: 3, .validating: 4, .completed: 5,
        ]
        return (ranks[state] ?? -1) > rank
    }
}

extension Failure {
    /// A run ended and somebody waited for something else.
    init(ended run: RunItem, insteadOf goal: RunGoal) {
        let reason = run.failure.map { ": \($0)" } ?? ""
        if run.state == "completed" {
            self.init(
                code: .conflict,
                message: "error: run \(run.id) is completed and will not be \(goal.state?.rawValue ?? "that") any more")
        } else {
            self.init(
                code: .runFailed,
                message:
                    "error: run \(run.id) (\(run.name)) \(run.state == "failed" ? "failed" : "was \(run.state)")\(reason)"
            )
        }
    }
}
