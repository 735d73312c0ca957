import API
import Foundation
import TestSupport
import Testing

@testable import nas_ctl

/// The built program, run as a user would: what is on standard output, what on standard error, and the exit code.
@Suite struct CommandTests {
    private static let run = "/v1/runs/\(Samples.id)"
    private static let runs = RunList(runs: [
        Samples.item(), Samples.item(id: "aaaaaaaaaaaa", state: "completed", step: 3000),
        Samples.item(id: "bbbbbbbbbbbb", state: "failed", failure: "diverged"),
    ])

    private func routes(_ further: [String: ScriptedDaemon.Route] = [:]) -> [String: ScriptedDaemon.Route] {
        [
            "GET /v1/runs": ScriptedDaemon.document(Self.runs),
            "GET \(Self.run)": ScriptedDaemon.document(Samples.run()),
            "GET /v1/doctor": ScriptedDaemon.document(
                DoctorDocument(version: "9.9.9", checks: [.init(name: "disk", level: "ok", text: "12 GiB free")])),
        ].merging(further) { $1 }
    }

    private func decode<Document: Decodable>(_ type: Document.Type, _ outcome: Program.Outcome) throws -> Document {
        #expect(outcome.code == 0, "\(outcome.error)")
        return try WireFormat.decode(type, from: Data(outcome.output.utf8))
    }

    @Test func jsonIsTheWireType() throws {
        let list = CandidateList(run: Samples.id, candidates: (1...3).map { Samples.candidate($0) })
        let best = CandidateDocument(run: Samples.id, candidate: Samples.candidate(2))
        let sampler = SamplerDocument(
            run: Samples.id, sampler: "sandwich", statistics: [.init(step: 1, name: "draws", bin: 0, value: 3)])
        let training = TrainingDocument(run: Samples.id, recordEvery: 2, records: Samples.training(3))
        let curve = CurveDocument(
            run: Samples.id, points: [.init(candidate: 1, round: 0, weightsStep: 5, hypervolume: 0.25)])
        let explanation = ExplanationDocument(
            run: Samples.id, objectives: ["accuracy", "multiplyAdds"], candidate: Samples.candidate(3),
            asked: .init(
                generation: 4, operator: "mutation", parents: [Samples.candidate(1)], aim: "uncertainty",
                repaired: true,
                predictions: [.init(metric: "accuracy", mean: 0.9, spread: 0.01, measured: 0.903)]),
            measuring: .init(seconds: 0.5, together: 4, samples: 1000), hypervolume: 0.75, gain: 0.125, dominators: 1,
            nearest: [Samples.candidate(2)], dominates: 7)
        let webhooks = WebhookList(webhooks: [
            .init(
                id: "daemon", url: "https://a.example", secret: "s", events: ["run.*"], state: "active", pending: 0,
                dead: 2, delivered: 1, nextAttempt: nil, lastOutcome: "200", lastAttempt: Samples.begun)
        ])
        let routes = routes([
            "GET \(Self.run)/candidates": ScriptedDaemon.document(list),
            "GET \(Self.run)/front": ScriptedDaemon.document(list),
            "GET \(Self.run)/best": ScriptedDaemon.document(best),
            "GET \(Self.run)/candidates/3": ScriptedDaemon.document(explanation),
            "GET \(Self.run)/curve": ScriptedDaemon.document(curve),
            "GET \(Self.run)/sampler": ScriptedDaemon.document(sampler),
            "GET \(Self.run)/training": ScriptedDaemon.document(training),
            "GET /v1/webhooks": ScriptedDaemon.document(webhooks),
            "POST /v1/webhooks/daemon/replay": ScriptedDaemon.document(WebhookReplay(replayed: 2), 202),
            "POST \(Self.run)/pause": ScriptedDaemon.document(Samples.run(), 202),
            "PATCH \(Self.run)": ScriptedDaemon.document(Samples.run()),
        ])
        try ScriptedDaemon.serve(routes) { daemon throws in
            #expect(try decode(RunList.self, daemon.run("status", "-o", "json")) == Self.runs)
            #expect(try decode(RunList.self, daemon.run("list", "-o", "json")) == Self.runs)
            #expect(try decode(RunDocument.self, daemon.run("status", Samples.id, "-o", "json")) == Samples.run())
            #expect(try decode(RunDocument.self, daemon.run("pause", Samples.id, "-o", "json")) == Samples.run())
            #expect(
                try decode(RunDocument.self, daemon.run("set", Samples.id, "workers=1", "-o", "json")) == Samples.run())
            #expect(try decode(CandidateList.self, daemon.run("candidates", Samples.id, "-o", "json")) == list)
            #expect(try decode(CandidateList.self, daemon.run("front", Samples.id, "-o", "json")) == list)
            #expect(try decode(CandidateDocument.self, daemon.run("best", Samples.id, "-o", "json")) == best)
            #expect(try decode(SamplerDocument.self, daemon.run("sampler", Samples.id, "-o", "json")) == sampler)
            #expect(try decode(TrainingDocument.self, daemon.run("training", Samples.id, "-o", "json")) == training)
            #expect(try decode(CurveDocument.self, daemon.run("curve", Samples.id, "-o", "json")) == curve)
            #expect(
                try daemon.run("curve", Samples.id, "-o", "csv").output
                    == "candidate,round,weightsStep,hypervolume\r\n1,0,5,0.25\r\n")
            #expect(
                try decode(ExplanationDocument.self, daemon.run("explain", Samples.id, "3", "-o", "json"))
                    == explanation)
            let told = try daemon.run("explain", Samples.id, "3").output
            for line in [
                "when          generation 4 of round 1", "parents       1 (accuracy 0.901, multiplyAdds 20001000)",
                "chosen for    unsure predictions", "moved         into the bounds of exact costs",
                "predicted     accuracy 0.9 ± 0.01, measured 0.903", "took          0.5 s, of 2 s for 4 together",
                "samples       1000", "hypervolume   0.75, of which it added 0.125", "dominates     7",
                "dominated by  1", "nearest       2 (accuracy 0.902, multiplyAdds 20002000)",
            ] {
                #expect(told.contains(line + "\n"), "\(line): \(told)")
            }
            #expect(try daemon.run("explain", Samples.id, "3", "-o", "csv").code == 2)
            #expect(try daemon.run("explain", Samples.id, "0").code == 2)
            // The bytes of nasd export --training.
            #expect(
                try daemon.run("training", Samples.id, "-o", "csv").output
                    == "step,loss,learningRate,stepsPerSecond,elapsedSeconds\r\n2,2.5,0.001,10,0.2\r\n4,1.25,0.001,10,0.4\r\n6,0.8333333333333334,0.001,10,0.6\r\n"
            )
            #expect(try decode(WebhookList.self, daemon.run("webhooks", "list", "-o", "json")) == webhooks)
            #expect(
                try decode(WebhookReplay.self, daemon.run("webhooks", "replay", "daemon", "-o", "json")).replayed == 2)
            #expect(try decode(DoctorDocument.self, daemon.run("doctor", "-o", "json")).version == "9.9.9")
            let version = try decode(Version.Document.self, daemon.run("version", "-o", "json"))
            #expect(version.daemon == "9.9.9" && version.endpoint == daemon.endpoint)
            // One item a line.
            let lines = try daemon.run("candidates", Samples.id, "-o", "jsonl").output.split(separator: "\n")
            let items = try lines.map { try WireFormat.decode(CandidateItem.self, from: Data($0.utf8)) }
            #expect(items == list.candidates)
        }
    }

    /// Tables, CSV, filters and orders have the metrics that the run declares, and no others.
    @Test func columnsFollowTheRun() throws {
        func metric(
            _ name: String, _ kind: String = "quality", values: [String]? = nil
        ) -> RunDocument.Metric {
            .init(
                name: name, unit: "", kind: kind, goal: "minimize", least: 0, most: nil, values: values ?? [name])
        }
        var document = Samples.run()
        document.objectives = [
            .init(metric: "rmse", goal: "minimize"), .init(metric: "activationBytes", goal: "minimize"),
        ]
        document.metrics = [
            metric("params", "cost"), metric("activationBytes", "cost"),
            metric("rmse", values: ["rmse", "validationRmse", "testRmse"]), metric("mae"), metric("loss"),
        ]
        let items = (1...3).map { number in
            var item = Samples.candidate(number)
            item.accuracy = nil
            item.multiplyAdds = nil
            item.metrics = ["activationBytes": 4096 * Double(number), "rmse": 1.5 / Double(number), "mae": 0.25]
            return item
        }
        let list = CandidateList(run: Samples.id, candidates: items)
        let routes = routes([
            "GET \(Self.run)": ScriptedDaemon.document(document),
            "GET \(Self.run)/candidates": ScriptedDaemon.document(list),
            "GET \(Self.run)/front": ScriptedDaemon.document(list),
            "GET \(Self.run)/best": ScriptedDaemon.document(CandidateDocument(run: Samples.id, candidate: items[0])),
        ])
        try ScriptedDaemon.serve(routes) { daemon throws in
            let table = try daemon.run("candidates", Samples.id)
            let head = table.output.split(separator: "\n").first?.split(separator: " ").map(String.init) ?? []
            #expect(
                head == [
                    "CANDIDATE", "GENOME", "ROUND", "STATE", "FEASIBLE", "LOSS", "PARAMS", "FRONT", "ACTIVATIONBYTES",
                    "RMSE",
                    "TESTRMSE", "VALIDATIONRMSE",
                ])
            #expect(table.output.contains("12288") && table.output.contains("0.7500"))
            let wide = try daemon.run("front", Samples.id, "-o", "wide")
            #expect(wide.output.contains("MAE") && !wide.output.contains("MULTIPLYADDS"))
            let csv = try daemon.run(
                "front", Samples.id, "-o", "csv", "--filter", "rmse<1,activationBytes>=4k", "--sort", "-activationBytes"
            )
            #expect(csv.output.contains("testAccuracy,activationBytes,mae,rmse,testRmse,validationRmse\r\n"))
            #expect(csv.output.contains("\r\n3,") && csv.output.contains(",12288,0.25,0.5,,\r\n2,"))
            let best = try daemon.run("best", Samples.id)
            #expect(best.output.contains("rmse") && !best.output.contains("accuracy"))
            let refused = try daemon.run("candidates", Samples.id, "--filter", "rsme<1")
            #expect(refused.code == 2 && refused.error.contains("did you mean 'rmse'?"))
            #expect(refused.error.contains("activationBytes, mae, rmse, testRmse, validationRmse"))
        }
    }

    @Test func dataAndTalkAreKeptApart() throws {
        try ScriptedDaemon.serve(routes()) { daemon throws in
            let names = try daemon.run("list", "-o", "name", "--limit", "2")
            #expect(names.code == 0 && names.output == "\(Samples.id)\naaaaaaaaaaaa\n")
            let csv = try daemon.run("list", "-o", "csv", "--filter", "state=failed", "--no-headers")
            #expect(csv.output.hasPrefix("bbbbbbbbbbbb,mnist-vit,failed,") && csv.output.hasSuffix("diverged\r\n"))
            let table = try daemon.run("status", "--sort", "-step")
            #expect(table.output.split(separator: "\n").dropFirst().first?.hasPrefix("aaaaaaaaaaaa") == true)
            #expect(!table.output.contains("\u{1B}") && table.error.isEmpty)
            let version = try daemon.run("version")
            #expect(version.code == 0 && version.output.contains("9.9.9") && version.error.contains("differ"))
            #expect(try daemon.run("version", "-q").error.isEmpty)
            let none = try daemon.run("list", "--filter", "name=other")
            #expect(none.code == 0 && none.output.isEmpty && none.error == "no runs\n")
        }
    }

    /// A slip of the pen is told as such, where a command is expected and where a value is.
    @Test func whatWasMeantIsTold() throws {
        func error(_ program: String = "nas-ctl", _ arguments: String...) throws -> String {
            let outcome = try Program(arguments, named: program).wait()
            #expect(outcome.code == 2 && outcome.output.isEmpty, "\(arguments)")
            return outcome.error
        }
        #expect(try error("nas-ctl", "statsu").contains("no command 'statsu'; did you mean 'status'?"))
        #expect(try error("nas-ctl", "-o", "json", "--endpoint", "unix:/a", "lst").contains("did you mean 'list'?"))
        #expect(try error("nas-ctl", "help", "cancle").contains("did you mean 'cancel'?"))
        #expect(
            try error("nas-ctl", "webhooks", "reply").contains(
                "webhooks has no command 'reply'; did you mean 'replay'?"))
        #expect(try error("nas-ctl", "frobnicate").contains("there are submit, search, validate, list"))
        #expect(try error("nas-ctl", "status", "--filtr", "x").contains("Did you mean '--filter'?"))
        #expect(try error("nas-ctl", "wait", "abcd", "--for", "complete").contains("completed"))
        #expect(try error("nas-ctl", "wait", "abcd", "--timeout", "soon").contains("s, m, h or d"))
        #expect(try error("nas-ctl", "set", "abcd", "worker=3").contains("did you mean 'workers'?"))
        #expect(try error("nasd", "sreve").contains("no command 'sreve'; did you mean 'serve'?"))
        #expect(try error("nasd", "help", "sreve").contains("did you mean 'serve'?"))
        let sampler = SamplerDocument(
            run: Samples.id, sampler: "sandwich", statistics: [.init(step: 1, name: "draws", bin: 0, value: 3)])
        let route: ScriptedDaemon.Route = { connection, request in
            var answer = sampler
            if request.target.contains("name=") { answer.statistics = [] }
            try ScriptedDaemon.answer(connection, answer, 200)
        }
        try ScriptedDaemon.serve(routes(["GET \(Self.run)/sampler": route])) { daemon throws in
            let outcome = try daemon.run("sampler", Samples.id, "--name", "drwas")
            #expect(outcome.code == 2 && outcome.error.contains("did you mean 'draws'?"), "\(outcome)")
            for filter in ["state=complete", "step=many"] {
                #expect(try daemon.run("list", "--filter", filter).code == 2)
            }
            #expect(try daemon.run("list", "--filter", "STATE=Failed", "-o", "name").output == "bbbbbbbbbbbb\n")
        }
    }

    /// `set` shows what it set, and tells what the daemon permits of it.
    @Test func limitsAreShown() throws {
        var capped = Samples.run(), met = Samples.run()
        capped.limits = .init(evaluations: 2000, workers: 2, workersAsked: 64, priority: 5)
        met.limits = .init(evaluations: 2000, workers: 2, workersAsked: 2, priority: 5)
        for (document, isCapped) in [(capped, true), (met, false)] {
            try ScriptedDaemon.serve(["PATCH \(Self.run)": ScriptedDaemon.document(document)]) { daemon throws in
                let outcome = try daemon.run("set", Samples.id, "workers=64", "evaluations=2k")
                #expect(outcome.code == 0 && outcome.output.contains(/evaluations +2000\n/))
                #expect(outcome.output.contains("2 of the 64 asked for") == isCapped, "\(outcome)")
                #expect(outcome.error.contains("workers=64 is capped to 2 by the daemon") == isCapped)
                #expect(!outcome.output.contains("priority"))
            }
        }
        // A daemon of before does not say.
        try ScriptedDaemon.serve(["PATCH \(Self.run)": ScriptedDaemon.document(Samples.run())]) { daemon throws in
            #expect(try daemon.run("set", Samples.id, "workers=64").output.contains("mnist-vit"))
        }
    }

    @Test func theRemedyForALiveRunIsNamed() throws {
        let problem = ProblemDocument(
            title: "Conflict", status: 409, detail: "a run that is training cannot be deleted")
        let routes: [String: ScriptedDaemon.Route] = [
            "DELETE \(Self.run)": ScriptedDaemon.document(problem, 409),
            "GET \(Self.run)": ScriptedDaemon.document(Samples.run()),
        ]
        try ScriptedDaemon.serve(routes) { daemon throws in
            let outcome = try daemon.run("delete", Samples.id)
            #expect(outcome.code == 5)
            #expect(
                outcome.error.contains(
                    "nas-ctl cancel \(Samples.id) && nas-ctl wait \(Samples.id) --for cancelled && nas-ctl delete"))
        }
    }

    /// What a shell asks while somebody presses a key: names that are unique, then ids; silent without a daemon.
    @Test func runsAreCompleted() throws {
        var runs = Self.runs
        runs.runs[1].name = "alone"
        // As the script for bash asks: the place of the word, the cursor in it, and the line so far.
        func ask(_ words: String..., endpoint: String) throws -> Program.Outcome {
            try Program(
                ["---completion", words[0], "--", "positional@0", String(words.count + 1), "0", "nas-ctl"] + words
                    + [""], named: "nas-ctl", environment: ["NAS_CTL_ENDPOINT": endpoint, "SAP_SHELL": "bash"]
            ).wait(timeout: .seconds(30))
        }
        try ScriptedDaemon.serve(["GET /v1/runs": ScriptedDaemon.document(runs)]) { daemon throws in
            let expected = ["alone", Samples.id, "aaaaaaaaaaaa", "bbbbbbbbbbbb"]
            for verb in ["status", "wait", "watch", "cancel", "delete", "front", "events"] {
                let outcome = try ask(verb, endpoint: daemon.endpoint)
                #expect(outcome.code == 0 && outcome.error.isEmpty, "\(verb): \(outcome.error)")
                #expect(
                    outcome.output.split(separator: "\n").map(String.init) == expected, "\(verb): \(outcome.output)")
            }
            let named = try ask("status", "--endpoint", daemon.endpoint, endpoint: "unix:/nowhere/s")
            #expect(named.output.contains("alone"), "\(named)")
        }
        let none = try ask("status", endpoint: "unix:/nowhere/s")
        #expect(none.code == 0 && none.error.isEmpty && !none.output.contains("a"))
    }

    @Test func pagesAreFollowed() throws {
        let route: ScriptedDaemon.Route = { connection, request in
            let parameters = Dictionary(
                request.target.split(separator: "?").dropFirst().joined().split(separator: "&").map {
                    let parts = $0.split(separator: "=")
                    return (String(parts[0]), Int(parts[1]) ?? 0)
                }, uniquingKeysWith: { $1 })
            let first = (parameters["cursor"] ?? 0) + 1, last = min(first + (parameters["limit"] ?? 0) - 1, 1234)
            let page = CandidateList(
                run: Samples.id, candidates: (first...last).map { Samples.candidate($0) },
                next: last == 1234 ? nil : String(last))
            try ScriptedDaemon.answer(connection, page, 200)
        }
        try ScriptedDaemon.serve(routes(["GET \(Self.run)/candidates": route])) { daemon throws in
            let all = try daemon.run("candidates", Samples.id, "-o", "name")
            #expect(all.output == (1...1234).map { "\($0)\n" }.joined() && all.error.isEmpty)
            let some = try daemon.run("candidates", Samples.id, "-o", "json", "--limit", "700")
            let list = try decode(CandidateList.self, some)
            #expect(list.candidates.count == 700 && list.next == "700" && some.error.contains("see --limit"))
            #expect(try daemon.run("candidates", Samples.id).output.split(separator: "\n").count == 1235)
        }
    }

    @Test func exitCodes() throws {
        func code(_ arguments: String..., environment: [String: String] = [:]) throws -> Int32 {
            try Program(arguments, named: "nas-ctl", environment: environment).wait().code
        }
        #expect(try code("--help") == 0 && code("--version") == 0 && code("help", "wait") == 0)
        #expect(try code() == 0)
        #expect(try code("no-such-verb") == 2 && code("status", "--no-such-option") == 2 && code("wait") == 2)
        #expect(try code("list", "-o", "xml") == 2 && code("list", "--endpoint", "ftp://a") == 2)
        #expect(try code("list", "--endpoint", "unix:/nowhere/s") == 4)
        #expect(try code("list", environment: ["NAS_CTL_ENDPOINT": "unix:/nowhere/s"]) == 4)
        #expect(
            try code("list", "--endpoint", "http://a.example", environment: ["NAS_CTL_TOKEN_FILE": "/etc/hostname"])
                == 6)
        #expect(try code("validate", "/nowhere/run.yaml") == 3)
        try ScriptedDaemon.serve(routes()) { daemon throws in
            #expect(try daemon.run("status", "nope").code == 3)
            #expect(try daemon.run("list", "--sort", "nothing").code == 2)
            #expect(try daemon.run("wait", Samples.id, "--timeout", "0.2").code == 124)
        }
        for (state, goal, code) in [
            ("completed", nil, 0), ("failed", nil, 7), ("cancelled", nil, 7), ("completed", "paused", 5),
            ("paused", "paused", 0),
        ] as [(String, String?, Int32)] {
            let item = Samples.item(state: state, failure: state == "failed" ? "diverged" : nil)
            try ScriptedDaemon.serve(["GET \(Self.run)": ScriptedDaemon.document(Samples.run(item))]) { daemon throws in
                let arguments = goal.map { ["--for", $0] } ?? []
                let outcome = try Program(
                    ["wait", Samples.id, "-o", "name", "--endpoint", daemon.endpoint] + arguments, named: "nas-ctl"
                ).wait()
                #expect(outcome.code == code, "\(state)")
                #expect(outcome.output == (code == 0 ? "\(Samples.id)\n" : ""))
                #expect(outcome.error.contains("diverged") == (state == "failed"))
            }
        }
    }

    @Test func waitingOutlastsADaemon() throws {
        try withDirectory { folder in
            let waiting = try Program(
                ["wait", Samples.id, "--timeout", "60", "-o", "name", "--endpoint", "unix:\(folder)/s"],
                named: "nas-ctl")
            let deadline = ContinuousClock.now + .seconds(30)
            while !waiting.error.contains("no daemon answers"), ContinuousClock.now < deadline { usleep(10_000) }
            let document = Samples.run(Samples.item(state: "completed"))
            try withServer(unixSocket: folder + "/s") { connection, _ in
                try? ScriptedDaemon.answer(connection, document, 200)
            } _: { _ in
                #expect(waiting.wait(timeout: .seconds(30)).code == 0)
            }
        }
    }

    @Test func aRunIsHandedIn() throws {
        let queued = Samples.run(Samples.item(state: "queued"))
        let estimate = SubmissionEstimate(
            name: "mnist-vit", space: "vit-mnist", architectures: "1,791,153", memoryBytes: 1 << 30,
            diskBytes: 1 << 28, specification: "kind: Run\n")
        let route: ScriptedDaemon.Route = { connection, request in
            if request.target.contains("dryRun") {
                try ScriptedDaemon.answer(connection, estimate, 200)
            } else {
                try ScriptedDaemon.answer(connection, queued, 201)
            }
        }
        try ScriptedDaemon.serve(["POST /v1/runs": route]) { daemon throws in
            let file = "SearchSpaces/runs/mnist-vit.yaml"
            let submitted = try daemon.run("submit", file, "--set", "train.batch=32", "--priority", "5", "-o", "name")
            #expect(submitted.code == 0 && submitted.output == "\(Samples.id)\n" && submitted.error.isEmpty)
            let text = try String(contentsOf: Repository.root.appending(path: file), encoding: .utf8)
            #expect(try daemon.run("submit", "-", input: text).code == 0)
            let validated = try daemon.run("validate", file)
            #expect(validated.code == 0 && validated.output.contains("at most 1.0 GiB"))
            #expect(try decode(SubmissionEstimate.self, daemon.run("validate", file, "-o", "json")) == estimate)
            let faulty = try daemon.run("submit", file, "--set", "train.steps=none")
            #expect(faulty.code == 2 && faulty.error.contains("--set train.steps"))
            let requests = daemon.server.requests
            #expect(requests.count == 4 && requests[0].target == "/v1/runs?priority=5")
            let sent = String(decoding: requests[0].body, as: UTF8.self)
            #expect(sent.contains("batch: 32") && sent.contains("name: \"vit-mnist\"\n  family: vit"))
            // Standard input lies nowhere, so that its space is the daemon's.
            #expect(String(decoding: requests[1].body, as: UTF8.self).contains("space: \"vit-mnist\""))
            let keys = requests.prefix(2).flatMap { $0["idempotency-key"] }
            #expect(Set(keys).count == 2)
        }
        let alone = try Program(
            ["validate", "SearchSpaces/runs/mnist-vit.yaml", "--endpoint", "unix:/nowhere/s"], named: "nas-ctl"
        ).wait()
        #expect(alone.code == 0 && alone.output.contains("mnist-vit") && alone.error.contains("checked here alone"))
    }

    @Test func filesAppearWholeOrNotAtAll() throws {
        let csv = Array("candidate,key\r\n1,a\r\n".utf8)
        let model = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
        let broken: ScriptedDaemon.Route = { connection, _ in
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
            connection.close()
        }
        let best = CandidateDocument(run: Samples.id, candidate: Samples.candidate(7))
        let routes = routes([
            "GET \(Self.run)/results.csv": ScriptedDaemon.bytes(csv, type: "text/csv"),
            "GET \(Self.run)/best": ScriptedDaemon.document(best),
            "GET \(Self.run)/models/7": ScriptedDaemon.bytes(model), "GET \(Self.run)/models/8": broken,
        ])
        try withDirectory { folder in
            let place = URL(filePath: folder)
            try ScriptedDaemon.serve(routes) { daemon throws in
                #expect(try Array(daemon.run("export", Samples.id).output.utf8) == csv)
                #expect(try daemon.run("export", Samples.id, "--output", folder + "/x.csv").code == 0)
                let fetched = try daemon.run("model", Samples.id, folder: place)
                #expect(fetched.code == 0 && fetched.output == "mnist-vit-7.safetensors\n", "\(fetched.error)")
                #expect(try Data(contentsOf: place.appending(path: "mnist-vit-7.safetensors")) == Data(model))
                #expect(try Data(contentsOf: place.appending(path: "x.csv")) == Data(csv))
                // Half an answer leaves what was there, and nothing beside it.
                let half = try daemon.run("model", Samples.id, "8", "--output", folder + "/x.csv")
                #expect(half.code == 4 && half.error.contains("broke"))
                #expect(try daemon.run("model", Samples.id, "9", "--output", folder + "/y").code == 3)
                #expect(try daemon.run("model", Samples.id, "--output", folder).code == 2)
                #expect(try daemon.run("model", Samples.id, "--output", folder + "/none/y").code == 3)
                #expect(try daemon.run("model", Samples.id, "--output", "/dev/full").code == 1)
                #expect(try Data(contentsOf: place.appending(path: "x.csv")) == Data(csv))
                let left = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
                #expect(left == ["mnist-vit-7.safetensors", "x.csv"])
            }
        }
    }

    @Test func aSignalLeavesNoHalfFile() throws {
        let slow: ScriptedDaemon.Route = { connection, _ in
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + String(repeating: "x", count: 5000))
            connection.hang()
        }
        for (signal, code) in [(SIGINT, Int32(130)), (SIGTERM, 143)] {
            try withDirectory { folder in
                try ScriptedDaemon.serve(routes(["GET \(Self.run)/results.csv": slow])) { daemon throws in
                    let program = try Program(
                        ["export", Samples.id, "--output", folder + "/x.csv", "--endpoint", daemon.endpoint],
                        named: "nas-ctl")
                    let deadline = ContinuousClock.now + .seconds(30)
                    while try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty,
                        ContinuousClock.now < deadline
                    { usleep(2000) }
                    program.send(signal)
                    #expect(program.wait().code == code)
                    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
                }
            }
        }
    }

    @Test func eventsAndLogsAreShown() throws {
        let events = (1...3).map {
            "id: \($0)\ndata: \(Samples.event($0, $0 == 3 ? "run.completed" : "run.progress"))\n\n"
        }
        let log = #"{"level":"warning","message":"low\u001b disk","run":"x","time":"2026-01-02T03:04:05Z"}"# + "\n"
        let ended = Samples.run(Samples.item(state: "completed", lastEvent: 3))
        let routes: [String: ScriptedDaemon.Route] = [
            "GET \(Self.run)": ScriptedDaemon.document(ended),
            "GET \(Self.run)/events": ScriptedDaemon.events(events.joined()),
            "GET /v1/events": ScriptedDaemon.events(events.joined()),
            "GET \(Self.run)/log": { connection, request in
                connection.answer(200, body: request.target.contains("offset") ? [] : Array(log.utf8))
            },
        ]
        try ScriptedDaemon.serve(routes) { daemon throws in
            for arguments in [["events", Samples.id], ["events", Samples.id, "-f"], ["events"]] {
                let outcome = try Program(
                    arguments + ["-o", "jsonl", "--endpoint", daemon.endpoint], named: "nas-ctl"
                ).wait(timeout: .seconds(30))
                #expect(outcome.code == 0 && outcome.output.split(separator: "\n").count == 3, "\(outcome)")
            }
            let table = try daemon.run("events", Samples.id).output
            #expect(table.contains("run.completed") && table.contains("step=30"))
            struct List: Decodable {
                var kind: String
                var events: [JSONValue]
            }
            let list = try decode(List.self, daemon.run("events", Samples.id, "-o", "json"))
            #expect(list.kind == "EventList" && list.events.count == 3)
            let shown = try daemon.run("logs", Samples.id, "-f")
            #expect(shown.code == 0 && shown.output.contains(#"warning  low\u{1b} disk"#), "\(shown)")
            #expect(try daemon.run("logs", Samples.id, "-o", "jsonl").output == log)
        }
    }

    @Test func standardOutputThatIsFullOrClosed() throws {
        try ScriptedDaemon.serve(routes()) { daemon throws in
            func shell(_ line: String) throws -> (code: Int32, error: String) {
                let process = Process()
                process.executableURL = URL(filePath: "/bin/sh")
                process.arguments = ["-c", line, try Program.file("nas-ctl").path, daemon.endpoint]
                let error = Pipe()
                process.standardError = error
                process.standardOutput = FileHandle.nullDevice
                try process.run()
                let text = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                process.waitUntilExit()
                return (process.terminationStatus, text)
            }
            let full = try shell(#""$0" list --endpoint "$1" > /dev/full"#)
            #expect(full.code == 1 && full.error.contains("standard output"))
            let closed = try shell(#"{ sleep 0.2; "$0" list --endpoint "$1"; } | true"#)
            #expect(closed.code == 0 && closed.error.isEmpty)
        }
    }

    @Test func watchingEndsWithTheRun() throws {
        for (state, code) in [("completed", Int32(0)), ("failed", 7)] {
            let ended = Samples.run(Samples.item(state: state))
            try ScriptedDaemon.serve(["GET \(Self.run)": ScriptedDaemon.document(ended)]) { daemon throws in
                let outcome = try daemon.run("watch", Samples.id)
                #expect(outcome.code == code && outcome.output.contains("1200/3000 steps"))
            }
        }
    }
}
