import API
import Foundation
import HTTPClient
import TestSupport
import Testing

/// Runs under a daemon that its commands measure.
@Suite(.enabled(if: Shell.hasPython)) struct WorkerServeTests {
    private static func configuration(_ run: WorkerRun) throws -> String {
        let file = run.folder + "/nasd.yaml"
        try Files.write(
            Array(
                """
                commands:
                  python:
                    argv: [\(Shell.python), -B, \(run.folder)/worker.py]
                    slots: 2
                    deadline: 60
                    permit: [MODE]
                    environment: {NOTES: \(run.folder), NASD_CLIENT: \(Repository.root.path)/Deploy/workers}

                """.utf8), file)
        return file
    }

    /// The run file as it is handed in: without commands.
    static func document(_ run: WorkerRun, evaluator: String? = nil) -> String {
        let lines = run.text("run.yaml").split(separator: "\n", omittingEmptySubsequences: false)
        let start = lines.firstIndex { $0.hasPrefix("commands:") } ?? 0
        let end = lines.firstIndex { $0.hasPrefix("evaluator:") } ?? 0
        let text = (lines[..<start] + lines[end...]).joined(separator: "\n")
        return evaluator.map { text.replacing(WorkerRun.evaluator, with: $0) } ?? text
    }

    /// A daemon gives the bytes of `nasd run`, killed on the way or not, and nothing of its slots outlives it.
    @Test func aDaemonGivesTheSameBytes() throws {
        let run = try WorkerRun("slow", evaluations: 200)
        #expect(try Program(run.arguments()).wait().code == 0)
        let asked = run.lines("asked").count
        let daemon = try ServedDaemon(["spaceDirectories=\(run.folder)"], config: Self.configuration(run))
        let id = try daemon.submit(
            Self.document(
                run,
                evaluator: WorkerRun.evaluator.replacing(
                    "name: python", with: "name: python, environment: {MODE: slow}")))
        #expect(daemon.waitUntil(seconds: 60) { run.lines("asked").count > asked + 30 })
        daemon.program.send(SIGKILL)
        _ = daemon.program.wait()
        #expect(run.waitUntilGone())
        try daemon.restart()
        #expect(daemon.wait(id, for: "completed"))
        let answer = try daemon.get("/v1/runs/\(id)/results.csv")
        #expect(String(decoding: answer.body, as: UTF8.self) == run.csv)
        #expect(run.waitUntilGone())
    }

    /// A daemon has workers train as `nasd run` does, killed on the way.
    @Test func aDaemonHasWorkersTrain() throws {
        let run = try WorkerRun.training()
        #expect(try Program(run.arguments()).wait().code == 0)
        let daemon = try ServedDaemon(["spaceDirectories=\(run.folder)"], config: Self.configuration(run))
        let id = try daemon.submit(
            Self.document(
                run,
                evaluator: WorkerRun.evaluator.replacing(
                    "name: python", with: "name: python, environment: {MODE: slow}")))
        #expect(daemon.waitUntil(seconds: 60) { run.lines("trained").count > 60 + 25 })
        daemon.program.send(SIGKILL)
        _ = daemon.program.wait()
        #expect(run.waitUntilGone())
        try daemon.restart()
        #expect(daemon.wait(id, for: "completed"))
        let answer = try daemon.get("/v1/runs/\(id)/results.csv")
        #expect(String(decoding: answer.body, as: UTF8.self) == run.csv)
        let training = try daemon.get("/v1/runs/\(id)/training")
        #expect(String(decoding: training.body, as: UTF8.self).contains("\"step\":60"))
        #expect(run.waitUntilGone())
    }

    /// What is refused, with its key.
    @Test func whatADaemonDoesNotGiveIsRefused() throws {
        let run = try WorkerRun()
        let daemon = try ServedDaemon(["spaceDirectories=\(run.folder)"], config: Self.configuration(run))
        func errors(_ text: String) throws -> [String] {
            let answer = try daemon.send("POST", "/v1/runs", body: text)
            #expect(answer.head.status == 422)
            return try daemon.document(ProblemDocument.self, answer).errors?.map { "\($0.path): \($0.message)" } ?? []
        }
        #expect(try errors(run.text("run.yaml")).contains { $0.contains("expected no commands, since a daemon") })
        for (change, key) in [
            ("name: python, slots: 3", "evaluator.slots"), ("name: python, deadline: 61", "evaluator.deadline"),
            ("name: python, environment: {NOTES: x}", "evaluator.environment.NOTES"), ("name: other", "evaluator.name"),
        ] {
            let found = try errors(
                Self.document(run, evaluator: WorkerRun.evaluator.replacing("name: python", with: change)))
            #expect(found.count == 1 && found[0].contains(key + ": "), "\(found)")
        }
    }
}
