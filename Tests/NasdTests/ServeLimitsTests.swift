import API
import Foundation
import HTTPClient
import TestSupport
import Testing

/// What a daemon keeps to, whoever is at the other end.
@Suite struct ServeLimitsTests {
    /// A run that computes, a stream that is read, and an answer that nobody reads: SIGTERM ends them all.
    @Test func stopsWithAnOpenStreamAndAStalledDownload() throws {
        let daemon = try ServedDaemon()
        let id = try daemon.submit(ServedDaemon.tiny(steps: 100_000))
        #expect(daemon.wait(id, for: "training"))
        let stream = try RawSocket(daemon.socket)
        stream.send("GET /v1/runs/\(id)/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let stalled = try RawSocket(daemon.socket)
        stalled.send(String(repeating: "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n", count: 200))
        #expect(stream.receive().contains("200 OK"))
        usleep(300_000)
        daemon.program.send(SIGTERM)
        let end = daemon.program.wait(timeout: .seconds(30))
        #expect(end.code == 0, "\(end.error)")
        // The run was left at a checkpoint and goes on.
        try daemon.restart()
        #expect(try daemon.run(id).step > 0)
    }

    @Test func oneDaemonOwnsADirectoryAndASocket() throws {
        let daemon = try ServedDaemon()
        let sameSocket = try Program.run(
            "serve", "--data-directory", daemon.folder + "/other", "--socket", daemon.socket,
            timeout: .seconds(20))
        #expect(sameSocket.code == 5 && sameSocket.error.contains("another daemon answers"), "\(sameSocket.error)")
        let sameDirectory = try Program.run(
            "serve", "--data-directory", daemon.data, "--socket", daemon.folder + "/t", timeout: .seconds(20))
        #expect(sameDirectory.code == 5 && sameDirectory.error.contains("in use by another process"))
        #expect(try daemon.get("/readyz").head.status == 200)
        // A socket that a killed daemon left is no conflict; a file of another kind is.
        daemon.program.send(SIGKILL)
        _ = daemon.program.wait()
        #expect(FileManager.default.fileExists(atPath: daemon.socket))
        try daemon.restart()
        try Files.write([1], daemon.folder + "/file")
        let notASocket = try Program.run(
            "serve", "--data-directory", daemon.folder + "/other", "--socket", daemon.folder + "/file")
        #expect(notASocket.code == 5 && FileManager.default.contents(atPath: daemon.folder + "/file") == Data([1]))
    }

    @Test func tcpAsksForTheToken() throws {
        let file = try TokenFile(), token = file.token
        let daemon = try ServedDaemon(["listen=127.0.0.1:0", "tokenFile=\(file.path)"])
        let port = try daemon.port()
        func status(_ path: String, token: String? = nil) throws -> Int {
            try HTTPClient(userAgent: "test").send(
                HTTPRequest(
                    url: "http://127.0.0.1:\(port)\(path)",
                    headers: token.map { [("Authorization", "Bearer \($0)")] } ?? [])
            ).head.status
        }
        #expect(try status("/livez") == 200 && status("/readyz") == 200)
        #expect(try status("/v1/runs", token: token) == 200)
        for path in ["/readyz?verbose", "/metrics", "/openapi.json", "/v1/runs", "/v1/nothing"] {
            #expect(try status(path) == 401, "\(path)")
        }
        #expect(try status("/v1/runs", token: token.dropLast() + "e") == 401)
        for _ in 0..<10 { _ = try status("/v1/runs") }
        #expect(try status("/v1/runs") == 429)
        // Whoever has the token is never locked out by those who have not.
        #expect(try status("/v1/runs", token: token) == 200)
        #expect(try daemon.get("/v1/runs").head.status == 200)
        #expect(!daemon.program.error.contains("0123456789abcdef"))
    }

    @Test func configurationFaultsAreToldTogether() throws {
        let outcome = try Program.run(
            "serve", "--set", "worker=2", environment: ["XDG_RUNTIME_DIR": "/tmp"])
        #expect(outcome.code == 2 && outcome.error.contains("worker"))
        let several = try Program.run(
            "serve", "--set", "workers=none", "--set", "diskLow=3", "--set", "log.level=loud",
            environment: ["XDG_RUNTIME_DIR": "/tmp", "NASD_CONCURRENT_RUNS": "0"])
        #expect(several.code == 2 && several.error.split(separator: "\n").count == 4, "\(several.error)")
    }

    @Test func logLinesAreJSONWithTheRun() throws {
        let daemon = try ServedDaemon(["log.format=json"])
        let id = try daemon.submit()
        #expect(daemon.wait(id, for: "completed"))
        // The state is there before the line that tells of it.
        daemon.program.send(SIGTERM)
        let lines = daemon.program.wait(timeout: .seconds(30)).error.split(separator: "\n")
        let objects = lines.compactMap {
            try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }
        func has(_ message: String, _ field: String, _ isMeant: (Any) -> Bool) -> Bool {
            objects.contains {
                $0["run"] as? String == id && $0["message"] as? String == message && $0[field].map(isMeant) ?? false
            }
        }
        #expect(objects.count == lines.count && has("completed", "level") { $0 as? String == "info" })
        #expect(has("checkpoint", "step") { $0 as? Int == 20 }, "\(lines)")
    }

    /// A budget is answered by what a run has learned, without search; whatever stands against it is said.
    @Test func nasCtlAsksForABudget() throws {
        let daemon = try ServedDaemon()
        func control(_ arguments: String...) throws -> Program.Outcome {
            try Program(arguments + ["--endpoint", "unix:\(daemon.socket)"], named: "nas-ctl").wait(
                timeout: .seconds(60))
        }
        let learning = ServedDaemon.tiny().replacing("validation: 100", with: "validation: 100, sampler: 64").replacing(
            "checkpointEvery: 20",
            with: "checkpointEvery: 20, sampler: {kind: shift, bins: 4, warm: 4, period: 3, window: 2}")
        let id = try daemon.submit(learning)
        let file = daemon.folder + "/learned.safetensors"
        #expect(daemon.wait(id, for: "completed"))
        let model = try control("model", id, "--budget", "multiplyAdds=0.4M", "--output", file)
        #expect(model.code == 0 && model.output == file + "\n", "\(model.error)")
        let cost = try #require(model.error.firstMatch(of: /multiplyAdds (\d+)/).flatMap { Int($0.1) })
        #expect(
            cost <= 400_000 && model.error.contains("genome embed=") && model.error.contains("validationAccuracy 0."))
        let evaluated = try Program.run("evaluate", file)
        #expect(evaluated.code == 0 && evaluated.output.contains("multiplyAdds  \(cost)"), "\(evaluated.error)")
        #expect(try control("model", id, "--budget", "multiplyAdds=9").code == 2)
        // Any cost may be a budget; whoever has more than the largest network takes gets that.
        let large = try control("model", id, "--budget", "params=1M", "--output", file)
        #expect(large.code == 0 && large.error.contains("params "), "\(large.error)")
        #expect(try control("model", id, "3", "--budget", "params=1M").code == 2)
        #expect(try control("model", "nowhere", "--budget", "params=1M").code == 3)
        let graph = daemon.folder + "/learned.onnx"
        let onnx = try control(
            "model", id, "--budget", "params=1M", "--format", "onnx", "--normalize", "--output", graph)
        #expect(onnx.code == 0 && onnx.output == graph + "\n", "\(onnx.error)")
        let bytes = try #require(FileManager.default.contents(atPath: graph))
        #expect(bytes.range(of: Data("LayerNormalization".utf8)) != nil && bytes.range(of: Data(id.utf8)) != nil)
        #expect(try control("model", id, "--normalize").code == 2)
        #expect(try control("model", id, "--format", "pickle").code == 2)
        #expect(try daemon.get("/v1/runs/\(id)/model?params=1000000&normalize=true").head.status == 422)
        for query in ["", "?multiplyAdds=1&params=1", "?multiplyAdds=-1", "?multiplyAdds=x", "?other=1"] {
            #expect(try daemon.get("/v1/runs/\(id)/model\(query)").head.status == 422, "\(query)")
        }
        let plain = try daemon.submit(ServedDaemon.tiny(name: "plain"))
        #expect(daemon.wait(plain, for: "completed"))
        // A run whose sampler has learned nothing answers too, and the same each time.
        let answers = try (0..<2).map { _ in
            try daemon.get("/v1/runs/\(plain)/model?multiplyAdds=300000")
        }
        #expect(answers.allSatisfy { $0.head.status == 200 } && answers[0].body == answers[1].body)
    }

    /// The five commands of the README, and the codes that scripts go by.
    @Test func nasCtlDrivesTheDaemon() throws {
        let daemon = try ServedDaemon()
        let file = daemon.folder + "/run.yaml"
        try Files.write(Array(ServedDaemon.tiny().utf8), file)
        func control(_ arguments: String...) throws -> Program.Outcome {
            try Program(
                ["--endpoint", "unix:\(daemon.socket)"].reduce(into: arguments) { $0.append($1) }, named: "nas-ctl"
            ).wait(timeout: .seconds(60))
        }
        let submitted = try control("submit", file, "-o", "name")
        let id = submitted.output.trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(submitted.code == 0 && id.count == 12, "\(submitted.error)")
        #expect(try control("wait", id, "--timeout", "50").code == 0)
        #expect(try control("status", id).output.contains("completed"))
        let front = try control("front", id, "-o", "json")
        let members = try WireFormat.decode(CandidateList.self, from: Data(front.output.utf8)).candidates
        #expect(front.code == 0 && !members.isEmpty)
        let csv = daemon.folder + "/results.csv"
        #expect(try control("export", id, "--output", csv).code == 0)
        #expect(FileManager.default.contents(atPath: csv) == Data(try daemon.get("/v1/runs/\(id)/results.csv").body))
        let model = daemon.folder + "/best.safetensors"
        let saved = try control("model", id, "--output", model)
        #expect(saved.code == 0 || saved.error.contains("keeps no network"), "\(saved.error)")
        if saved.code == 0 { #expect(try Program.run("evaluate", model).output.contains("testAccuracy")) }
        #expect(try control("status", "nosuchrun").code == 3)
        #expect(try control("pause", id).code == 5)
        daemon.program.send(SIGTERM)
        _ = daemon.program.wait()
        #expect(try control("status").code == 4)
    }
}
