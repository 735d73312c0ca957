internal import API
internal import Foundation
internal import Hummingbird
internal import Store

/// Receivers of webhooks and how deliveries go.
struct WebhooksController {
    let core: DaemonCore

    func add(to router: Router<NasdContext>) {
        router.get("/v1/webhooks", use: list)
        router.get("/v1/webhooks/{id}/messages", use: messages)
        router.post("/v1/webhooks/{id}/replay") { request, context in
            try QueryReader(request, known: []).finish()
            let count = try await core.blocking { [core] in try core.store.replay(Self.id(context), time: core.now) }
            return try Reply.json(WebhookReplay(replayed: count), status: .accepted)
        }
        router.post("/v1/webhooks/{id}/test") { request, context in
            try QueryReader(request, known: []).finish()
            try await core.blocking { [core] in try core.store.appendTestEvent(to: Self.id(context), time: core.now) }
            return Response(status: .accepted)
        }
    }

    private static func id(_ context: NasdContext) -> String {
        context.parameters.get("id")?.removingPercentEncoding ?? ""
    }

    @Sendable private func list(_ request: Request, _ context: NasdContext) async throws -> Response {
        try QueryReader(request, known: []).finish()
        return try Reply.json(
            try await core.blocking { [core] in
                WebhookList(webhooks: try core.store.webhooks().map(WebhookList.Endpoint.init))
            })
    }

    @Sendable private func messages(_ request: Request, _ context: NasdContext) async throws -> Response {
        var query = QueryReader(request, known: ["limit", "cursor"])
        let limit = query.integer("limit", default: RunsController.pageSize, in: 1...RunsController.largestPage)
        let after = query.integer("cursor", default: 0, in: 0...QueryReader.largest)
        try query.finish()
        return try Reply.json(
            try await core.blocking { [core] in
                let rows = try core.store.webhookMessages(of: Self.id(context), after: after, limit: limit + 1)
                let shown = rows.prefix(limit)
                return WebhookMessageList(
                    messages: shown.map(WebhookMessageList.Message.init),
                    next: rows.count > limit ? shown.last.map { "\($0.position)" } : nil)
            })
    }
}
