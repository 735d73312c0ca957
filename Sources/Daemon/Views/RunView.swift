internal import API
internal import Coordinator
internal import Runs
internal import SearchSpaces
internal import Store

/// Rows of runs as wire types.
struct RunView {
    let core: DaemonCore
    private let positions: [RunID: Int]
    private let progress: [RunID: LiveProgress]

    /// Rounds that a run's document has, the newest.
    static let mostRounds = 1000

    /// Looks at queue and progress once, for all runs that are shown.
    init(_ core: DaemonCore) throws {
        self.core = core
        positions = try core.queue.positions()
        progress = core.scheduler.progress
    }

    /// A run as lists show it, from its row alone; of a run whose document nobody can read, what there is.
    func item(_ status: RunStatus) -> RunItem {
        let run = status.run
        // The scheduler still knows a run for a moment after it has come to rest.
        let live = run.state.isLive ? progress[run.id] : nil
        let plan = run.summary.map(RoundPlan.init)
        let round = max(status.round ?? -1, live?.round ?? -1)
        return RunItem(
            id: run.id.text, name: run.name, state: run.state.rawValue, desired: run.desired.rawValue,
            priority: run.priority, created: run.created.date, updated: run.updated.date,
            space: run.summary?.space ?? "",
            step: max(run.step, live?.step ?? 0), steps: run.summary?.steps ?? 0,
            loss: live?.loss.flatMap(Self.finite),
            round: round < 0 ? nil : round,
            evaluations: live?.round == round
                ? max(live?.evaluations ?? 0, status.round == round ? status.evaluations : 0)
                : status.evaluations,
            evaluationsPlanned: plan.map { $0.evaluations(of: round < 0 ? $0.last : round) } ?? 0,
            candidates: status.candidates,
            hypervolume: status.hypervolume.flatMap(Self.finite), secondsLeft: live?.secondsLeft.flatMap(Self.finite),
            workers: live.map(\.workers), queuePosition: positions[run.id], lastEvent: status.lastEvent,
            failure: run.failure)
    }

    /// A run with everything that it was handed in with.
    func document(_ status: RunStatus) throws -> RunDocument {
        let run = try core.store.run(status.run.id)
        // Nil for a document that nobody can read any more, which is shown as it is.
        let specification = try? core.specifications.specification(of: run)
        return RunDocument(
            run: item(status),
            objectives: specification?.objectives.map {
                .init(
                    metric: $0.metric.name, goal: $0.goal.rawValue, noise: $0.noise > 0 ? $0.noise : nil,
                    target: $0.target, weight: $0.weight)
            } ?? [],
            constraints: specification?.constraints.map {
                .init(metric: $0.metric.name, atMost: $0.atMost, atLeast: $0.atLeast)
            } ?? [], sampler: specification?.sampler?.kind ?? "",
            rounds: try core.store.rounds(run.id, limit: Self.mostRounds).map {
                RoundItem(
                    round: $0.round, weightsStep: $0.weightsStep, state: $0.state.rawValue, evaluations: $0.evaluations,
                    hypervolume: $0.hypervolume.flatMap(Self.finite))
            }, specification: run.draft.runYAML, space: run.draft.spaceYAML, numerics: run.draft.numerics,
            limits: specification.map { limits($0, run) },
            warnings: RunWarnings.read(run.id, in: core.store.directory),
            metrics: (try? core.specifications.metrics(of: run)).map(RunDocument.Metric.all))
    }

    private func limits(_ specification: RunSpecification, _ run: StoredRun) -> RunDocument.Limits {
        var asked: Int?
        if case .count(let count) = specification.workers { asked = count }
        return RunDocument.Limits(
            evaluations: specification.search?.evaluations ?? 0, workers: core.scheduler.workers(for: specification),
            workersAsked: asked, priority: run.priority)
    }

    /// JSON has no other numbers.
    static func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
}
