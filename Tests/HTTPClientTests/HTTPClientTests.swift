import Foundation
import HTTPClient
import TestSupport
import Testing

@Suite struct HTTPClientTests {
    static let quick = HTTPLimits(connectMilliseconds: 2_000, totalMilliseconds: 5_000)

    static func client() -> HTTPClient { HTTPClient(userAgent: "tests/1") }

    /// The error of a request.
    static func error(of request: HTTPRequest) -> HTTPClientError? {
        do {
            _ = try client().send(request)
            return nil
        } catch {
            return error
        }
    }

    @Test func aRequestIsSentAsItIs() throws {
        try withServer { connection, _ in
            connection.answer(204)
        } _: { server in
            var request = HTTPRequest(url: server.url + "/v1/runs?limit=2", limits: Self.quick)
            request.headers = [("Accept", "application/json"), ("X-Empty", "")]
            #expect(try Self.client().send(request).head.status == 204)
            let seen = try #require(server.requests.first)
            #expect(seen.head.hasPrefix("GET /v1/runs?limit=2 HTTP/1.1\r\n"))
            #expect(seen["user-agent"] == ["tests/1"])
            #expect(seen["accept"] == ["application/json"])
            #expect(seen["x-empty"] == [""])
            #expect(seen["accept-encoding"].isEmpty && seen["content-length"].isEmpty)
        }
    }

    @Test(arguments: ["POST", "PUT", "PATCH", "DELETE"], [0, 1, 5_000, 3_000_000])
    func aBodyIsSentByteForByte(method: String, count: Int) throws {
        try withServer { connection, _ in
            connection.answer(202)
        } _: { server in
            let body = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let request = HTTPRequest(method: method, url: server.url, body: body, limits: Self.quick)
            #expect(try Self.client().send(request).head.status == 202)
            let seen = try #require(server.requests.first)
            #expect(seen.method == method)
            #expect(seen.body == body)
            #expect(seen["expect"].isEmpty && seen["content-type"].isEmpty)
            #expect(seen["content-length"] == (count == 0 && method == "DELETE" ? [] : ["\(count)"]))
        }
    }

    @Test func anAnswerComesAsItIs() throws {
        let body = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
        try withServer { connection, request in
            switch request.target {
            case "/length": connection.answer(422, [("X-One", " a b "), ("x-TWO", "c"), ("X-Two", "d")], body: body)
            case "/interim":
                connection.write("HTTP/1.1 103 Early\r\nLink: x\r\n\r\n")
                connection.answer(200, body: body)
            case "/head": connection.write("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n")
            case "/end":
                connection.write(Array("HTTP/1.1 200 OK\r\n\r\n".utf8) + body)
                connection.close()
            default:
                connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                for start in stride(from: 0, to: body.count, by: 9_000) {
                    let part = body[start..<min(start + 9_000, body.count)]
                    connection.write(Array((String(part.count, radix: 16) + "\r\n").utf8) + part + Array("\r\n".utf8))
                }
                connection.write("0\r\nX-Trailer: t\r\n\r\n")
            }
        } _: { server in
            let client = Self.client()
            let answer = try client.send(HTTPRequest(url: server.url + "/length", limits: Self.quick))
            #expect(answer.head.status == 422)
            #expect(answer.head["x-one"] == "a b")
            #expect(answer.head.fields.filter { $0.name == "x-two" }.map(\.value) == ["c", "d"])
            #expect(answer.body == body)
            for path in ["/interim", "/chunked", "/end"] {
                let answer = try client.send(HTTPRequest(url: server.url + path, limits: Self.quick))
                #expect(answer.head.status == 200 && answer.body == body)
                #expect(answer.head["link"] == nil && answer.head["x-trailer"] == nil)
            }
            let head = try client.send(HTTPRequest(method: "HEAD", url: server.url + "/head", limits: Self.quick))
            #expect(head.head["content-length"] == "12" && head.body.isEmpty)
        }
    }

    @Test func connectionsAreKeptAndNothingPilesUp() throws {
        try withServer { connection, request in
            connection.answer(200, body: request.body)
        } _: { server in
            let client = Self.client()
            for number in 0..<500 {
                let body = Array("number \(number)".utf8)
                let request = HTTPRequest(method: "POST", url: server.url, body: body, limits: Self.quick)
                let answer = try client.send(request)
                #expect(answer.body == body)
            }
            #expect(server.connections == 1)
        }
        try withServer { connection, _ in
            connection.answer(200)
            connection.close()
        } _: { server in
            let before = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
            for _ in 0..<100 { _ = try Self.client().send(HTTPRequest(url: server.url, limits: Self.quick)) }
            let after = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
            #expect(after < before + 60, "other tests open some as well")
        }
    }

    @Test func aUnixSocketIsSpokenTo() throws {
        try withDirectory { folder in
            let path = folder + "/s.sock"
            try withServer(unixSocket: path) { connection, request in
                connection.answer(200, body: Array(request["host"].joined().utf8))
            } _: { _ in
                let answer = try Self.client().send(
                    HTTPRequest(url: "http://localhost/x", unixSocket: path, limits: Self.quick))
                #expect(answer.body == Array("localhost".utf8))
            }
            let gone = HTTPRequest(url: "http://localhost/x", unixSocket: path, limits: Self.quick)
            guard case .unreachable = Self.error(of: gone) else { throw Unexpected(Self.error(of: gone)) }
            let long = HTTPRequest(url: "http://localhost/", unixSocket: String(repeating: "a", count: 108))
            guard case .unreachable = Self.error(of: long) else { throw Unexpected(Self.error(of: long)) }
        }
    }

    @Test func nobodyThereIsUnreachable() throws {
        let port = try withServer { connection, _ in
            connection.hang()
        } _: {
            $0.port
        }
        for url in ["http://127.0.0.1:\(port)/", "http://nowhere.invalid/"] {
            let request = HTTPRequest(url: url, limits: HTTPLimits(totalMilliseconds: 60_000))
            guard case .unreachable(url, _) = Self.error(of: request) else { throw Unexpected(Self.error(of: request)) }
        }
    }

    @Test func silenceEndsARequest() throws {
        try withServer { connection, request in
            if request.target == "/hang" { return connection.hang() }
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            connection.drip([UInt8](repeating: 1, count: 12), everyMilliseconds: 50)
            if request.target == "/rest" {
                connection.write([UInt8](repeating: 1, count: 988))
            } else {
                connection.hang()
            }
        } _: { server in
            let total = HTTPLimits(totalMilliseconds: 200)
            let silent = HTTPLimits(totalMilliseconds: 20_000, silenceMilliseconds: 200)
            let patient = HTTPLimits(totalMilliseconds: 20_000, silenceMilliseconds: 2_000)
            for limits in [total, silent] {
                for path in ["/hang", "/drip"] {
                    let url = server.url + path
                    #expect(Self.error(of: HTTPRequest(url: url, limits: limits)) == .timedOut(url: url))
                }
            }
            let rest = try Self.client().send(HTTPRequest(url: server.url + "/rest", limits: patient))
            #expect(rest.body.count == 1000)
        }
    }

    @Test func aLargeAnswerIsRefused() throws {
        try withServer { connection, request in
            if request.target == "/head" {
                connection.write("HTTP/1.1 200 OK\r\n")
                for number in 0..<4_000 { connection.write("X-\(number): \(String(repeating: "a", count: 100))\r\n") }
            }
            connection.answer(200, body: [UInt8](repeating: 7, count: 1 << 20))
        } _: { server in
            let limits = HTTPLimits(bodyBytes: 1000)
            let expected = HTTPClientError.tooLarge(url: server.url + "/", limitBytes: 1000)
            #expect(Self.error(of: HTTPRequest(url: server.url, limits: limits)) == expected)
            let head = HTTPRequest(url: server.url + "/head")
            guard case .tooLarge = Self.error(of: head) else { throw Unexpected(Self.error(of: head)) }
            #expect(Self.error(of: HTTPRequest(url: server.url, limits: HTTPLimits(bodyBytes: 1 << 20))) == nil)
        }
    }

    @Test(arguments: ["", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "SSH-2.0-other\r\n", "HTTP/1.1 2"])
    func aBrokenAnswerIsBroken(start: String) throws {
        try withServer { connection, _ in
            connection.write(start)
            connection.close()
        } _: { server in
            let request = HTTPRequest(url: server.url, limits: Self.quick)
            guard case .broken = Self.error(of: request) else { throw Unexpected(Self.error(of: request)) }
        }
    }

    @Test func aRedirectIsNotFollowed() throws {
        try withServer { connection, _ in
            connection.answer(302, [("Location", "/other")])
        } _: { server in
            let answer = try Self.client().send(HTTPRequest(url: server.url, limits: Self.quick))
            #expect(answer.head.status == 302 && answer.head["location"] == "/other")
            #expect(server.requests.count == 1)
        }
    }

    /// In a process of its own, because the environment belongs to every test.
    @Test func aProxyOfTheEnvironmentIsNotUsed() async {
        await #expect(processExitsWith: .success) {
            for name in ["http_proxy", "all_proxy"] { setenv(name, "http://127.0.0.1:1", 1) }
            try withServer { connection, _ in
                connection.answer(200)
            } _: { server in
                let answer = try Self.client().send(HTTPRequest(url: server.url, limits: Self.quick))
                try #require(answer.head.status == 200)
            }
        }
    }

    @Test(arguments: [
        "file:///etc/passwd", "ftp://127.0.0.1/", "", "127.0.0.1:80", "http://", "http://a b/", "http://a\r\nb/",
    ])
    func anotherAddressIsNone(url: String) {
        #expect(Self.error(of: HTTPRequest(url: url)) == .invalidURL(url))
    }

    @Test func aLineBreakCannotSlipIn() throws {
        let url = "http://127.0.0.1:1/"
        for request in [
            HTTPRequest(url: url, headers: [("Authorization", "Bearer secret\r\nX: y")]),
            HTTPRequest(url: url, headers: [("X\r\nY", "z")]),
            HTTPRequest(url: url, headers: [("X: a", "z")]),
            HTTPRequest(method: "GET /other HTTP/1.1\r\nX:", url: url),
        ] {
            let error = try #require(Self.error(of: request))
            guard case .invalidRequest = error else { throw Unexpected(error) }
            #expect(!error.description.contains("secret"))
        }
    }

    @Test func onlyPermittedAddressesAreConnectedTo() throws {
        try withServer { connection, _ in
            connection.answer(200)
        } _: { server in
            let client = Self.client()
            // A kept connection must not get round the rules of a later request.
            _ = try client.send(HTTPRequest(url: server.url, limits: Self.quick))
            for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"] {
                let url = "http://\(host):\(server.port)/"
                let refusing = HTTPRequest(url: url, limits: Self.quick, permits: { _ in false })
                let error = #expect(throws: HTTPClientError.self) { try client.send(refusing) }
                guard case .addressNotPermitted(url, let address) = error else { throw Unexpected(error) }
                #expect(address == "127.0.0.1" || address == "::1")
            }
            #expect(server.requests.count == 1)
            let loopback = IPAddress(bytes: [127, 0, 0, 1])
            let permitting = HTTPRequest(
                url: "http://localhost:\(server.port)/", limits: Self.quick, permits: { $0 == loopback })
            #expect(try client.send(permitting).head.status == 200)
        }
    }

    @Test func aStreamEndsWhenItsReaderHasEnough() throws {
        try withServer { connection, _ in
            connection.write("HTTP/1.1 200 OK\r\n\r\n")
            while connection.write("line\n") { usleep(1000) }
        } _: { server in
            let client = Self.client()
            var bytes = 0
            var status = 0
            let request = HTTPRequest(url: server.url + "/x?token=secret", limits: HTTPLimits(totalMilliseconds: nil))
            #expect(throws: HTTPClientError.cancelled(url: server.url + "/x")) {
                try client.stream(request) {
                    status = $0.status
                    return true
                } body: {
                    bytes += $0.count
                    return bytes < 50
                }
            }
            #expect(status == 200 && bytes >= 50)
            #expect(throws: HTTPClientError.cancelled(url: server.url + "/x")) {
                try client.stream(request) { _ in
                    false
                } body: { _ in
                    true
                }
            }
        }
    }

    @Test func aRequestIsCancelledFromAnotherThread() throws {
        try withServer { connection, _ in
            connection.hang()
        } _: { server in
            let cancellation = HTTPCancellation()
            let request = HTTPRequest(
                url: server.url, limits: HTTPLimits(totalMilliseconds: 60_000), cancellation: cancellation)
            Thread.detachNewThread {
                while server.requests.isEmpty { usleep(1000) }
                cancellation.cancel()
            }
            let start = ContinuousClock.now
            #expect(Self.error(of: request) == .cancelled(url: server.url + "/"))
            #expect(ContinuousClock.now - start < .seconds(30))
            #expect(Self.error(of: request) == .cancelled(url: server.url + "/"), "it stays cancelled")
        }
    }

    @Test func clientsOnManyThreadsDoNotMeet() throws {
        try withServer { connection, request in
            connection.answer(200, body: request.body)
        } _: { server in
            DispatchQueue.concurrentPerform(iterations: 8) { thread in
                let client = Self.client()
                for number in 0..<40 {
                    let body = Array("\(thread) \(number)".utf8)
                    let answer = try? client.send(
                        HTTPRequest(method: "POST", url: server.url, body: body, limits: Self.quick))
                    #expect(answer?.body == body)
                }
            }
        }
    }
}

/// What came instead of what a test wanted.
struct Unexpected: Error {
    let error: HTTPClientError?

    init(_ error: HTTPClientError?) { self.error = error }
}
