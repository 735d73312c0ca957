internal import API

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
