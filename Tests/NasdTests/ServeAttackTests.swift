import API
import Foundation
import HTTPClient
import Store
import TestSupport
import Testing

/// What no request, no stored row and no end of the process may do to a daemon.
@Suite struct ServeAttackTests {
    /// A run under which the process fails three times, and gets no further, is failed before it computes again.
    @Test(arguments: [("SIGSEGV", SIGSEGV), ("SIGILL", SIGILL), ("SIGABRT", SIGABRT)])
    func aRunThatKeepsEndingTheProcessFails(name: String, signal: Int32) throws {
        let daemon = try ServedDaemon()
        let id = try daemon.submit(
            ServedDaemon.tiny(steps: 100_000).replacing("checkpointEvery: 20", with: "checkpointEvery: 90000")
                .replacing(
                    "every: 20", with: "every: 90000"))
        for attempt in 1...3 {
            #expect(daemon.wait(id, for: "training"), "\(attempt)")
            daemon.program.send(signal)
            #expect(daemon.program.wait().code == -signal)
            try daemon.restart()
        }
        let run = try daemon.run(id)
        #expect(run.state == "failed" && run.failure?.contains(name) == true, "\(run)")
        let events = try RunReader(DataDirectory(reading: daemon.data)).events(
            try #require(RunID(id)), limit: 1000)
        #expect(events.last?.content.type == .runFailed)
        #expect(try daemon.send("POST", "/v1/runs/\(id)/resume").head.status == 202)
        #expect(daemon.wait(id, for: "training"))
    }

    /// Runs that an earlier version took, and that no reader takes any more, hide nothing and end nothing.
    @Test func rowsOfEarlierVersionsAreServed() throws {
        let daemon = try ServedDaemon()
        let good = try daemon.submit()
        #expect(daemon.wait(good, for: "completed"))
        daemon.program.send(SIGTERM)
        #expect(daemon.program.wait(timeout: .seconds(30)).code == 0)
        let (ids, states) = try addOddRuns(daemon.data)
        try daemon.restart()
        for (id, state) in zip(ids, states) {
            let isThere = daemon.wait(id, for: state), run = try daemon.run(id)
            #expect(isThere, "\(run)")
        }
        for path in ["/v1/runs", "/v1/runs?selection=current", "/metrics", "/v1/doctor"] {
            #expect(try daemon.get(path).head.status == 200, "\(path)")
        }
        for id in ids { #expect(try daemon.send("DELETE", "/v1/runs/\(id)").head.status == 204) }
        #expect(try daemon.run(good).state == "completed")
    }

    /// Adds runs that no reader takes any more, or only because they are stored; their ids and the states they come to.
    private func addOddRuns(_ directory: String) throws -> (ids: [String], states: [String]) {
        var generator = SeededGenerator(.random(in: 0 ... .max))
        let store = try RunStore(DataDirectory(owning: directory))
        let stored = try #require(try store.storedRuns(limit: 1).first)
        let yaml = stored.draft.runYAML
        let documents: [(text: String, state: String)] = [
            (yaml.replacing("dropout: 0\n", with: "dropout: 1e-46\n"), "failed"),
            (
                yaml.replacing(
                    "  labelSmoothing: 0\n", with: "  distillation:\n    temperature: 1e-50\n  labelSmoothing: 0\n"),
                "failed"
            ),
            ("a: 1", "failed"), ("", "failed"), (String(repeating: "[", count: 3000), "failed"),
            (
                yaml.replacing(
                    "constraints: []",
                    with:
                        "constraints: [\(Array(repeating: "{metric: params, atMost: 1e9}", count: 1100).joined(separator: ", "))]"
                ),
                "completed"
            ),
        ]
        let ids = try documents.map { document in
            try store.createRun(
                RunDraft(
                    name: "odd \u{1B}]0;x\u{07}", seed: 3, runYAML: document.text, spaceYAML: stored.draft.spaceYAML),
                time: Timestamp(Date()), using: &generator
            ).id.text
        }
        try store.close()
        return (ids, documents.map(\.state))
    }

    /// Numbers whose products exceed every type are answered.
    @Test func estimatesDoNotOverflow() throws {
        let daemon = try ServedDaemon()
        let text = ServedDaemon.tiny(steps: 1_000_000_000).replacing(
            "during: {every: 20, evaluations: 4}", with: "during: {every: 1, evaluations: 1000000000}")
        let answer = try daemon.send("POST", "/v1/runs?dryRun=true", body: text)
        #expect(answer.head.status == 200)
        let estimate = try daemon.document(SubmissionEstimate.self, answer)
        #expect(estimate.diskBytes == Int.max)
        #expect(try daemon.get("/livez").head.status == 200)
    }

    /// On a full disk a run can be deleted, and that makes room.
    @Test(.enabled(if: TinyDisk.isAvailable)) func aFullDiskIsFreedByDeleting() throws {
        let folder = "/tmp/nasd-full-\(UUID().uuidString.prefix(8))"
        let disk = try TinyDisk(folder, mebibytes: 24)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let daemon = try ServedDaemon(["dataDirectory=\(disk.path)/data"])
        let id = try daemon.submit()
        #expect(daemon.wait(id, for: "completed"))
        disk.fill()
        // What an answer has to be written for first finds no room; what is there is sent.
        for path in ["results.csv", "results.csv?front=true"] {
            #expect(try daemon.get("/v1/runs/\(id)/\(path)").head.status == 507, "\(path)")
        }
        #expect(try daemon.get("/v1/runs/\(id)/log").head.status == 200)
        // The database may still have to wait for the room that the files made.
        var status = try daemon.send("DELETE", "/v1/runs/\(id)").head.status
        for _ in 0..<2 where status == 507 { status = try daemon.send("DELETE", "/v1/runs/\(id)").head.status }
        #expect(status == 204)
        let left = try FileManager.default.contentsOfDirectory(atPath: "\(disk.path)/data/runs")
        #expect(left.isEmpty, "\(left)")
        disk.empty()
        let next = try daemon.submit()
        #expect(daemon.wait(next, for: "completed"))
        daemon.program.send(SIGTERM)
        #expect(daemon.program.wait(timeout: .seconds(30)).code == 0)
    }

    /// Files that a kill left between a folder's new name and its rows are known to be meant to go.
    @Test func aHalfDeletedRunIsDeleted() throws {
        let daemon = try ServedDaemon()
        let first = try daemon.submit(), second = try daemon.submit(ServedDaemon.tiny(name: "other"))
        #expect(daemon.wait(first, for: "completed") && daemon.wait(second, for: "completed"))
        daemon.program.send(SIGTERM)
        #expect(daemon.program.wait(timeout: .seconds(30)).code == 0)
        let runs = daemon.data + "/runs/"
        try FileManager.default.moveItem(atPath: runs + first, toPath: runs + ".deleted-" + first)
        try Files.write([1], daemon.data + "/.spool-Ab12Cd")
        try daemon.restart()
        #expect(try daemon.get("/v1/runs/\(first)").head.status == 404)
        #expect(try FileManager.default.contentsOfDirectory(atPath: runs) == [second])
        #expect(!FileManager.default.fileExists(atPath: daemon.data + "/.spool-Ab12Cd"))
    }

    @Test func aNameThatLeadsElsewhereIsRefused() throws {
        let daemon = try ServedDaemon(["hosts=nas.example"])
        func status(_ host: String, _ path: String = "/v1/runs", _ more: String = "") throws -> String {
            let peer = try RawSocket(daemon.socket)
            peer.send("GET \(path) HTTP/1.1\r\nHost: \(host)\r\n\(more)Connection: close\r\n\r\n")
            return String(peer.receive().dropFirst(9).prefix(3))
        }
        #expect(
            try status("localhost") == "200" && status("nas.example:81") == "200" && status("evil.example") == "421")
        #expect(try status("evil.example", "/livez") == "200" && status("evil.example", "/livez?verbose") == "421")
        #expect(try status("localhost", "http://evil.example/v1/runs") == "400")
        #expect(try status("localhost", "/v1/runs", "Host: evil.example\r\n") == "400")
        #expect(try status("localhost", "/v1/runs", "Origin: https://evil.example\r\n") == "403")
        #expect(try status("localhost", "/v1/runs", "Origin: https://nas.example\r\n") == "200")
        #expect(try status("localhost", "/v1/runs", "nasd-protocol: 1.0\r\n") == "200")
        let old = try RawSocket(daemon.socket)
        old.send("GET /v1/runs HTTP/1.0\r\n\r\n")
        #expect(old.receive().contains(" 200 "))
        let none = try RawSocket(daemon.socket)
        none.send("GET /v1/runs HTTP/1.1\r\nnasd-protocol: 1.0\r\nConnection: close\r\n\r\n")
        #expect(none.receive().contains(" 400 "))
    }

    /// With standard error closed, no file gets its number.
    @Test func closedStreamsAreNobodysFiles() throws {
        let run = try SmallRun()
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments =
            [
                "-c", "exec \"$0\" \"$@\" 0<&- 1>&- 2>&-", try Program.file("nasd").path,
            ] + run.arguments
        try process.run()
        process.waitUntilExit()
        // Its front was to be told, and could not be.
        #expect(process.terminationStatus == 1 && run.results != nil)
        let database = try #require(FileManager.default.contents(atPath: run.output + "/nasd.sqlite"))
        #expect(database.prefix(15) == Data("SQLite format 3".utf8))
        #expect(database.range(of: Data("beginning run".utf8)) == nil)
    }
}
