internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import ServiceLifecycle
internal import Store

/// Events as they happen, as server-sent events.
struct EventsController {
    let core: DaemonCore

    private static let page = 200

    func add(to router: Router<NasdContext>) {
        router.get("/v1/runs/{id}/events") { request, context in
            let (start, follows) = try parameters(request)
            let run = try await core.blocking { [core] in try RunsController.run(context, core).id }
            return stream(from: start, follows: follows) { [core] after in
                // A run that is deleted meanwhile ends its stream.
                try core.store.hasRun(run) ? core.store.events(run, after: after, limit: Self.page) : nil
            }
        }
        router.get("/v1/events") { request, _ in
            let (start, follows) = try parameters(request)
            return stream(from: start, follows: follows) { [core] after in
                try core.store.daemonEvents(after: after, limit: Self.page)
            }
        }
    }

    /// Where to begin and whether to go on after what is stored.
    private func parameters(_ request: Request) throws -> (start: Int, follows: Bool) {
        var query = QueryReader(request, known: ["follow"])
        let follows = query.flag("follow", default: true)
        var start = 0
        if let text = request.headers[HTTPField.Name("Last-Event-ID")!], !text.isEmpty {
            if let number = Int(text), number >= 0 {
                start = number
            } else {
                query.report("Last-Event-ID", "expected the number of an event")
            }
        }
        try query.finish()
        return (start, follows)
    }

    private func stream(
        from start: Int, follows: Bool, _ events: @escaping @Sendable (Int) throws -> [Event]?
    ) -> Response {
        let core = core
        let body = ResponseBody { writer in
            // Listening before reading: what is written in between wakes us.
            let signals = core.changes.listen()
            try await writer.write(ByteBuffer(string: "retry: 3000\n\n"))
            var last: (sequence: Int, time: Timestamp?) = (start, nil)
            /// Sends what is new, and progress that was rewritten since it was sent; false when the run is gone.
            func send() async throws -> Bool {
                while true {
                    let place = last
                    let from = place.time == nil ? place.sequence : place.sequence - 1
                    guard let page = try await core.blocking({ try events(from) }) else { return false }
                    let fresh = page.filter { $0.sequence > place.sequence || $0.time != place.time }
                    guard let end = fresh.last else { return true }
                    last = (end.sequence, end.time)
                    let text = fresh.map {
                        "id: \($0.sequence)\nevent: \($0.content.type.rawValue)\ndata: \($0.json)\n\n"
                    }
                    try await writer.write(ByteBuffer(string: text.joined()))
                }
            }
            if try await send(), follows {
                for await signal in signals.cancelOnGracefulShutdown() {
                    if signal == .tick { try await writer.write(ByteBuffer(string: ": still here\n\n")) }
                    if try await !send() { break }
                }
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/event-stream", .cacheControl: "no-store", .init("X-Accel-Buffering")!: "no",
            ], body: body)
    }
}
