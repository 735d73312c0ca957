internal import API
internal import Coordinator
internal import Hummingbird
internal import Runs
internal import SearchSpaces
internal import Store

/// The training record of a run, of a live one up to its last step.
struct TrainingController {
    let core: DaemonCore

    func add(to router: Router<NasdContext>) { router.get("/v1/runs/{id}/training", use: training) }

    @Sendable private func training(_ request: Request, _ context: NasdContext) async throws -> Response {
        var query = QueryReader(request, known: ["limit", "cursor", "after", "points"])
        let limit = query.integer("limit", default: RunsController.pageSize, in: 1...RunsController.largestPage)
        let cursor = query.integer("cursor", default: 0, in: 0...QueryReader.largest)
        let after = max(cursor, query.integer("after", default: 0, in: 0...QueryReader.largest))
        let hasPoints = query.text("points") != nil
        let points = query.integer("points", default: 2, in: 2...RunsController.largestPage)
        try query.finish()
        let document = try await core.blocking { [core] in
            let run = try RunsController.run(context, core)
            // Before the store is read: what is written meanwhile is then in both, and what is in both counts once.
            let unwritten = core.scheduler.trainingRecords(of: run.id)
            let records =
                try hasPoints
                ? core.store.trainingRecords(run.id, afterStep: after, spread: points, unwritten: unwritten)
                : core.store.trainingRecords(run.id, afterStep: after, limit: limit + 1, unwritten: unwritten)
            let shown = hasPoints ? records[...] : records.prefix(limit)
            return TrainingDocument(
                run: run.id.text, recordEvery: try core.specifications.specification(of: run).recordEvery,
                records: shown.map {
                    .init(
                        step: $0.step, loss: $0.loss, learningRate: $0.learningRate,
                        stepsPerSecond: $0.stepsPerSecond, elapsedSeconds: $0.elapsedSeconds)
                }, next: records.count > shown.count ? shown.last.map { "\($0.step)" } : nil)
        }
        return try Reply.json(document)
    }
}
