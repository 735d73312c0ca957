internal import API
internal import Coordinator
internal import Runs
internal import SearchSpaces
internal import Store

/// A number about every run that computes now; a run that has come to rest has none.
struct RunFigures {
    let name: String
    let help: String
    /// One for each run that has the number already.
    private(set) var samples: [(labels: String, value: String)] = []

    /// The numbers of all runs that compute, of which there are no more than the daemon computes at a time.
    static func all(_ core: DaemonCore) throws -> [RunFigures] {
        var (steps, losses) = (
            RunFigures(name: "run_step", help: "Training steps done."),
            RunFigures(name: "run_loss", help: "The loss of the last training step.")
        )
        var speeds = RunFigures(name: "run_steps_per_second", help: "Training steps a second, searching left out.")
        var evaluations = RunFigures(name: "run_evaluations", help: "Evaluations of the newest round.")
        var bests = RunFigures(
            name: "run_best", help: "The best candidate's value of the first objective, such as its accuracy.")
        let view = try RunView(core)
        for (id, progress) in core.scheduler.progress.sorted(by: { $0.key.text < $1.key.text }) {
            // Deleted or at rest since the scheduler was asked.
            guard let status = try? core.store.status(of: id), status.run.state.isLive else { continue }
            let item = view.item(status)
            steps.add(id, "\(item.step)")
            losses.add(id, item.loss)
            speeds.add(id, progress.stepsPerSecond)
            evaluations.add(id, "\(item.evaluations)")
            bests.add(id, best(of: id, core))
        }
        return [steps, losses, speeds, evaluations, bests]
    }

    /// The best candidate's value of the first objective; nil while there is none, or where the run cannot be read.
    private static func best(of id: RunID, _ core: DaemonCore) -> Double? {
        guard let run = try? core.store.run(id), let specification = try? core.specifications.specification(of: run),
            let objective = specification.objectives.first
        else { return nil }
        return (try? FrontView(core: core).best(of: run, specification))?.result.value(of: objective.metric)
    }

    private mutating func add(_ run: RunID, _ value: Double?) {
        if let value, value.isFinite { add(run, "\(value)") }
    }

    private mutating func add(_ run: RunID, _ value: String) {
        samples.append(("{run=\"\(run.text)\"}", value))
    }
}
