internal import API
internal import Coordinator
internal import Foundation
internal import Hummingbird
internal import SearchSpaces
internal import Store

/// Probes, metrics, the doctor, and the description of the API.
struct SystemController {
    let core: DaemonCore

    func add(to router: Router<NasdContext>) {
        router.get("/livez") { request, _ in try probe(request, isGood: true) }
        router.get("/readyz") { request, _ in try probe(request, isGood: Readiness(core).isReady) }
        router.get("/metrics") { request, _ in
            try QueryReader(request, known: []).finish()
            let text = try await core.blocking { [core] in try Metrics(core).text }
            return Reply.text(text, type: "text/plain; version=0.0.4; charset=utf-8")
        }
        router.get("/openapi.json") { request, _ in
            try QueryReader(request, known: []).finish()
            return Reply.text(OpenAPI.json, type: "application/json")
        }
        router.get("/v1/doctor") { request, _ in
            try QueryReader(request, known: []).finish()
            return try Reply.json(try await core.blocking { [core] in try Diagnosis(core).document })
        }
    }

    private func probe(_ request: Request, isGood: Bool) throws -> Response {
        let query = QueryReader(request, known: ["verbose"])
        try query.finish()
        let text = query.text("verbose") == nil ? (isGood ? "ok\n" : "not ready\n") : Readiness(core).text
        return Reply.text(text, type: "text/plain; charset=utf-8", status: isGood ? .ok : .serviceUnavailable)
    }
}
