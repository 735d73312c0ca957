import API
import Foundation
import HTTPClient
import TestSupport
import Testing

/// `nas-ctl dashboard` between a real daemon's socket and whoever else is on the machine.
@Suite struct DashboardCommandTests {
    /// A bridge, and requests through it.
    private final class Session {
        let program: Program
        let port: Int
        let key: String
        var token: String?

        init(_ daemon: ServedDaemon, _ more: [String] = []) throws {
            program = try Program(["dashboard", "--endpoint", "unix:\(daemon.socket)"] + more, named: "nas-ctl")
            let program = program
            let address = /http:\/\/127\.0\.0\.1:(\d+)\/#key=([A-Za-z0-9_-]{43})/
            daemon.waitUntil(seconds: 30) { program.output.firstMatch(of: address) != nil || !program.isRunning }
            let found = try #require(program.output.firstMatch(of: address), "\(program.error)")
            port = try #require(Int(found.1))
            key = String(found.2)
        }

        func send(
            _ method: String = "GET", _ path: String, _ headers: [(name: String, value: String)] = [], body: String = ""
        ) throws -> HTTPResponse {
            let own = token.map { [(name: "Authorization", value: "Bearer \($0)")] } ?? []
            return try HTTPClient(userAgent: "test").send(
                HTTPRequest(
                    method: method, url: "http://127.0.0.1:\(port)\(path)", headers: own + headers,
                    body: Array(body.utf8)))
        }

        func status(
            _ method: String = "GET", _ path: String, _ headers: [(name: String, value: String)] = [], body: String = ""
        ) throws -> Int { try send(method, path, headers, body: body).head.status }

        /// Exchanges the key for the token, as the page does.
        func enter() throws {
            let answer = try send("POST", "/bridge/session", body: key)
            try #require(answer.head.status == 200)
            #expect(answer.head["cache-control"] == "no-store" && answer.head["set-cookie"] == nil)
            token = try WireFormat.decode([String: String].self, from: Data(answer.body))["token"]
            try #require(token?.count == 43)
        }
    }

    @Test func oneSessionAlonePasses() throws {
        let daemon = try ServedDaemon()
        let session = try Session(daemon)
        #expect(try session.status("GET", "/") == 200 && session.status("GET", "/ui/app.js") == 200)
        // Another user of this machine reaches the port and gets nothing.
        for path in ["/v1/runs", "/v1/events", "/openapi.json", "/livez", "/ui/../v1/runs", "/ui/%2e%2e/v1/runs"] {
            #expect(try session.status("GET", path) == 401, "\(path)")
        }
        #expect(try session.status("POST", "/v1/runs", body: ServedDaemon.tiny()) == 401)
        #expect(try session.status("POST", "/bridge/session", body: String(repeating: "A", count: 43)) == 401)
        try session.enter()
        #expect(try session.status("POST", "/bridge/session", body: session.key) == 401)
        #expect(try session.status("GET", "/v1/runs") == 200 && session.status("GET", "/ui/nothing.js") == 404)
        #expect(try session.status("GET", "/v1/runs", [("Host", "rebound.example:\(session.port)")]) == 421)
        #expect(try session.status("GET", "/v1/runs", [("Origin", "http://elsewhere.example")]) == 403)
        // The page's own origin means nothing to the daemon, and does not reach it.
        let own = [(name: "Origin", value: "http://127.0.0.1:\(session.port)")]
        let answer = try session.send("POST", "/v1/runs", own, body: ServedDaemon.tiny())
        #expect(answer.head.status == 201, "\(String(decoding: answer.body, as: UTF8.self))")
        let id = try daemon.document(RunDocument.self, answer).run.id
        #expect(daemon.wait(id, for: "completed"))
        // What comes through is what the daemon says, byte for byte.
        let csv = try session.send("GET", "/v1/runs/\(id)/results.csv")
        #expect(csv.head["connection"] == "close" && csv.head["content-disposition"]?.contains("results.csv") == true)
        #expect(try csv.body == daemon.get("/v1/runs/\(id)/results.csv").body && csv.body.count > 1000)
        let events = try session.send("GET", "/v1/runs/\(id)/events?follow=false", [("Last-Event-ID", "3")])
        #expect(String(decoding: events.body, as: UTF8.self).contains("id: 4\nevent: "))
        #expect(try session.status("GET", "/v1/runs/nowhere") == 404)
        let another = try Session(daemon, [id])
        another.token = session.token
        #expect(another.key != session.key && another.program.output.hasSuffix("&to=/runs/\(id)\n"))
        #expect(try another.status("GET", "/v1/runs") == 401, "a token serves one bridge")
        session.program.send(SIGINT)
        #expect(session.program.wait(timeout: .seconds(10)).code == 130)
        #expect(throws: HTTPClientError.self) { try session.status("GET", "/") }
        daemon.program.send(SIGTERM)
        _ = daemon.program.wait(timeout: .seconds(30))
        try another.enter()
        #expect(try another.status("GET", "/v1/runs") == 502)
    }

    @Test func whatCannotBeBridgedIsSaid() throws {
        let daemon = try ServedDaemon()
        func dashboard(_ arguments: String...) throws -> Program.Outcome {
            try Program(["dashboard"] + arguments, named: "nas-ctl").wait(timeout: .seconds(20))
        }
        let network = try dashboard("--endpoint", "http://127.0.0.1:8642")
        #expect(network.code == 2 && network.error.contains("serves its dashboard itself"))
        #expect(try dashboard("nosuchrun", "--endpoint", "unix:\(daemon.socket)").code == 3)
        #expect(try dashboard("--endpoint", "unix:/tmp/nasd-nowhere").code == 4)
        #expect(try dashboard("--port", "70000", "--endpoint", "unix:\(daemon.socket)").code == 2)
        let session = try Session(daemon)
        let taken = try dashboard("--port", "\(session.port)", "--endpoint", "unix:\(daemon.socket)")
        #expect(taken.code == 5 && taken.error.contains("choose another --port"), "\(taken.error)")
        #expect(session.program.isRunning && daemon.program.isRunning)
    }

    /// Heads that never end, bodies that are too long, and peers that say nothing hold nobody up.
    @Test func hostilePeersGetNothing() throws {
        let daemon = try ServedDaemon()
        let session = try Session(daemon)
        try session.enter()
        #expect(try session.status("GET", "/v1/runs", [("X-Long", String(repeating: "a", count: 20_000))]) == 431)
        #expect(try session.status("POST", "/v1/runs", body: String(repeating: "a", count: (1 << 20) + 1)) == 413)
        #expect(try session.status("POST", "/v1/runs", [("Transfer-Encoding", "chunked")], body: "x") == 411)
        let id = try daemon.submit(ServedDaemon.tiny(steps: 100_000))
        let streams = try (0..<5).map { _ in try RawSocket(port: session.port) }
        for stream in streams {
            stream.send(
                "GET /v1/runs/\(id)/events HTTP/1.1\r\nHost: 127.0.0.1:\(session.port)\r\nAuthorization: Bearer \(session.token ?? "")\r\n\r\n"
            )
            #expect(stream.receive().hasPrefix("HTTP/1.1 200"))
        }
        let silent = try (0..<5).map { _ in try RawSocket(port: session.port) }
        #expect(try session.status("GET", "/v1/runs") == 200 && silent.count == 5 && daemon.program.isRunning)
    }
}
