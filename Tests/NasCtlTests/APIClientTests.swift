import API
import Foundation
import SearchSpaces
import Synchronization
import TestSupport
import Testing

/// The typed client against a real server on a Unix socket or 127.0.0.1.
@Suite struct APIClientTests {
    private func client(_ daemon: ScriptedDaemon) throws -> APIClient {
        try APIClient(endpoint: Endpoint(daemon.endpoint), userAgent: "test/1")
    }

    @Test func requestsAreWrittenAsTheRoutesHaveThem() throws {
        try ScriptedDaemon.serve([:]) { daemon throws in
            let client = try client(daemon)
            _ = try? client.runs(state: "paused", name: "a b&c", limit: 5, cursor: "x=/")
            _ = try? client.currentRuns()
            _ = try? client.run("../ä/..")
            _ = try? client.run("..")
            _ = try? client.pause("abcd")
            _ = try? client.resume("abcd", allowsNumericsChange: true)
            _ = try? client.cancel("abcd")
            _ = try? client.change("abcd", RunLimits(workers: 3))
            _ = try? client.delete("abcd")
            _ = try? client.candidates(of: "abcd", limit: 2, sort: "-accuracy", filter: "loss<=1,state=completed")
            _ = try? client.front(of: "abcd", round: 3)
            _ = try? client.best(of: "abcd")
            _ = try? client.sampler(of: "abcd", name: "draws", cursor: "c")
            _ = try? client.results(of: "abcd", frontOnly: true) { _ in true }
            _ = try? client.model(of: "abcd", candidate: 812) { _ in true }
            _ = try? client.model(of: "abcd", within: CostBudget(text: "params=0.3M")) { _ in true }
            _ = try? client.log(of: "abcd", offset: 17) { _ in true }
            _ = try? client.estimate(yaml: "a")
            _ = try? client.submit(yaml: "a", priority: -2, idempotencyKey: "key")
            _ = try? client.webhooks()
            _ = try? client.replayWebhook("daemon")
            _ = try? client.testWebhook("daemon")
            _ = try? client.doctor()
            try? client.events(of: "abcd", after: 4, follows: false) { _ in true }
            try? client.events(of: nil, follows: true) { _ in true }
            #expect(
                daemon.asked == [
                    "GET /v1/runs?state=paused&name=a%20b%26c&limit=5&cursor=x%3D%2F",
                    "GET /v1/runs?selection=current&limit=1000",
                    "GET /v1/runs/..%2F%C3%A4%2F..", "GET /v1/runs/%2E%2E", "POST /v1/runs/abcd/pause",
                    "POST /v1/runs/abcd/resume?allowNumericsChange=true", "POST /v1/runs/abcd/cancel",
                    "PATCH /v1/runs/abcd",
                    "DELETE /v1/runs/abcd",
                    "GET /v1/runs/abcd/candidates?limit=2&sort=-accuracy&filter=loss%3C%3D1%2Cstate%3Dcompleted",
                    "GET /v1/runs/abcd/front?round=3", "GET /v1/runs/abcd/best",
                    "GET /v1/runs/abcd/sampler?name=draws&cursor=c", "GET /v1/runs/abcd/results.csv?front=true",
                    "GET /v1/runs/abcd/models/812", "GET /v1/runs/abcd/model?params=300000",
                    "GET /v1/runs/abcd/log?offset=17", "POST /v1/runs?dryRun=true",
                    "POST /v1/runs?priority=-2", "GET /v1/webhooks", "POST /v1/webhooks/daemon/replay",
                    "POST /v1/webhooks/daemon/test", "GET /v1/doctor", "GET /v1/runs/abcd/events?follow=false",
                    "GET /v1/events",
                ])
            let requests = daemon.server.requests
            #expect(requests.allSatisfy { $0["user-agent"] == ["test/1"] && $0["authorization"].isEmpty })
            #expect(String(decoding: requests[7].body, as: UTF8.self) == #"{"workers":3}"#)
            #expect(requests[18]["idempotency-key"] == ["key"] && requests[18].body == Array("a".utf8))
            #expect(requests[23]["last-event-id"] == ["4"])
        }
    }

    @Test(arguments: [
        (400, API.ExitStatus.usage), (401, .notPermitted), (403, .notPermitted), (404, .notFound), (409, .conflict),
        (412, .conflict), (422, .usage), (429, .failure), (500, .failure), (503, .failure), (302, .failure),
    ]) func everyStatusHasItsExitCode(status: Int, code: API.ExitStatus) throws {
        let problem = ProblemDocument(
            title: "t", status: status, detail: "mend it", errors: [.init(path: "train.steps", message: "too few")])
        try ScriptedDaemon.serve(["GET /v1/doctor": ScriptedDaemon.document(problem, status)]) { daemon throws in
            let error = #expect(throws: APIClientError.self) { try client(daemon).doctor() }
            #expect(error == .problem(problem) && error?.exitStatus == code)
            #expect(error?.description == "mend it\ntrain.steps: too few")
            #expect(error?.isTransient == (status == 503))
        }
    }

    @Test func otherErrorsHaveTheirExitCodes() {
        let table: [(APIClientError, API.ExitStatus)] = [
            (.invalidEndpoint(text: "", reason: ""), .usage), (.invalidRequest(reason: ""), .usage),
            (.noDaemon(searched: []), .unreachable), (.unreachable(endpoint: "", reason: ""), .unreachable),
            (.notTrusted(endpoint: "", reason: ""), .unreachable), (.broken(endpoint: "", reason: ""), .unreachable),
            (.socketNotPermitted(path: ""), .notPermitted), (.tokenNotSent(endpoint: ""), .notPermitted),
            (.unusableFile(path: "", purpose: "", reason: ""), .notPermitted),
            (.unexpectedAnswer(endpoint: "", reason: ""), .failure),
        ]
        for (error, code) in table {
            #expect(error.exitStatus == code && !error.description.isEmpty)
        }
    }

    @Test func whatIsNoDaemonIsSaidToBeNone() throws {
        let routes: [String: ScriptedDaemon.Route] = [
            "GET /v1/doctor": ScriptedDaemon.bytes(Array("<html>hello</html>".utf8), type: "text/html"),
            "GET /v1/webhooks": ScriptedDaemon.document(["kind": "Other"]),
            "GET /v1/runs": { connection, _ in connection.answer(502, body: Array("bad gateway".utf8)) },
        ]
        try ScriptedDaemon.serve(routes) { daemon throws in
            let client = try client(daemon)
            let none = #expect(throws: APIClientError.self) { try client.doctor() }
            #expect(none?.description.contains("no JSON") == true && none?.exitStatus == .failure)
            let other = #expect(throws: APIClientError.self) { try client.webhooks() }
            #expect(other?.description.contains("no apiVersion") == true)
            let gateway = #expect(throws: APIClientError.self) { try client.currentRuns() }
            #expect(gateway?.description.contains("502") == true && gateway?.isTransient == true)
        }
    }

    @Test func aSubmissionIsSentOnceMoreUnderTheSameKey() throws {
        let count = Mutex(0)
        let route: ScriptedDaemon.Route = { connection, _ in
            let isFirst = count.withLock { count in
                count += 1
                return count == 1
            }
            if isFirst { connection.close() } else { try ScriptedDaemon.answer(connection, Samples.run(), 201) }
        }
        try ScriptedDaemon.serve(["POST /v1/runs": route]) { daemon throws in
            #expect(try client(daemon).submit(yaml: "a", idempotencyKey: "k").run.id == Samples.id)
            #expect(daemon.server.requests.map { $0["idempotency-key"] } == [["k"], ["k"]])
        }
        try ScriptedDaemon.serve(["POST /v1/runs": { connection, _ in connection.close() }]) { daemon throws in
            let error = #expect(throws: APIClientError.self) {
                try client(daemon).submit(yaml: "a", idempotencyKey: "k")
            }
            #expect(error?.exitStatus == .unreachable)
            #expect(daemon.asked.count == 2)
        }
    }

    @Test func theTokenIsSentOnLoopbackAndNowhereElse() throws {
        try withDirectory { folder in
            let file = folder + "/token"
            try Data(" s3cret\n".utf8).write(to: URL(filePath: file))
            chmod(file, 0o600)
            let doctor = DoctorDocument(version: "1", checks: [])
            try withServer { connection, _ in
                try? ScriptedDaemon.answer(connection, doctor, 200)
            } _: { server in
                for host in ["127.0.0.1", "localhost"] {
                    let endpoint = try Endpoint("http://\(host):\(server.port)")
                    _ = try APIClient(endpoint: endpoint, tokenFile: file, userAgent: "t").doctor()
                }
                #expect(server.requests.map { $0["authorization"] } == [["Bearer s3cret"], ["Bearer s3cret"]])
            }
            let error = #expect(throws: APIClientError.self) {
                try APIClient(endpoint: Endpoint("http://nas.example:1"), tokenFile: file, userAgent: "t")
            }
            #expect(error?.exitStatus == .notPermitted && error?.description.contains("plain http") == true)
            // A socket needs none, not even one that can be read.
            _ = try APIClient(endpoint: Endpoint("unix:/a"), tokenFile: folder + "/none", userAgent: "t")
            // One that others may read or change is no secret; the rule of the daemon.
            for (mode, isGood) in [
                (0o644, false), (0o604, false), (0o660, false), (0o601, false), (0o640, true), (0o400, true),
                (0o600, true),
            ] {
                chmod(file, mode_t(mode))
                do throws(APIClientError) {
                    _ = try APIClient(endpoint: Endpoint("https://a"), tokenFile: file, userAgent: "t")
                    #expect(isGood)
                } catch {
                    #expect(!isGood && error.exitStatus == .notPermitted)
                    #expect(error.description.contains("may be read or changed by others; chmod 600 \(file)"))
                }
            }
            // The command can be pasted, whatever the file is called.
            #expect(SecretFile.remedy(for: "my 'own' tok") == "chmod 600 'my '\\''own'\\'' tok'")
            #expect(throws: APIClientError.self) {
                try APIClient(endpoint: Endpoint("https://a"), tokenFile: folder, userAgent: "t")
            }
            for content in ["", "\n", "a b", "a\nb", "ä", String(repeating: "x", count: 5000)] {
                try Data(content.utf8).write(to: URL(filePath: file))
                #expect(throws: APIClientError.self) {
                    try APIClient(endpoint: Endpoint("https://a"), tokenFile: file, userAgent: "t")
                }
            }
            for (token, authority) in [(folder + "/none", nil), (nil, folder + "/none")] as [(String?, String?)] {
                #expect(throws: APIClientError.self) {
                    try APIClient(
                        endpoint: Endpoint("https://a"), tokenFile: token, certificateAuthorityFile: authority,
                        userAgent: "t")
                }
            }
        }
    }

    @Test func aSocketWhereNobodyListensIsUnreachable() throws {
        try withDirectory { folder in
            let client = try APIClient(endpoint: Endpoint("unix:\(folder)/s"), userAgent: "t")
            let error = #expect(throws: APIClientError.self) { try client.doctor() }
            #expect(error?.exitStatus == .unreachable && error?.isTransient == true)
            #expect(error?.description.contains("there is no such socket") == true)
        }
    }

    // MARK: - Events

    @Test func aBrokenStreamGoesOnBehindItsLastEvent() throws {
        let route: ScriptedDaemon.Route = { connection, request in
            let after = request["last-event-id"].first.flatMap { Int($0) } ?? 0
            connection.write(
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\nretry: 1\n\n")
            // Two events and half of a third.
            for sequence in after + 1...after + 2 {
                connection.write("id: \(sequence)\ndata: \(Samples.event(sequence))\n\n")
            }
            connection.write("id: 99\ndata: {")
            connection.close()
        }
        try ScriptedDaemon.serve(["GET /v1/runs/abcd/events": route]) { daemon throws in
            var sequences: [Int] = []
            try client(daemon).events(of: "abcd", follows: true) { event in
                #expect(event.run == Samples.id && event.type == "run.progress")
                sequences.append(event.sequence)
                return sequences.count < 5
            }
            #expect(sequences == [1, 2, 3, 4, 5])
            #expect(daemon.server.requests.map { $0["last-event-id"] } == [[], ["2"], ["4"]])
        }
    }

    @Test func aStreamOfWhatIsThereEnds() throws {
        let text = (1...3).map { "id: \($0)\ndata: \(Samples.event($0))\n\n" }.joined()
        try ScriptedDaemon.serve(["GET /v1/events": ScriptedDaemon.events(text)]) { daemon throws in
            var count = 0
            try client(daemon).events(of: nil, follows: false) { _ in
                count += 1
                return true
            }
            #expect(count == 3 && daemon.asked == ["GET /v1/events?follow=false"])
        }
    }

    @Test func whatIsNoEventEndsTheStream() throws {
        for text in ["data: hello\n\n", "data: {}\n\n"] {
            try ScriptedDaemon.serve(["GET /v1/events": ScriptedDaemon.events(text)]) { daemon throws in
                let error = #expect(throws: APIClientError.self) {
                    try client(daemon).events(of: nil, follows: true) { _ in true }
                }
                #expect(error?.exitStatus == .failure)
            }
        }
        try ScriptedDaemon.serve([:]) { daemon throws in
            let error = #expect(throws: APIClientError.self) {
                try client(daemon).events(of: "abcd", follows: true) { _ in true }
            }
            #expect(error?.exitStatus == .notFound && daemon.asked.count == 1)
        }
    }
}
