import Foundation
import Testing

@testable import nas_ctl

/// What the bridge of `nas-ctl dashboard` lets through.
@Suite struct BridgeTests {
    private let host = "Host: 127.0.0.1:4711"

    private func request(_ lines: String...) throws -> BridgeRequest {
        try BridgeRequest(lines.joined(separator: "\r\n").utf8)
    }

    @Test func onlyWhatTheDaemonNeedsGoesOn() throws {
        let read = try request(
            "POST /v1/runs?priority=2 HTTP/1.1", host, "Origin: http://127.0.0.1:4711", "Authorization: Bearer abc",
            "Cookie: a=b", "Content-Type: application/yaml", "Idempotency-Key:k", "Content-Length: 12",
            "X-Forwarded-For: 1.2.3.4")
        #expect(read.bearer == "abc" && read.bodyLength == 12 && !read.isOfDashboard && !read.isExchange)
        #expect(
            read.forwardedHead
                == "POST /v1/runs?priority=2 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + "content-type: application/yaml\r\nidempotency-key: k\r\nContent-Length: 12\r\n\r\n")
    }

    /// A head that two programs may read differently is none.
    @Test(arguments: [
        "", "GET / HTTP/1.1\n", "GET / HTTP/1.0", "GET / HTTP/2", "get / HTTP/1.1", "GET  / HTTP/1.1", "GET /",
        "GET http://127.0.0.1/ HTTP/1.1", "GET /a#b HTTP/1.1", "GET /\u{e4} HTTP/1.1", "GET / HTTP/1.1\r\nHost : x",
        "GET / HTTP/1.1\r\n folded: x", "GET / HTTP/1.1\r\nno colon", "GET / HTTP/1.1\r\nA: x\rB: y",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b", "GET / HTTP/1.1\r\nOrigin: a\r\norigin: a",
        "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1", "GET / HTTP/1.1\r\nContent-Length: -1",
        "GET / HTTP/1.1\r\nContent-Length: +1", "GET / HTTP/1.1\r\nAuthorization: a\r\nAuthorization: b",
        "GET / HTTP/1.1\r\nA: \u{0}",
    ]) func whatIsNoHead(_ text: String) {
        #expect(throws: BridgeRequest.Refusal.self) { try BridgeRequest(text.utf8) }
    }

    @Test func bodiesAreOfAKnownAndModestLength() {
        func status(_ field: String) -> Int? {
            do {
                _ = try request("POST /v1/runs HTTP/1.1", field)
                return nil
            } catch {
                return (error as? BridgeRequest.Refusal)?.status
            }
        }
        #expect(status("Transfer-Encoding: chunked") == 411 && status("Content-Length: 1048577") == 413)
        #expect(status("Content-Length: 1048576") == nil && status("Content-Length: 9999999999") == 400)
    }

    /// Files alone need no token, and only by paths that nobody reads as anything else.
    @Test(arguments: [
        ("GET", "/", true), ("GET", "/ui/app.js", true), ("GET", "/ui/icon.svg", true), ("POST", "/", false),
        ("GET", "/?x", false), ("GET", "/ui/", false), ("GET", "/ui/../v1/runs", false), ("GET", "/ui/..", false),
        ("GET", "/ui/%2e%2e", false), ("GET", "/ui/a/b", false), ("GET", "/ui/app.js?x", false), ("GET", "//", false),
        ("GET", "/v1/runs", false), ("GET", "/livez", false), ("DELETE", "/ui/app.js", false),
    ]) func filesOfTheDashboard(_ method: String, _ target: String, _ isOpen: Bool) throws {
        let read = try request("\(method) \(target) HTTP/1.1", host)
        #expect(read.isOfDashboard == isOpen)
        #expect((BridgeRule(port: 4711).refusal(of: read, BridgeKeys())?.status == 401) == !isOpen)
    }

    @Test func hostAndOriginAreTheBridges() throws {
        let rule = BridgeRule(port: 4711), keys = BridgeKeys()
        func status(_ host: String?, _ origin: String? = nil) throws -> Int? {
            let fields = [host.map { "Host: \($0)" }, origin.map { "Origin: \($0)" }].compactMap { $0 }
            let read = try BridgeRequest((["GET / HTTP/1.1"] + fields).joined(separator: "\r\n").utf8)
            return rule.refusal(of: read, keys)?.status
        }
        #expect(
            try status("127.0.0.1:4711") == nil && status("localhost:4711") == nil && status("LOCALHOST:4711") == nil)
        for host in [nil, "127.0.0.1", "localhost", "127.0.0.1:4712", "rebound.example:4711", "[::1]:4711", "nas:4711"]
        {
            #expect(try status(host) == 421, "\(host ?? "none")")
        }
        #expect(try status("localhost:4711", "http://127.0.0.1:4711") == nil)
        for origin in [
            "null", "https://127.0.0.1:4711", "http://127.0.0.1", "http://127.0.0.1:80", "http://elsewhere.example", "",
        ] {
            #expect(try status("127.0.0.1:4711", origin) == 403, "\(origin)")
        }
    }

    /// 256 bits each; the key serves once, and for a minute.
    @Test func aKeyServesOnce() throws {
        let begin = ContinuousClock.now
        let keys = BridgeKeys(now: begin), key = try #require(keys.key)
        #expect(key.count == 43 && !keys.accepts(key) && !keys.accepts(""))
        #expect(keys.exchange("", now: begin) == nil && keys.exchange(String(key.dropLast()), now: begin) == nil)
        let token = try #require(keys.exchange(key, now: begin + .seconds(59)))
        #expect(token.count == 43 && token != key && keys.key == nil)
        #expect(keys.accepts(token) && !keys.accepts(key) && !keys.accepts(token + "x") && !keys.accepts(""))
        #expect(keys.exchange(key, now: begin) == nil && keys.exchange("", now: begin) == nil && keys.accepts(token))
        let late = BridgeKeys(now: begin), lateKey = try #require(late.key)
        #expect(lateKey != key && late.exchange(lateKey, now: begin + .seconds(60)) == nil)
        #expect(late.exchange(lateKey, now: begin + .milliseconds(59_999)) != nil)
    }
}
