internal import API
internal import Coordinator
internal import Documents
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Runs
internal import SearchSpaces
internal import Store

/// `/v1/runs` and what changes a run.
struct RunsController {
    let core: DaemonCore

    static let pageSize = 100
    static let largestPage = 1000

    func add(to router: Router<NasdContext>) {
        router.get("/v1/runs", use: list)
        router.post("/v1/runs", use: submit)
        router.get("/v1/runs/{id}", use: show)
        router.patch("/v1/runs/{id}", use: change)
        router.delete("/v1/runs/{id}", use: delete)
        router.post("/v1/runs/{id}/pause") { request, context in
            try QueryReader(request, known: []).finish()
            return try await act(context) { try core.scheduler.pause($0) }
        }
        router.post("/v1/runs/{id}/cancel") { request, context in
            try QueryReader(request, known: []).finish()
            return try await act(context) { try core.scheduler.cancel($0) }
        }
        router.post("/v1/runs/{id}/resume", use: resume)
    }

    /// The run that a path names.
    static func run(_ context: NasdContext, _ core: DaemonCore) throws -> StoredRun {
        try core.store.findRun(context.parameters.get("id")?.removingPercentEncoding ?? "")
    }

    @Sendable private func list(_ request: Request, _ context: NasdContext) async throws -> Response {
        var query = QueryReader(request, known: ["selection", "state", "name", "limit", "cursor"])
        let isCurrent = query.word("selection", among: ["current", "all"]) == "current"
        let state = query.word("state", among: RunState.allCases.map(\.rawValue)).flatMap { RunState(rawValue: $0) }
        let name = query.text("name")
        let limit = query.integer("limit", default: Self.pageSize, in: 1...Self.largestPage)
        let cursor = query.text("cursor")
        let (place, last) = (cursor.flatMap { StatusCursor($0) }, cursor.flatMap { RunCursor($0) })
        if cursor != nil, isCurrent ? place == nil : last == nil {
            query.report("cursor", "expected the `next` of a page")
        }
        try query.finish()
        if isCurrent {
            let rows = try await core.kept(core.statuses, "\(limit) \(cursor ?? "")") { [core] in
                try StatusRows(core.store, after: place, limit: limit)
            }
            let bytes = try await core.blocking { [core] in
                let view = try RunView(core)
                return RunList(runs: rows.runs.map(view.item), next: rows.next?.text).jsonBytes
            }
            return Reply.json(bytes)
        }
        let document = try await core.blocking { [core] in
            let view = try RunView(core)
            var place = last
            var found: [RunStatus] = []
            while found.count <= limit {
                let page = try core.store.runs(after: place, limit: limit + 1)
                for run in page where (state == nil || run.state == state) && (name == nil || run.name == name) {
                    found.append(try core.store.status(of: run.id))
                }
                guard let end = page.last, page.count > limit else { break }
                place = RunCursor(end)
            }
            let shown = found.prefix(limit)
            return RunList(
                runs: shown.map(view.item),
                next: found.count > limit ? shown.last.map { RunCursor($0.run).text } : nil)
        }
        return Reply.json(document.jsonBytes)
    }

    @Sendable private func submit(_ request: Request, _ context: NasdContext) async throws -> Response {
        var query = QueryReader(request, known: ["priority", "dryRun"])
        let priority = query.integer("priority", default: 0, in: -1_000_000...1_000_000)
        let isDryRun = query.flag("dryRun", default: false)
        let key = request.headers[HTTPField.Name("Idempotency-Key")!]
        if let key, key.isEmpty || key.utf8.count > 255 {
            query.report("Idempotency-Key", "expected 1 to 255 characters")
        }
        try query.finish()
        let document = try await Self.text(of: request)
        let submitter = RunSubmitter(core: core)
        if isDryRun {
            let estimate = try await core.documents.run {
                let checked = try submitter.check(document)
                return SubmissionEstimate(
                    name: checked.specification.name, space: checked.space.name,
                    architectures: checked.space.canonicalGenomeCountText, memoryBytes: checked.memoryBytes,
                    diskBytes: checked.diskBytes, specification: checked.specification.asHandedIn.resolvedYAML)
            }
            return try Reply.json(estimate)
        }
        let answer = try await core.documents.run { [core] in
            let run = try submitter.submit(document, priority: priority, key: key)
            return try RunView(core).document(core.store.status(of: run.id))
        }
        return try Reply.json(answer, status: .created, headers: [.location: "/v1/runs/\(answer.run.id)"])
    }

    @Sendable private func show(_ request: Request, _ context: NasdContext) async throws -> Response {
        try QueryReader(request, known: []).finish()
        let document = try await core.blocking { [core] in
            try RunView(core).document(core.store.status(of: Self.run(context, core).id))
        }
        return try Reply.json(document)
    }

    @Sendable private func change(_ request: Request, _ context: NasdContext) async throws -> Response {
        try QueryReader(request, known: []).finish()
        let text = try await Self.text(of: request)
        let limits = try await core.documents.run { try Self.limits(text) }
        return try await act(context, status: .ok) {
            try core.scheduler.setLimits(
                $0, evaluations: limits.evaluations, workers: limits.workers, priority: limits.priority)
        }
    }

    @Sendable private func delete(_ request: Request, _ context: NasdContext) async throws -> Response {
        try QueryReader(request, known: []).finish()
        try await core.blocking { [core] in try core.scheduler.delete(Self.run(context, core).id) }
        return Response(status: .noContent)
    }

    @Sendable private func resume(_ request: Request, _ context: NasdContext) async throws -> Response {
        var query = QueryReader(request, known: ["allowNumericsChange"])
        let allows = query.flag("allowNumericsChange", default: false)
        try query.finish()
        return try await act(context) {
            try core.scheduler.resume($0, allowsNumericsChange: allows)
        }
    }

    /// Does something to a run and answers with it as it is then.
    private func act(
        _ context: NasdContext, status: HTTPResponse.Status = .accepted,
        _ body: @escaping @Sendable (RunID) throws -> Void
    ) async throws -> Response {
        let document = try await core.blocking { [core] in
            let id = try Self.run(context, core).id
            try body(id)
            return try RunView(core).document(core.store.status(of: id))
        }
        return try Reply.json(document, status: status)
    }

    /// The body as text, at most 1 MiB.
    private static func text(of request: Request) async throws -> String {
        let buffer: ByteBuffer
        do {
            buffer = try await request.body.collect(upTo: RunSubmitter.largest)
        } catch let error as NIOTooManyBytesError {
            throw error
        } catch {
            throw Problem(400, "the body did not arrive in full")
        }
        do {
            return try DocumentText.decode(buffer.readableBytesView, file: "body")
        } catch {
            throw Problem(400, "expected a body of UTF-8 text")
        }
    }

    /// Limits as YAML or JSON.
    private static func limits(_ text: String) throws -> RunLimits {
        var limits = RunLimits()
        var faults: [ProblemDocument.Fault] = []
        let entries = try FileOutline(yaml: text, file: "document").entries
        guard entries.count <= 100 else { throw Problem(422, "expected at most three limits, found \(entries.count)") }
        for entry in entries {
            // A whole number may be written as 5.0 in JSON.
            let number = entry.isPlain ? entry.text.flatMap { Double($0) }.flatMap { Int(exactly: $0) } : nil
            let range: ClosedRange<Int>
            switch entry.path {
            case "evaluations":
                range = 2...1_000_000_000
                limits.evaluations = number
            case "workers":
                range = 1...1024
                limits.workers = number
            case "priority":
                range = -1_000_000...1_000_000
                limits.priority = number
            default:
                faults.append(.init(path: entry.path, message: "expected one of evaluations, workers, priority"))
                continue
            }
            if number.map({ !range.contains($0) }) ?? true {
                faults.append(
                    .init(
                        path: entry.path,
                        message: "expected a whole number from \(range.lowerBound) to \(range.upperBound)"))
            }
        }
        if limits == RunLimits(), faults.isEmpty {
            faults.append(.init(path: "", message: "expected at least one of evaluations, workers, priority"))
        }
        guard faults.isEmpty else { throw Problem(422, "the limits are not as expected", errors: faults) }
        return limits
    }
}
