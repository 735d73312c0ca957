import API
import Foundation
import HTTPClient
import TestSupport
import Testing

/// The dashboard's files and routes as a browser asks for them.
@Suite struct DashboardServingTests {
    /// Files are anybody's who reaches the daemon; data takes the token, downloads and streams too.
    @Test func filesAloneNeedNoToken() throws {
        let token = try TokenFile()
        let daemon = try ServedDaemon(["listen=127.0.0.1:0", "tokenFile=\(token.path)"])
        let base = "http://127.0.0.1:\(try daemon.port())"
        func get(_ path: String, _ headers: [(name: String, value: String)] = []) throws -> HTTPResponse {
            try HTTPClient(userAgent: "test").send(HTTPRequest(url: base + path, headers: headers))
        }
        let page = try get("/")
        #expect(page.head.status == 200 && page.head["content-type"] == "text/html; charset=utf-8")
        let policy = try #require(page.head["content-security-policy"])
        for part in ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"] {
            #expect(policy.contains(part))
        }
        #expect(!policy.contains("unsafe") && !policy.contains("http"))
        #expect(page.head["x-content-type-options"] == "nosniff" && page.head["referrer-policy"] == "no-referrer")
        #expect(page.head["cache-control"] == "no-cache" && page.head["set-cookie"] == nil)
        let script = try get("/ui/app.js"), tag = try #require(script.head["etag"])
        #expect(script.head.status == 200 && script.head["content-type"] == "text/javascript; charset=utf-8")
        for known in [tag, "W/\(tag)", "\"x\", \(tag)"] {
            let again = try get("/ui/app.js", [("If-None-Match", known)])
            #expect(again.head.status == 304 && again.body.isEmpty && again.head["etag"] == tag)
        }
        #expect(try get("/ui/app.js", [("If-None-Match", "\"x\"")]).head.status == 200)
        #expect(try get("/ui/nothing.js").head.status == 404 && get("/ui/../v1/runs").head.status != 200)
        for path in ["/?token=x", "/ui/app.js?x=1", "/ui", "/v1/runs", "/v1/events", "/openapi.json", "/v1/doctor"] {
            #expect(try get(path).head.status == 401, "\(path)")
        }
        // A page of another origin, and a name that was made to lead here, get not even the files.
        #expect(try get("/", [("Host", "rebound.example")]).head.status == 421)
        #expect(try get("/ui/app.js", [("Origin", "http://elsewhere.example")]).head.status == 403)
    }

    /// The files, and nothing that takes a token, are packed for browsers that take gzip.
    @Test func filesArePackedForWhoTakesIt() throws {
        let daemon = try ServedDaemon()
        func get(_ path: String, _ headers: (name: String, value: String)...) throws -> HTTPResponse {
            try daemon.send("GET", path, headers: headers)
        }
        for path in ["/", "/ui/app.js", "/ui/style.css"] {
            let plain = try get(path), packed = try get(path, ("Accept-Encoding", "br, gzip;q=0.5"))
            #expect(plain.head["content-encoding"] == nil && plain.head["vary"] == "Accept-Encoding")
            #expect(packed.head["content-encoding"] == "gzip" && packed.head["vary"] == "Accept-Encoding")
            #expect(packed.head["content-type"] == plain.head["content-type"])
            #expect(packed.body.count < plain.body.count / 2 && packed.head["etag"] != plain.head["etag"])
            try Files.write(packed.body, daemon.folder + "/packed.gz")
            try Files.write(plain.body, daemon.folder + "/plain")
            #expect(try Shell.run("gzip -dc packed.gz | cmp - plain", in: daemon.folder).code == 0, "\(path)")
            // A browser that has one of both has that one.
            let tag = try #require(packed.head["etag"])
            let again = try get(path, ("Accept-Encoding", "gzip"), ("If-None-Match", tag))
            #expect(again.head.status == 304 && again.body.isEmpty && again.head["etag"] == tag)
            #expect(try get(path, ("If-None-Match", tag)).head.status == 200)
        }
        for refused in ["gzip;q=0", "identity", "br", "", "*;q=0"] {
            #expect(try get("/ui/app.js", ("Accept-Encoding", refused)).head["content-encoding"] == nil, "\(refused)")
        }
        #expect(try get("/ui/app.js", ("Accept-Encoding", "*")).head["content-encoding"] == "gzip")
        for path in ["/v1/runs", "/openapi.json", "/metrics"] {
            #expect(try get(path, ("Accept-Encoding", "gzip")).head["content-encoding"] == nil, "\(path)")
        }
    }

    /// Pictures of candidates and of the curve, thinned and whole, and what a candidate is made of.
    @Test func picturesAreThinned() throws {
        let daemon = try ServedDaemon()
        let id = try daemon.submit()
        #expect(daemon.wait(id, for: "completed"))
        func points(_ query: String) throws -> CandidatePoints {
            try daemon.document(CandidatePoints.self, try daemon.get("/v1/runs/\(id)/points\(query)"))
        }
        let front = try daemon.document(CandidateList.self, try daemon.get("/v1/runs/\(id)/front")).candidates
        let whole = try points("")
        #expect(whole.count == 12 && whole.candidates == Array(5...16) && whole.round == 1 && whole.weightsStep == 40)
        #expect(whole.columns.map(\.name) == ["accuracy", "multiplyAdds"])
        #expect(Set(whole.front) == Set(front.map(\.candidate)) && whole.infeasible.isEmpty)
        for one in front {
            let place = try #require(whole.candidates.firstIndex(of: one.candidate))
            #expect(whole.columns[0].values[place] == one.accuracy)
            #expect(whole.columns[1].values[place] == one.multiplyAdds.map(Double.init))
        }
        // Twelve by at most three: every fourth from the first, and all of the front.
        let thinned = try points("?points=3&values=params,validationAccuracy")
        #expect(thinned.count == 12 && Set(thinned.candidates) == Set([5, 9, 13]).union(front.map(\.candidate)))
        #expect(thinned.columns.map(\.name) == ["params", "validationAccuracy"])
        #expect(try points("?round=0").candidates == [1, 2, 3, 4])
        let wrong = try daemon.get("/v1/runs/\(id)/points?values=bleu")
        #expect(wrong.head.status == 422 && String(decoding: wrong.body, as: UTF8.self).contains("activationBytes"))
        for query in ["?points=1", "?round=-1", "?values=", "?what=1"] {
            #expect(try daemon.get("/v1/runs/\(id)/points\(query)").head.status == 422, "\(query)")
        }
        #expect(try daemon.get("/v1/runs/\(id)/points?round=7").head.status == 404)
        let curve = try daemon.document(CurveDocument.self, try daemon.get("/v1/runs/\(id)/curve?points=4"))
        #expect(curve.points.map(\.candidate) == [1, 4, 5, 9, 13, 16] && curve.next == nil)
        let all = try daemon.document(CurveDocument.self, try daemon.get("/v1/runs/\(id)/curve?points=16"))
        #expect(all.points.map(\.candidate) == Array(1...16))
        let sampler = try daemon.document(SamplerDocument.self, try daemon.get("/v1/runs/\(id)/sampler"))
        #expect(sampler.bins?.count == 8 && sampler.binMetric == "multiplyAdds")
        #expect(sampler.bins == sampler.bins?.sorted())
    }

    @Test func aCandidateTellsItsDecisionsAndChildren() throws {
        let daemon = try ServedDaemon()
        let id = try daemon.submit()
        #expect(daemon.wait(id, for: "completed"))
        var told: [Int: ExplanationDocument] = [:]
        for number in 1...16 {
            told[number] = try daemon.document(
                ExplanationDocument.self, try daemon.get("/v1/runs/\(id)/candidates/\(number)"))
        }
        var made: [Int: [Int]] = [:]
        for (number, one) in told {
            for parent in one.asked?.parents ?? [] { made[parent.candidate, default: []].append(number) }
        }
        #expect(!made.isEmpty)
        for (number, one) in told {
            #expect(
                one.children?.map(\.candidate) == made[number, default: []].sorted()
                    && one.childCount == one.children?.count)
            let decisions = try #require(one.decisions)
            #expect(decisions.map(\.scope) == ["network", "network", "block.0", "block.0", "block.1", "block.1"])
            // The genome is the active ones.
            let active = decisions.filter(\.isActive)
            let text = ["embed", "depth", "heads", "mlpRatio"].map { name in
                "\(name)=" + active.filter { $0.name == name }.map { $0.options[$0.chosen] }.joined(separator: ",")
            }
            #expect(text.joined(separator: ";") == one.candidate.genome)
        }
    }

    /// What waits for a receiver is told with its attempts.
    @Test func messagesTellTheirAttempts() throws {
        let receiver = try WebhookReceiver()
        defer { receiver.stop() }
        let daemon = try ServedDaemon(["webhook.allow=127.0.0.0/8"])
        try receiver.writeSecret(to: daemon.folder + "/secrets")
        let id = try daemon.submit(
            ServedDaemon.tiny(extra: "webhook: {url: 'http://127.0.0.1:9/x', secret: \(WebhookReceiver.secretName)}"))
        #expect(daemon.wait(id, for: "completed"))
        func messages(_ query: String = "") throws -> WebhookMessageList {
            try daemon.document(WebhookMessageList.self, try daemon.get("/v1/webhooks/\(id)/messages\(query)"))
        }
        #expect(daemon.waitUntil(seconds: 30) { (try? messages().messages.first?.lastOutcome) != nil })
        let all = try messages("?limit=1000").messages
        let first = try #require(all.first)
        #expect(first.run == id && first.seq == 1 && first.type == "run.queued" && first.state == "pending")
        #expect(first.attempts >= 1 && first.nextAttempt != nil)
        #expect(all.dropFirst().allSatisfy { $0.attempts == 0 && $0.lastOutcome == nil })
        let page = try messages("?limit=1")
        #expect(page.messages.map(\.id) == [first.id] && page.next != nil)
        #expect(try messages("?limit=1&cursor=\(page.next ?? "")").messages.map(\.seq) == [2])
        #expect(try daemon.get("/v1/webhooks/nobody/messages").head.status == 404)
    }
}

/// A file with a token that the daemon and its clients may read.
final class TokenFile {
    let path = "/tmp/nasd-token-\(UUID().uuidString)"
    let token = String(repeating: "0123456789abcdef", count: 2)

    init() throws {
        try Files.write(Array("\(token)\n".utf8), path)
        chmod(path, 0o600)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

extension ServedDaemon {
    /// The port that it listens on, which may come after the socket.
    func port() throws -> Int {
        let address = /address=127\.0\.0\.1:(\d+)/
        waitUntil(seconds: 30) { program.error.firstMatch(of: address) != nil }
        return try #require(program.error.firstMatch(of: address).flatMap { Int($0.1) })
    }
}
