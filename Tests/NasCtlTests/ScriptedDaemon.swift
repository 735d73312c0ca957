import API
import Foundation
import TestSupport

/// A server on a socket of its own that answers the routes of a daemon with given documents.
struct ScriptedDaemon {
    /// What a route answers.
    typealias Route = @Sendable (LoopbackConnection, LoopbackRequest) throws -> Void

    let server: LoopbackServer
    let socket: String

    /// The address as a command line names it.
    var endpoint: String { "unix:\(socket)" }
    /// What came: method and target of each request.
    var asked: [String] { server.requests.map { "\($0.method) \($0.target)" } }

    /// Serves for the time of `body`; keys are method and path, such as `GET /v1/runs`.
    static func serve(_ routes: [String: Route], _ body: (ScriptedDaemon) throws -> Void) throws {
        try withDirectory { folder in
            let socket = folder + "/s"
            try withServer(unixSocket: socket) { connection, request in
                let path = request.target.prefix { $0 != "?" }
                do {
                    guard let route = routes["\(request.method) \(path)"] else {
                        return try answer(
                            connection, ProblemDocument(title: "Not Found", status: 404, detail: "no \(path)"), 404)
                    }
                    try route(connection, request)
                } catch {
                    connection.close()
                }
            } _: { server in
                try body(ScriptedDaemon(server: server, socket: socket))
            }
        }
    }

    /// A route that always answers the same.
    static func document(_ document: some Encodable & Sendable, _ status: Int = 200) -> Route {
        { connection, _ in try answer(connection, document, status) }
    }

    /// A route that answers bytes.
    static func bytes(_ bytes: [UInt8], type: String = "application/octet-stream") -> Route {
        { connection, _ in connection.answer(200, [("Content-Type", type)], body: bytes) }
    }

    /// A route that answers an event stream and ends it.
    static func events(_ text: String) -> Route {
        { connection, _ in
            connection.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" + text)
            connection.close()
        }
    }

    /// Answers a document.
    static func answer(_ connection: LoopbackConnection, _ document: some Encodable, _ status: Int) throws {
        let type = document is ProblemDocument ? "application/problem+json" : "application/json"
        connection.answer(status, [("Content-Type", type)], body: Array(try WireFormat.encode(document)))
    }

    /// Runs nas-ctl against it.
    func run(
        _ arguments: String..., folder: URL = Repository.root, input: String = ""
    ) throws -> Program.Outcome {
        try Program(
            arguments + ["--endpoint", endpoint], named: "nas-ctl", folder: folder, input: input
        ).wait(timeout: .seconds(30))
    }
}
