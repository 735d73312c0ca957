internal import API
internal import Hummingbird
internal import Runs
internal import SearchSpaces
internal import Store

/// Candidates as points of a picture.
struct PointsController {
    let core: DaemonCore

    /// The most candidates beside the front that are drawn, and how many unless somebody says.
    static let most = 20_000
    static let usual = 4_000

    func add(to router: Router<NasdContext>) { router.get("/v1/runs/{id}/points", use: points) }

    @Sendable private func points(_ request: Request, _ context: NasdContext) async throws -> Response {
        var query = QueryReader(request, known: ["round", "values", "points"])
        let number = query.integer("round", default: -1, in: 0...QueryReader.largest)
        let most = query.integer("points", default: Self.usual, in: 2...Self.most)
        let names = query.text("values")?.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        try query.finish()
        let document = try await core.searches.run { [core] in
            let run = try RunsController.run(context, core)
            let settings = try core.specifications.specification(of: run)
            let metrics = try core.specifications.metrics(of: run)
            let values = try Self.values(names ?? settings.objectives.map(\.metric.name), metrics)
            let round =
                try number < 0
                ? core.store.rounds(run.id, limit: 1).last : core.store.loadRound(run.id, round: number)
            guard let round else {
                if number < 0 { return CandidatePoints(run: run.id.text, columns: values.map { .init(name: $0.name) }) }
                throw Problem(404, "run \(run.id) has no round \(number)")
            }
            let front = try core.fronts.members(
                run.id, weightsStep: round.weightsStep, objectives: settings.objectives,
                constraints: settings.constraints)
            let sample = try core.store.bulk.sample(run.id, weightsStep: round.weightsStep, most: most, front: front)
            return CandidatePoints(
                run: run.id.text, round: round.round, weightsStep: round.weightsStep, count: sample.count,
                candidates: sample.rows.map(\.result.candidate.number),
                front: sample.rows.filter(\.onFront).map(\.result.candidate.number),
                infeasible: sample.rows.filter { $0.result.violation(of: settings.constraints).map { $0 > 0 } ?? false }
                    .map(\.result.candidate.number),
                columns: values.map { value in
                    .init(
                        name: value.name,
                        values: sample.rows.map { $0.result.value(of: value.metric, at: value.stage) })
                })
        }
        return try Reply.json(document)
    }

    /// What the names mean in a run.
    private static func values(_ names: [String], _ metrics: RunMetrics) throws -> [RunMetrics.Value] {
        let known = metrics.values
        guard names.count <= 16 else { throw Problem(422, "expected at most 16 values, found \(names.count)") }
        return try names.map { name in
            guard let value = known.first(where: { $0.name == name }) else {
                throw Problem(
                    422, "the parameters are not as expected",
                    errors: [
                        .init(
                            path: "values",
                            message:
                                "expected some of \(known.map(\.name).joined(separator: ", ")), found '\(name.prefix(80))'"
                        )
                    ])
            }
            return value
        }
    }
}
