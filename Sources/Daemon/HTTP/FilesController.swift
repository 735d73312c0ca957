internal import Coordinator
internal import Hummingbird
internal import Runs
internal import SearchSpaces
internal import Store

/// Files of a run: CSV, networks, log.
struct FilesController {
    let core: DaemonCore

    /// The most of a log that one answer brings.
    private static let logPart = 1 << 20

    func add(to router: Router<NasdContext>) {
        router.get("/v1/runs/{id}/results.csv", use: results)
        router.get("/v1/runs/{id}/models/{candidate}", use: model)
        router.get("/v1/runs/{id}/model", use: deploy)
        router.get("/v1/runs/{id}/log", use: log)
    }

    @Sendable private func results(_ request: Request, _ context: NasdContext) async throws -> Response {
        var query = QueryReader(request, known: ["front"])
        let isFrontOnly = query.flag("front", default: false)
        try query.finish()
        let (file, name) = try await core.exports.run { [core] in
            let run = try RunsController.run(context, core)
            let settings = try core.specifications.specification(of: run)
            let csv = ResultsCSV(objectives: settings.objectives, constraints: settings.constraints)
            // A connection of its own: its snapshot keeps nobody waiting, and ends before the first byte is sent.
            let reader = try RunReader(DataDirectory(reading: core.store.directory.path))
            let file = try OpenFile(spoolingIn: core.store.directory.path) { write in
                var chunk: [UInt8] = []
                var failure: (any Error)?
                try csv.stream(run.id, from: reader, frontOnly: isFrontOnly) { record in
                    chunk += record
                    guard chunk.count >= 1 << 18, failure == nil else { return }
                    do { try write(chunk) } catch { failure = error }
                    chunk.removeAll(keepingCapacity: true)
                }
                if let failure { throw failure }
                try write(chunk)
            }
            return (file, isFrontOnly ? "front.csv" : "results.csv")
        }
        return Reply.file(file, type: "text/csv; charset=utf-8; header=present", name: name, core: core)
    }

    @Sendable private func model(_ request: Request, _ context: NasdContext) async throws -> Response {
        var query = QueryReader(request, known: NetworkFiles.parameters)
        let files = NetworkFiles(&query, core)
        try query.finish()
        guard let text = context.parameters.get("candidate"), let number = Int(text), number >= 1, text.first != "+"
        else {
            throw Problem(404, "expected the number of a candidate")
        }
        // What has to be converted waits with whatever computes.
        let lane = files.isConverted ? core.searches : core.answers
        let file = try await lane.run { [core] in
            let run = try RunsController.run(context, core)
            let path = core.store.directory.modelDirectory(run.id) + "/candidate-\(number).safetensors"
            guard let file = try files.converted(path, of: run, called: "candidate-\(number)") else {
                throw Problem(
                    404,
                    "run \(run.id) keeps no network of candidate \(number); "
                        + "networks are those of finalists on the front, once the run is completed")
            }
            return file
        }
        return Reply.file(file, type: "application/octet-stream", name: files.name("candidate-\(number)"), core: core)
    }

    /// The network of the best subnet that is found for a budget.
    @Sendable private func deploy(_ request: Request, _ context: NasdContext) async throws -> Response {
        let metrics = CostBudget.known.map(\.name)
        var query = QueryReader(request, known: metrics + NetworkFiles.parameters)
        let files = NetworkFiles(&query, core)
        let given = metrics.filter { query.text($0) != nil }
        let limit = query.integer(given.first ?? "", default: 0, in: 1...QueryReader.largest)
        if given.count != 1 {
            query.report(metrics.joined(separator: ", "), "expected one of them as the budget, found \(given.count)")
        }
        try query.finish()
        let (file, name) = try await core.searches.run { [core] in
            let run = try RunsController.run(context, core)
            guard let metric = CostBudget.known.first(where: { $0.name == given.first }),
                let budget = CostBudget(metric, atMost: limit)
            else { throw Problem(422) }
            let model = try core.scheduler.model(of: run, within: budget)
            let name = "\(metric.name)-\(limit)"
            return (try files.spooled(model, of: run, called: name), files.name(name))
        }
        return Reply.file(file, type: "application/octet-stream", name: name, core: core)
    }

    @Sendable private func log(_ request: Request, _ context: NasdContext) async throws -> Response {
        var query = QueryReader(request, known: ["offset"])
        let offset = query.integer("offset", default: 0, in: 0...QueryReader.largest)
        try query.finish()
        let file = try await core.blocking { [core] in
            let run = try RunsController.run(context, core)
            return OpenFile(
                path: core.store.directory.runDirectory(run.id) + "/log.jsonl", offset: offset, most: Self.logPart)
        }
        guard let file else { return Reply.text("", type: "application/x-ndjson") }
        return Reply.file(file, type: "application/x-ndjson", core: core)
    }
}
