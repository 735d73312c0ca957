internal import API
internal import Coordinator
internal import Foundation
internal import Hummingbird
internal import Runs
internal import SearchSpaces
internal import Store

/// What a run has found: candidates, front, best, sampler statistics.
struct CandidatesController {
    let core: DaemonCore

    private static let statisticsOfAPage = 10_000
    private var fronts: FrontView { FrontView(core: core) }

    func add(to router: Router<NasdContext>) {
        router.get("/v1/runs/{id}/candidates", use: candidates)
        router.get("/v1/runs/{id}/candidates/{candidate}", use: explanation)
        router.get("/v1/runs/{id}/curve", use: curve)
        router.get("/v1/runs/{id}/front", use: front)
        router.get("/v1/runs/{id}/best", use: best)
        router.get("/v1/runs/{id}/sampler", use: sampler)
    }

    @Sendable private func candidates(_ request: Request, _ context: NasdContext) async throws -> Response {
        var query = QueryReader(request, known: ["limit", "cursor", "sort", "filter"])
        let limit = query.integer("limit", default: RunsController.pageSize, in: 1...RunsController.largestPage)
        let after = query.integer("cursor", default: 0, in: 0...QueryReader.largest)
        let (sort, filter) = (query.text("sort"), query.text("filter"))
        try query.finish()
        // A page that needs a look at all candidates keeps none waiting that does not.
        let lane = filter == nil && sort ?? "candidate" == "candidate" ? core.answers : core.searches
        let bytes = try await core.kept(core.pages, request.uri.string, on: lane) { [core] in
            let run = try RunsController.run(context, core)
            let settings = try core.specifications.specification(of: run)
            let metrics = try core.specifications.metrics(of: run), columns = CandidateColumn.all(metrics)
            var page = CandidateQuery(limit: limit + 1)
            page.after = after
            if let sort { try page.sort(by: sort, columns: columns) }
            if let filter { page.filter = try CandidateFilter(filter, columns: columns) }
            var order: CandidateOrder?
            // The digest of all results stands for them; before there is one they may change from page to page.
            if !page.isByNumber, let digest = run.resultsDigest {
                order = try core.orders.order("\(run.id) \(digest) \(sort ?? "") \(filter ?? "")") {
                    try core.store.bulk.order(
                        run.id, page, front: core.fronts, objectives: settings.objectives,
                        constraints: settings.constraints)
                }
            }
            let rows = try core.store.bulk.page(
                run.id, page, order: order, front: core.fronts, objectives: settings.objectives,
                constraints: settings.constraints)
            let shown = rows.prefix(limit)
            return CandidateList(
                run: run.id.text,
                candidates: shown.map { CandidateItem($0, metrics, constraints: settings.constraints) },
                next: rows.count > limit ? shown.last.map { "\($0.result.candidate.number)" } : nil
            ).jsonBytes
        }
        return Reply.json(bytes)
    }

    @Sendable private func front(_ request: Request, _ context: NasdContext) async throws -> Response {
        var query = QueryReader(request, known: ["round"])
        let number = query.integer("round", default: -1, in: 0...QueryReader.largest)
        try query.finish()
        let document = try await core.searches.run { [core] in
            let run = try RunsController.run(context, core)
            let settings = try core.specifications.specification(of: run)
            let round =
                try number < 0
                ? core.store.rounds(run.id, limit: 1).last : core.store.loadRound(run.id, round: number)
            guard let round else {
                if number < 0 { return CandidateList(run: run.id.text, candidates: []) }
                throw Problem(404, "run \(run.id) has no round \(number)")
            }
            let metrics = try core.specifications.metrics(of: run)
            let price = metrics.price(of: settings.objectives)
            let rows = try fronts.rows(of: run.id, weightsStep: round.weightsStep, settings).sorted {
                $0.result.isCheaper(than: $1.result, by: price)
            }
            return CandidateList(
                run: run.id.text,
                candidates: rows.map { CandidateItem($0, metrics, constraints: settings.constraints) })
        }
        return Reply.json(document.jsonBytes)
    }

    @Sendable private func best(_ request: Request, _ context: NasdContext) async throws -> Response {
        try QueryReader(request, known: []).finish()
        let document = try await core.searches.run { [core] in
            let run = try RunsController.run(context, core)
            let specification = try core.specifications.specification(of: run)
            guard let row = try fronts.best(of: run, specification) else {
                throw Problem(404, "run \(run.id) has measured no feasible candidate yet")
            }
            return CandidateDocument(
                run: run.id.text,
                candidate: CandidateItem(
                    row, try core.specifications.metrics(of: run), constraints: specification.constraints))
        }
        return try Reply.json(document)
    }

    @Sendable private func explanation(_ request: Request, _ context: NasdContext) async throws -> Response {
        try QueryReader(request, known: []).finish()
        guard let text = context.parameters.get("candidate"), let number = Int(text), number >= 1, text.first != "+"
        else {
            throw Problem(404, "expected the number of a candidate")
        }
        let document = try await core.searches.run { [core] in
            try ExplanationDocument(
                of: number, in: RunsController.run(context, core), core.store.bulk, fronts: core.fronts)
        }
        return try Reply.json(document)
    }

    @Sendable private func curve(_ request: Request, _ context: NasdContext) async throws -> Response {
        var query = QueryReader(request, known: ["limit", "cursor", "points"])
        let limit = query.integer("limit", default: RunsController.pageSize, in: 1...RunsController.largestPage)
        let after = query.integer("cursor", default: 0, in: 0...QueryReader.largest)
        let isThinned = query.text("points") != nil
        let most = query.integer("points", default: 2, in: 2...PointsController.most)
        try query.finish()
        let document = try await (isThinned ? core.searches : core.answers).run { [core] in
            let run = try RunsController.run(context, core)
            let points =
                try isThinned
                ? core.store.bulk.curve(
                    run.id, rounds: core.store.rounds(run.id, limit: RunView.mostRounds), most: most)
                : core.store.curve(run.id, after: after, limit: limit + 1)
            let shown = isThinned ? points[...] : points.prefix(limit)
            return CurveDocument(
                run: run.id.text,
                points: shown.map {
                    .init(
                        candidate: $0.candidate, round: $0.round, weightsStep: $0.weightsStep,
                        hypervolume: $0.hypervolume)
                }, next: points.count > shown.count ? shown.last.map { "\($0.candidate)" } : nil)
        }
        return try Reply.json(document)
    }

    @Sendable private func sampler(_ request: Request, _ context: NasdContext) async throws -> Response {
        var query = QueryReader(request, known: ["name", "cursor"])
        let name = query.text("name")
        let after = query.integer("cursor", default: -1, in: 0...QueryReader.largest)
        try query.finish()
        let document = try await core.searches.run { [core] in
            let run = try RunsController.run(context, core)
            let specification = try core.specifications.specification(of: run)
            var all = try core.store.samplerStatistics(
                run.id, afterStep: after, limit: Self.statisticsOfAPage + 1)
            var next: String?
            if all.count > Self.statisticsOfAPage, let last = all.last?.step, last != all.first?.step {
                // A page holds whole steps.
                all.removeAll { $0.step == last }
                next = all.last.map { "\($0.step)" }
            }
            let bins = try specification.sampler.map { CostBins(try run.space(), of: $0) }
            let targets: [Double]? =
                if try specification.sampler?.settings.measured(in: run.space()) != nil {
                    // A page behind the last checkpoint has none.
                    all.binTargets.isEmpty ? nil : all.binTargets
                } else {
                    bins.map { bins in (0..<bins.count).map(bins.target) }
                }
            return SamplerDocument(
                run: run.id.text, sampler: specification.sampler?.kind ?? "",
                statistics: all.filter { name == nil || $0.name == name }.map {
                    .init(step: $0.step, name: $0.name, bin: $0.bin, value: $0.value)
                }, next: next, bins: targets,
                binMetric: bins?.metric.name)
        }
        return try Reply.json(document)
    }
}
