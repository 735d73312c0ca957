import API
import Foundation
import HTTPClient
import Store
import TestSupport
import Testing

/// `nasd serve` as its users meet it: a real process, a real socket, real runs.
@Suite struct ServeTests {
    @Test func aRunGoesThroughAndEveryRouteAnswers() throws {
        let daemon = try ServedDaemon()
        let id = try daemon.submit()
        #expect(daemon.wait(id, for: "completed"), "\(String(describing: try? daemon.run(id)))")
        let run = try daemon.run(id)
        #expect(run.step == 40 && run.candidates == 16 && run.evaluations == 12 && run.loss == nil)
        // By prefix and by name as well.
        #expect(try daemon.run(String(id.prefix(5))).id == id)
        #expect(try daemon.run("tiny").id == id)
        let page = try daemon.document(CandidateList.self, try daemon.get("/v1/runs/\(id)/candidates?limit=10"))
        #expect(page.candidates.map(\.candidate) == Array(1...10) && page.next == "10")
        #expect(page.candidates.allSatisfy { $0.accuracy != nil && $0.measured != nil })
        let rest = try daemon.document(CandidateList.self, try daemon.get("/v1/runs/\(id)/candidates?cursor=10"))
        #expect(rest.candidates.map(\.candidate) == Array(11...16) && rest.next == nil)
        let sorted = try daemon.document(
            CandidateList.self, try daemon.get("/v1/runs/\(id)/candidates?sort=-accuracy&filter=round%3D1&limit=1000"))
        #expect(sorted.candidates.count == 12)
        #expect(sorted.candidates.compactMap(\.accuracy) == sorted.candidates.compactMap(\.accuracy).sorted(by: >))
        let front = try daemon.document(CandidateList.self, try daemon.get("/v1/runs/\(id)/front")).candidates
        #expect(!front.isEmpty && front.allSatisfy { $0.onFront && $0.weightsStep == 40 })
        #expect(front.compactMap(\.multiplyAdds) == front.compactMap(\.multiplyAdds).sorted())
        // A metric without a field of its own is as good as any other.
        let metrics = try daemon.document(RunDocument.self, try daemon.get("/v1/runs/\(id)")).metrics
        #expect(metrics?.map(\.name) == ["params", "multiplyAdds", "activationBytes", "accuracy", "loss"])
        #expect(metrics?[3].values == ["accuracy", "validationAccuracy", "testAccuracy"] && metrics?[3].most == 1)
        let peaks = try daemon.document(
            CandidateList.self,
            try daemon.get("/v1/runs/\(id)/candidates?sort=-activationBytes&filter=activationBytes%3E%3D1&limit=1000"))
        let values = peaks.candidates.compactMap { $0.metrics?["activationBytes"] }
        #expect(values.count == 16 && values == values.sorted(by: >))
        for query in ["sort=bleu", "filter=bleu%3E%3D1"] {
            let refused = try daemon.get("/v1/runs/\(id)/candidates?\(query)")
            #expect(
                refused.head.status == 422 && String(decoding: refused.body, as: UTF8.self).contains("activationBytes"))
        }
        let last = try #require(try events(daemon, id).last)
        for field in ["accuracy", "best", "genome", "loss", "multiplyAdds", "params", "testAccuracy"] {
            #expect(last.type == "run.completed" && last.json.contains("\"\(field)\":"), "\(last.json)")
        }
        let best = try daemon.document(CandidateDocument.self, try daemon.get("/v1/runs/\(id)/best")).candidate
        #expect(best.validationAccuracy != nil)
        let csv = try daemon.get("/v1/runs/\(id)/results.csv")
        #expect(String(decoding: csv.body, as: UTF8.self).split(separator: "\r\n").count == 17)
        let members = String(decoding: try daemon.get("/v1/runs/\(id)/results.csv?front=true").body, as: UTF8.self)
        #expect(members.split(separator: "\r\n").count == front.count + 1)
        let kept = front.first { (try? daemon.get("/v1/runs/\(id)/models/\($0.candidate)"))?.head.status == 200 }
        #expect(kept != nil)
        #expect(try daemon.get("/v1/runs/\(id)/models/9999").head.status == 404)
        #expect(try daemon.get("/v1/runs/\(id)/models/9999?format=onnx").head.status == 404)
        #expect(try daemon.get("/v1/runs/\(id)/models/\(kept?.candidate ?? 0)?format=onnx").head.status == 200)
        #expect(try daemon.get("/v1/runs/\(id)/models/\(kept?.candidate ?? 0)?format=tar").head.status == 422)
        let own = try #require(front.first?.candidate)
        let told = try daemon.document(
            ExplanationDocument.self, try daemon.get("/v1/runs/\(id)/candidates/\(own)"))
        #expect(told.candidate == front.first && told.dominators == 0 && told.nearest.isEmpty)
        #expect(told.asked?.operator == told.candidate.origin && (told.measuring.seconds ?? 0) > 0)
        for number in ["9999", "0", "x", "+1"] {
            #expect(try daemon.get("/v1/runs/\(id)/candidates/\(number)").head.status == 404, "\(number)")
        }
        let start = try daemon.document(CurveDocument.self, try daemon.get("/v1/runs/\(id)/curve?limit=10"))
        #expect(start.points.map(\.candidate) == Array(1...10) && start.next == "10")
        let end = try daemon.document(CurveDocument.self, try daemon.get("/v1/runs/\(id)/curve?cursor=10"))
        #expect(end.points.map(\.candidate) == Array(11...16) && end.next == nil)
        #expect(end.points.last?.hypervolume == run.hypervolume)
        #expect(try !daemon.document(SamplerDocument.self, try daemon.get("/v1/runs/\(id)/sampler")).statistics.isEmpty)
        #expect(String(decoding: try daemon.get("/v1/runs/\(id)/log").body, as: UTF8.self).contains("\"completed\""))
        #expect(try daemon.document(DoctorDocument.self, try daemon.get("/v1/doctor")).checks.count > 5)
        #expect(
            String(decoding: try daemon.get("/metrics").body, as: UTF8.self).contains(
                "nasd_runs{state=\"completed\"} 1\n"))
        let training = try daemon.document(TrainingDocument.self, try daemon.get("/v1/runs/\(id)/training"))
        #expect(training.records.map(\.step) == Array(1...40) && training.recordEvery == 1 && training.next == nil)
        #expect(try !figures(daemon).contains { $0.key.hasPrefix("nasd_run_") })
        #expect(try daemon.document(WebhookList.self, try daemon.get("/v1/webhooks")).webhooks.isEmpty)
        #expect(try daemon.send("DELETE", "/v1/runs/\(id)").head.status == 204)
        #expect(try daemon.get("/v1/runs/\(id)").head.status == 404)
        #expect(!FileManager.default.fileExists(atPath: "\(daemon.data)/runs/\(id)"))
        daemon.program.send(SIGTERM)
        let exit = daemon.program.wait(timeout: .seconds(30))
        #expect(exit.code == 0, "\(exit.error)")
        #expect(!FileManager.default.fileExists(atPath: daemon.socket))
    }

    /// A run is seen while it trains: its record up to the last step, though the next checkpoint is far, and its figures.
    @Test func aRunIsSeenWhileItTrains() throws {
        let daemon = try ServedDaemon(["workers=1"])
        let text = ServedDaemon.tiny(steps: 1_000_000).replacing("during: {every: 20, evaluations: 4}", with: "")
            .replacing("checkpointEvery: 20", with: "checkpointEvery: 1000000, recordEvery: 3")
        let id = try daemon.submit(text)
        let waiting = try daemon.submit(ServedDaemon.tiny(name: "waiting"))
        func records(_ query: String = "") throws -> TrainingDocument {
            try daemon.document(TrainingDocument.self, try daemon.get("/v1/runs/\(id)/training\(query)"))
        }
        let hasTrained = daemon.waitUntil(seconds: 60) { (try? records("?limit=1000").records.count) ?? 0 > 20 }
        try #require(hasTrained)
        let page = try records("?limit=7")
        #expect(page.records.map(\.step) == (1...7).map { 3 * $0 } && page.next == "21" && page.recordEvery == 3)
        #expect(try records("?limit=7&cursor=21").records.map(\.step) == (8...14).map { 3 * $0 })
        #expect(try records("?limit=2&after=31").records.map(\.step) == [33, 36])
        let spread = try records("?points=5")
        #expect(spread.records.count == 5 && spread.records[0].step == 3 && spread.next == nil)
        // All from there on in one page, whatever the limit of pages is.
        #expect(try records("?points=5&cursor=30&limit=1").records.map(\.step).first == 33)
        for query in ["limit=0", "limit=1001", "points=1", "points=1001", "after=-1", "cursor=x"] {
            #expect(try daemon.get("/v1/runs/\(id)/training?\(query)").head.status == 422, "\(query)")
        }
        #expect(try daemon.get("/v1/runs/other/training").head.status == 404)

        let names = ["step", "loss", "steps_per_second", "evaluations"]
        let figures = try figures(daemon)
        for name in names { #expect((figures["nasd_run_\(name){run=\"\(id)\"}"]).map { $0 >= 0 } == true, "\(name)") }
        #expect(figures["nasd_run_step{run=\"\(id)\"}"] ?? 0 > 20)
        // Nothing is measured yet; and a run that waits has no figures.
        #expect(!figures.contains { $0.key.hasPrefix("nasd_run_best") || $0.key.contains(waiting) })

        #expect(try daemon.send("POST", "/v1/runs/\(id)/pause").head.status == 202)
        #expect(daemon.wait(id, for: "paused"))
        #expect(try !self.figures(daemon).contains { $0.key.contains(id) })
        // What was not written yet went down with the checkpoint.
        let step = try daemon.run(id).step
        #expect(try records("?points=2").records.last?.step == step / 3 * 3)
    }

    @Test func theBestOfALiveRunIsAFigure() throws {
        let daemon = try ServedDaemon(["workers=1"])
        let id = try daemon.submit(ServedDaemon.tiny(steps: 100_000))
        let name = "nasd_run_best{run=\"\(id)\"}"
        let isThere = daemon.waitUntil(seconds: 60) { (try? figures(daemon))?[name] != nil }
        #expect(isThere)
        #expect((0...1).contains(try figures(daemon)[name] ?? -1))
        #expect(try daemon.send("POST", "/v1/runs/\(id)/cancel").head.status == 202)
        #expect(daemon.wait(id, for: "cancelled"))
        #expect(try figures(daemon)[name] == nil)
    }

    /// The samples of `/metrics`, by name with labels.
    private func figures(_ daemon: ServedDaemon) throws -> [String: Double] {
        let lines = String(decoding: try daemon.get("/metrics").body, as: UTF8.self).split(separator: "\n")
        return lines.filter { !$0.hasPrefix("#") }.reduce(into: [:]) { figures, line in
            let parts = line.split(separator: " ").map(String.init)
            guard parts.count == 2, let value = Double(parts[1]), figures[parts[0]] == nil else {
                Issue.record("not a sample, or twice: \(line)")
                return
            }
            figures[parts[0]] = value
        }
    }

    /// The daemon runs the coordinator of `nasd run`: the same bytes.
    @Test func resultsAreThoseOfNasdRun() throws {
        let daemon = try ServedDaemon(["workers=1"])
        let id = try daemon.submit()
        let folder = daemon.folder + "/own"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var text = ServedDaemon.tiny()
        let start = try #require(text.range(of: "  apiVersion")), end = try #require(text.range(of: "\ndata:"))
        let space = text[start.lowerBound..<end.lowerBound].split(separator: "\n").map { $0.dropFirst(2) }
        try Files.write(Array(space.joined(separator: "\n").utf8), folder + "/tiny.yaml")
        text.replaceSubrange(start.lowerBound..<end.lowerBound, with: "")
        try Files.write(Array(text.replacing("space:\n", with: "space: tiny").utf8), folder + "/run.yaml")
        let own = try Program.run("run", folder + "/run.yaml", "--output", folder + "/out", "--workers", "2")
        #expect(own.code == 0, "\(own.error)")
        #expect(daemon.wait(id, for: "completed"))
        #expect(
            try daemon.get("/v1/runs/\(id)/results.csv").body
                == Array(#require(FileManager.default.contents(atPath: folder + "/out/results.csv"))))
    }

    @Test func pauseResumeAndCancelActAtTheEndOfTheStep() throws {
        let daemon = try ServedDaemon()
        let long = try daemon.submit(ServedDaemon.tiny(name: "long", steps: 100_000))
        let next = try daemon.submit(ServedDaemon.tiny(name: "next", steps: 100_000))
        #expect(daemon.waitUntil(seconds: 20) { (try? daemon.run(long).state) == "training" })
        #expect(try daemon.run(next).queuePosition == 1)
        // What waits is paused and cancelled at once.
        #expect(try daemon.send("POST", "/v1/runs/\(next)/pause").head.status == 202)
        #expect(try daemon.run(next).state == "paused")
        #expect(try daemon.send("POST", "/v1/runs/\(long)/pause").head.status == 202)
        #expect(daemon.wait(long, for: "paused"))
        func refusal(_ method: String, _ path: String) throws -> String? {
            let answer = try daemon.send(method, "/v1/runs/\(path)")
            #expect(answer.head.status == 409)
            return try daemon.document(ProblemDocument.self, answer).detail
        }
        #expect(try refusal("POST", "\(long)/pause")?.contains("resume takes it up again") == true)
        #expect(try daemon.send("DELETE", "/v1/runs/\(next)").head.status == 204)
        #expect(try daemon.send("POST", "/v1/runs/\(long)/resume").head.status == 202)
        #expect(daemon.wait(long, for: "training"))
        #expect(try refusal("DELETE", long)?.contains("cancel it first") == true)
        #expect(try refusal("POST", "\(long)/resume")?.contains("wait until it is paused") == true)
        let step = try daemon.run(long).step
        // New limits are taken up by a stop and a start that nobody notices.
        let limits = try daemon.send(
            "PATCH", "/v1/runs/\(long)", body: "{\"workers\": 1, \"evaluations\": 20, \"priority\": 7}")
        #expect(limits.head.status == 200)
        #expect(
            daemon.waitUntil(seconds: 20) {
                guard let run = try? daemon.run(long) else { return false }
                return run.workers == 1 && run.priority == 7 && run.step > step
            })
        #expect(try daemon.send("PATCH", "/v1/runs/\(long)", body: "evaluations: 0").head.status == 422)
        #expect(try daemon.send("POST", "/v1/runs/\(long)/cancel").head.status == 202)
        #expect(daemon.wait(long, for: "cancelled"))
        #expect(try refusal("POST", "\(long)/cancel")?.contains("until it is deleted") == true)
        #expect(try refusal("POST", "\(long)/resume")?.contains("hand it in again") == true)
        let types = try events(daemon, long).map(\.type).filter { $0 != "run.progress" && !$0.hasPrefix("search.") }
        #expect(
            types == [
                "run.queued", "run.started", "run.paused", "run.resumed", "run.started", "run.recovered",
                "run.cancelled",
            ])
    }

    /// What was interrupted goes on before the daemon says that it is ready.
    @Test func aStoppedRunGoesOnAfterTheNextStart() throws {
        let daemon = try ServedDaemon()
        let id = try daemon.submit(ServedDaemon.tiny(steps: 100_000))
        #expect(daemon.waitUntil(seconds: 20) { (try? daemon.run(id).step) ?? 0 > 30 })
        daemon.program.send(SIGTERM)
        #expect(daemon.program.wait(timeout: .seconds(30)).code == 0)
        let step = try RunReader(DataDirectory(reading: daemon.data)).findRun(id).step
        #expect(step > 30)
        try daemon.restart()
        #expect(try daemon.run(id).step >= step)
        #expect(try events(daemon, id).contains { $0.type == "run.recovered" && $0.json.contains("\"step\":\(step)") })
    }

    /// A kill leaves no checkpoint of the steps since the newest, and is told how many those were.
    @Test func stepsThatAKillLostAreTold() throws {
        let daemon = try ServedDaemon()
        let text = ServedDaemon.tiny(name: "kept", steps: 100_000)
            .replacing("checkpointEvery: 20", with: "checkpointEvery: 100000")
            .replacing("every: 20", with: "every: 100000")
        let id = try daemon.submit(text)
        #expect(daemon.waitUntil(seconds: 20) { (try? daemon.run(id).step) ?? 0 > 30 })
        let step = try daemon.run(id).step
        daemon.program.send(SIGKILL)
        _ = daemon.program.wait()
        try daemon.restart()
        let event = try #require(try events(daemon, id).last { $0.type == "run.recovered" })
        let redone = try #require(event.json.firstMatch(of: /"redone":(\d+)/).flatMap { Int($0.1) })
        #expect(redone >= step && event.json.contains("\"step\":0,"), "\(event.json)")
        #expect(event.json.contains("\"name\":\"kept\",\"run\":\"\(id)\""))
        // A stop that writes a checkpoint loses none.
        daemon.program.send(SIGTERM)
        _ = daemon.program.wait()
        try daemon.restart()
        let next = try #require(try events(daemon, id).last { $0.type == "run.recovered" })
        #expect(next.sequence > event.sequence && next.json.contains("\"redone\":0,"), "\(next.json)")
        // Numbers of the log are numbers.
        let log = String(decoding: try daemon.get("/v1/runs/\(id)/log").body, as: UTF8.self)
        #expect(log.contains(/"message":"recovered","redone":\d+,"run":"\w+","step":0,/), "\(log)")
    }

    /// What a run may be changed to, and what the daemon permits of it.
    @Test func limitsTellWhatTheDaemonPermits() throws {
        let daemon = try ServedDaemon(["workers=2"])
        let busy = try daemon.submit(ServedDaemon.tiny(name: "busy", steps: 100_000))
        func limits(_ body: String) throws -> RunDocument.Limits? {
            try daemon.document(RunDocument.self, try daemon.send("PATCH", "/v1/runs/\(busy)", body: body)).limits
        }
        #expect(
            try limits("workers: 64\nevaluations: 99")
                == .init(evaluations: 99, workers: 2, workersAsked: 64, priority: 0))
        #expect(
            try limits("workers: 1\npriority: 3") == .init(evaluations: 99, workers: 1, workersAsked: 1, priority: 3))
    }

    /// Every answer to a submission whose data cannot be had says how to mend it.
    @Test func theRemedyForMissingDataIsNamed() throws {
        func fault(_ daemon: ServedDaemon, _ directory: String) throws -> String {
            let text = ServedDaemon.tiny().replacing(
                "{format: glyphs, count: 400, testCount: 100, holdOut: {validation: 100}}",
                with: "{format: npy, \(directory)train: {images: a, labels: b}, test: {images: c, labels: d}}")
            let answer = try daemon.send("POST", "/v1/runs?dryRun=true", body: text)
            #expect(answer.head.status == 422)
            let errors = try daemon.document(ProblemDocument.self, answer).errors ?? []
            #expect(errors.count == 1 && errors.first?.path == "data.directory", "\(errors)")
            return errors.first?.message ?? ""
        }
        let rooted = try ServedDaemon()
        #expect(try fault(rooted, "").contains("--set data.directory=NAME"))
        #expect(try fault(rooted, "directory: /srv/mnist, ").contains("with /srv among its dataRoots, write mnist"))
        #expect(try fault(rooted, "directory: mnist, ").contains("add the folder above it to dataRoots"))
        let bare = try ServedDaemon(["dataRoots=\(rooted.folder)/none"])
        #expect(try fault(bare, "directory: mnist, ").contains("none of the daemon's 1 data roots"))
    }

    @Test func aSubmissionIsCheckedAsAWhole() throws {
        let daemon = try ServedDaemon()
        func problem(_ text: String, status: Int = 422) throws -> ProblemDocument {
            let answer = try daemon.send("POST", "/v1/runs", body: text)
            #expect(answer.head.status == status && answer.head["content-type"] == "application/problem+json")
            return try daemon.document(ProblemDocument.self, answer)
        }
        let faults = try problem(
            ServedDaemon.tiny().replacing("seed: 3", with: "sead: 3").replacing("depth:", with: "dept:"))
        #expect(faults.errors?.contains { $0.path == "sead" && $0.message.contains("did you mean 'seed'?") } == true)
        #expect(faults.errors?.contains { $0.path == "space.choices.dept" } == true)
        #expect(try problem("{").title == "Unprocessable Content")
        #expect(try problem(String(repeating: "a", count: 1 << 20) + "a", status: 413).status == 413)
        let deep = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
        #expect(try problem("data: \(deep)").errors?.contains { $0.message.contains("32 levels") } == true)
        #expect(try problem("a: &x 1\nb: *x").errors?.isEmpty == false)
        // Spaces by name only, data under the roots only.
        let named = ServedDaemon.tiny().replacing(/space:\n(  .*\n)+/, with: "space: /etc/passwd\n")
        #expect(try problem(named).errors?.first?.path == "space")
        #expect(try problem(named.replacing("/etc/passwd", with: "nosuch")).errors?.first?.path == "space")
        #expect(
            try problem(ServedDaemon.tiny(extra: "webhook: {url: 'http://127.0.0.1/', secret: ../x}")).errors?.first?
                .path.hasPrefix("webhook") == true)
        #expect(try daemon.document(RunList.self, try daemon.get("/v1/runs")).runs.isEmpty)
        let estimate = try daemon.send("POST", "/v1/runs?dryRun=true", body: ServedDaemon.tiny())
        #expect(try daemon.document(SubmissionEstimate.self, estimate).memoryBytes > 1 << 20)
        #expect(try daemon.document(RunList.self, try daemon.get("/v1/runs")).runs.isEmpty)
    }

    @Test func memoryIsEstimatedBeforeARunIsAccepted() throws {
        let daemon = try ServedDaemon(["memoryLimit=32MiB"])
        let answer = try daemon.send("POST", "/v1/runs", body: ServedDaemon.tiny())
        let problem = try daemon.document(ProblemDocument.self, answer)
        #expect(problem.status == 422 && problem.detail?.contains("permits 32 MiB") == true)
    }

    /// What would fail once it is loaded is refused before it is accepted, from headers and sizes alone.
    @Test func dataAreHeldAgainstTheSpaceBeforeARunIsAccepted() throws {
        let daemon = try ServedDaemon()
        func detail(_ text: String) throws -> String {
            let answer = try daemon.send("POST", "/v1/runs", body: text)
            let problem = try daemon.document(ProblemDocument.self, answer)
            #expect(problem.status == 422)
            return problem.detail ?? ""
        }
        #expect(
            try detail(ServedDaemon.tiny().replacing("classes: 10", with: "classes: 100000"))
                .contains("the space expects images of 28 x 28 x 1 in 100000 classes"))
        let files = "{images: x.npy, labels: y.npy}"
        let named = ServedDaemon.tiny().replacing(
            "{format: glyphs, count: 400, testCount: 100,",
            with: "{format: npy, directory: d, train: \(files), test: \(files),")
        try FileManager.default.createDirectory(atPath: daemon.folder + "/roots/d", withIntermediateDirectories: true)
        try Files.write(Files.npy("|u1", "(200,)", (0..<200).map { $0 % 10 }), daemon.folder + "/roots/d/y.npy")
        func write(_ shape: String) throws {
            let pixels = [UInt8](repeating: 3, count: 200 * 784)
            try Files.write(Files.npy("|u1", shape, pixels), daemon.folder + "/roots/d/x.npy")
        }
        try write("(200, 1, 28, 28)")
        #expect(try detail(named).contains("with the channels first"))
        try write("(200, 784)")
        #expect(try detail(named).contains("write a.reshape(-1, rows, columns, channels)"))
        try write("(200, 28, 28)")
        #expect(
            try detail(named.replacing("validation: 100", with: "validation: 200")).contains("leave none to train on"))
        #expect(try daemon.document(RunList.self, try daemon.get("/v1/runs")).runs.isEmpty)
        // Sound headers are taken, and what is odd about the contents is told.
        let run = try daemon.submit(named)
        #expect(daemon.wait(run, for: "completed"))
        let warnings = try daemon.document(RunDocument.self, try daemon.get("/v1/runs/\(run)")).warnings ?? []
        #expect(warnings == ["all 200 training images are the same image; check how they were made"])
    }

    @Test func aRepeatedSubmissionIsTheSameRun() throws {
        let daemon = try ServedDaemon()
        func submit(_ text: String) throws -> HTTPResponse {
            try daemon.send("POST", "/v1/runs", headers: [("Idempotency-Key", "once")], body: text)
        }
        let first = try daemon.document(RunDocument.self, try submit(ServedDaemon.tiny())).run.id
        #expect(try daemon.document(RunDocument.self, try submit(ServedDaemon.tiny())).run.id == first)
        #expect(try submit(ServedDaemon.tiny(name: "other")).head.status == 409)
        #expect(try daemon.document(RunList.self, try daemon.get("/v1/runs")).runs.count == 1)
    }

    @Test func theQueueGoesByPriority() throws {
        let daemon = try ServedDaemon()
        let busy = try daemon.submit(ServedDaemon.tiny(name: "busy", steps: 100_000))
        #expect(daemon.wait(busy, for: "training"))
        let low = try daemon.submit(ServedDaemon.tiny(name: "low"))
        let answer = try daemon.send("POST", "/v1/runs?priority=5", body: ServedDaemon.tiny(name: "high"))
        let high = try daemon.document(RunDocument.self, answer).run
        #expect(high.queuePosition == 1 && high.priority == 5)
        #expect(try daemon.run(low).queuePosition == 2)
        #expect(try daemon.send("POST", "/v1/runs/\(busy)/cancel").head.status == 202)
        #expect(daemon.wait(low, for: "completed"))
        let runs = try daemon.document(RunList.self, try daemon.get("/v1/runs?state=completed")).runs
        #expect(runs.count == 2 && daemon.waitUntil(seconds: 1) { true })
        let times = Dictionary(uniqueKeysWithValues: runs.map { ($0.name, $0.updated) })
        #expect(try #require(times["high"]) <= #require(times["low"]))
    }

    @Test func twoRunsComputeAtATime() throws {
        let daemon = try ServedDaemon(["concurrentRuns=2", "workers=2"])
        let ids = try ["a", "b"].map { try daemon.submit(ServedDaemon.tiny(name: $0, steps: 100_000)) }
        #expect(ids.allSatisfy { daemon.wait($0, for: "training") })
        #expect(try ids.allSatisfy { try daemon.run($0).workers == 1 })
    }

    /// A run that cannot start fails with the reason, and is resumed once that is mended.
    @Test func missingDataFailsTheRunAndResumes() throws {
        let daemon = try ServedDaemon()
        let folder = daemon.folder + "/roots/set"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for name in ["ti", "si"] {
            try Files.write(Self.npy(shape: "(40, 28, 28)", type: "|u1", count: 40 * 784), "\(folder)/\(name)")
        }
        for name in ["tl", "sl"] {
            try Files.write(Self.npy(shape: "(40,)", type: "|u1", count: 40), "\(folder)/\(name)")
        }
        let text = ServedDaemon.tiny(steps: 20).replacing(
            "{format: glyphs, count: 400, testCount: 100, holdOut: {validation: 100}}",
            with:
                "{format: npy, directory: set, train: {images: ti, labels: tl}, test: {images: si, labels: sl}, holdOut: {validation: 10}}"
        ).replacing("samples: 100", with: "samples: 10")
        let busy = try daemon.submit(ServedDaemon.tiny(name: "busy", steps: 100_000))
        let id = try daemon.submit(text)
        try FileManager.default.moveItem(atPath: folder, toPath: folder + "-moved")
        _ = try daemon.send("POST", "/v1/runs/\(busy)/cancel")
        #expect(daemon.wait(id, for: "failed"))
        #expect(try daemon.run(id).failure?.contains("set") == true)
        try FileManager.default.moveItem(atPath: folder + "-moved", toPath: folder)
        #expect(try daemon.send("POST", "/v1/runs/\(id)/resume").head.status == 202)
        #expect(daemon.wait(id, for: "completed"), "\(String(describing: try? daemon.run(id)))")
    }

    /// Nothing outside of the data roots is read, by whatever path.
    @Test func dataNeverEscapesItsRoots() throws {
        let daemon = try ServedDaemon()
        let outside = daemon.folder + "/outside", root = daemon.folder + "/roots"
        for folder in [outside, root + "/set"] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        for folder in [outside, root + "/set"] {
            try Files.write(Self.npy(shape: "(40, 28, 28)", type: "|u1", count: 40 * 784), folder + "/i")
            try Files.write(Self.npy(shape: "(40,)", type: "|u1", count: 40), folder + "/l")
        }
        symlink(outside, root + "/link")
        symlink(outside + "/i", root + "/set/linked")
        symlink("i", root + "/set/within")
        func status(directory: String, images: String) throws -> Int {
            let text = ServedDaemon.tiny(steps: 20).replacing(
                "{format: glyphs, count: 400, testCount: 100, holdOut: {validation: 100}}",
                with:
                    "{format: npy, directory: '\(directory)', train: {images: '\(images)', labels: l}, test: {images: i, labels: l}, holdOut: {validation: 10}}"
            ).replacing("samples: 100", with: "samples: 10")
            return try daemon.send("POST", "/v1/runs?dryRun=true", body: text).head.status
        }
        #expect(try status(directory: "set", images: "i") == 200)
        #expect(try status(directory: "set", images: "within") == 200)
        for (directory, images) in [
            (outside, "i"), ("../outside", "i"), ("link", "i"), ("set", "linked"), ("set", outside + "/i"),
            ("set", "../../outside/i"), ("set/../../outside", "i"), ("/proc/self/root\(outside)", "i"), ("nosuch", "i"),
        ] {
            #expect(try status(directory: directory, images: images) == 422, "\(directory) \(images)")
        }
    }

    @Test func eventsStreamAndResume() throws {
        let daemon = try ServedDaemon()
        let id = try daemon.submit()
        // A stream that was opened before the end sees the end.
        var text = ""
        // The answer goes on until we want no more.
        #expect(throws: HTTPClientError.self) {
            try HTTPClient(userAgent: "test").stream(
                HTTPRequest(
                    url: "http://localhost/v1/runs/\(id)/events", unixSocket: daemon.socket,
                    limits: HTTPLimits(totalMilliseconds: 60_000)),
                head: {
                    $0.status == 200 && $0["content-type"] == "text/event-stream" && $0["cache-control"] == "no-store"
                },
                body: { bytes in
                    text += String(decoding: bytes, as: UTF8.self)
                    return !text.contains("event: run.completed")
                })
        }
        #expect(text.hasPrefix("retry: 3000\n\n"))
        let sequence = text.matches(of: /id: (\d+)\n/).compactMap { Int($0.1) }
        #expect(sequence == Array(1...sequence.count))
        let all = try events(daemon, id)
        #expect(all.map(\.sequence) == sequence)
        let rest = try daemon.send(
            "GET", "/v1/runs/\(id)/events?follow=false", headers: [("Last-Event-ID", "\(sequence.count - 2)")])
        #expect(String(decoding: rest.body, as: UTF8.self).matches(of: /id:/).count == 2)
        #expect(
            String(decoding: try daemon.get("/v1/events?follow=false").body, as: UTF8.self).contains(
                "event: daemon.started"))
    }

    /// A database that is set aside takes no run's files with it.
    @Test func filesOfUnknownRunsStay() throws {
        let daemon = try ServedDaemon()
        let id = try daemon.submit()
        #expect(daemon.wait(id, for: "completed"))
        daemon.program.send(SIGKILL)
        _ = daemon.program.wait()
        for suffix in ["-wal", "-shm"] { unlink(daemon.data + "/nasd.sqlite" + suffix) }
        try Files.write(Array(repeating: 65, count: 5000), daemon.data + "/nasd.sqlite")
        try daemon.restart()
        #expect(daemon.program.error.contains("set aside"))
        #expect(try daemon.get("/v1/runs/\(id)").head.status == 404)
        #expect(FileManager.default.fileExists(atPath: "\(daemon.data)/runs/\(id)/run.yaml"))
        // What was marked for deletion before a kill goes.
        let folder = daemon.data + "/runs/abcdefghijkl"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Files.write([], folder + "/.deleted")
        daemon.program.send(SIGTERM)
        _ = daemon.program.wait()
        try daemon.restart()
        #expect(!FileManager.default.fileExists(atPath: folder))
    }

    /// The directory of a `nasd run` is shown, and an unfinished run in it goes on.
    @Test func servesTheDirectoryOfARun() throws {
        let run = try SmallRun(train: "{steps: 100000, batch: 16, shards: 4, checkpointEvery: 20}")
        let program = try Program(run.arguments)
        #expect(SmallRun.waitUntil { (try? run.status())??.run.step ?? 0 > 0 })
        program.send(SIGKILL)
        _ = program.wait()
        let daemon = try ServedDaemon(["dataDirectory=\(run.output)"])
        let item = try #require(try daemon.document(RunList.self, try daemon.get("/v1/runs")).runs.first)
        #expect(item.step > 0 && daemon.waitUntil(seconds: 20) { (try? daemon.run(item.id).step) ?? 0 > item.step })
    }

    private func events(_ daemon: ServedDaemon, _ run: String) throws -> [ServerSentEvent] {
        let text = String(decoding: try daemon.get("/v1/runs/\(run)/events?follow=false").body, as: UTF8.self)
        return text.split(separator: "\n\n").compactMap { block in
            guard let match = block.firstMatch(of: /id: (\d+)\nevent: (.*)\ndata: (.*)/), let number = Int(match.1)
            else { return nil }
            return ServerSentEvent(sequence: number, type: String(match.2), json: String(match.3))
        }
    }

    private struct ServerSentEvent {
        let sequence: Int
        let type: String
        let json: String
    }

    /// A NumPy file of bytes 0 to 9 in turn.
    private static func npy(shape: String, type: String, count: Int) -> [UInt8] {
        var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }"
        header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
        let size = header.utf8.count
        return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(size & 255), UInt8(size >> 8)] + Array(header.utf8)
            + (0..<count).map { UInt8($0 % 10) }
    }
}
