import API
import Foundation
import HTTPClient
import Store
import TestSupport
import Testing

/// One supernet, many searches: `nasd search`, `nas-ctl search`, and run files that name a supernet.
@Suite struct SearchAgainCommandTests {
    @Test func aRunIsSearchedAnewOnTheCommandLine() throws {
        let run = try SmallRun()
        try run.write(
            """
            apiVersion: nasd/v1
            kind: Run
            name: again
            space: small
            data: \(SmallRun.data)
            supernet: {run: small}
            search: {objectives: [{metric: accuracy}, {metric: multiplyAdds}], population: 4, evaluations: 6}

            """, to: "again.yaml")
        let outcome = try Shell.run(
            """
            $NASD run again.yaml 2> none; echo $?; grep -c "supernet.run 'small'" none
            $NASD run run.yaml > /dev/null 2>&1; echo $?
            $NASD validate again.yaml | grep -c 'nothing is trained'
            search() { $NASD search "$@" > out 2> err; echo $?; }
            search small --set search.evaluations=6
            grep -c 'steps executed: 0' nasd-runs/small-search/runs/*/log.jsonl
            search small --set search.evaluations=6; grep -c 'its results again' err
            search small --set 'search.objectives=[{metric: loss}]'; grep -o 'differs in [a-z.]*' err
            search small --set supernet.step=7 --output other; grep -o 'there are those of [0-9, ]*' err
            search small --set train.steps=7 --output other; grep -c 'expected no training' err
            $NASD run again.yaml > /dev/null 2>&1; echo $?
            $NASD extract again.yaml --output m.safetensors > /dev/null; echo $?
            search small --output own; $NASD run run.yaml --set search.evaluations=24 > /dev/null 2>&1; echo $?
            search small --output own; grep -c 'its results again' err
            rm -r nasd-runs/small
            search small --set search.evaluations=6
            $NASD run again.yaml 2> err > /dev/null; echo $?; grep -c 'its results again' err
            grep -c ',20,completed,' nasd-runs/again/results.csv
            """, in: run.folder, seconds: 120)
        #expect(
            outcome.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) } == [
                "3", "1", "0", "1",
                "0", "1",
                "0", "1",
                "5", "differs in search.objectives",
                "3", "there are those of 20",
                "2", "1",
                "0", "0",
                "0", "0",
                "0", "1",
                "0",
                "0", "1",
                "6",
            ], "\(outcome.output)\n\(outcome.error)")
    }

    /// A search of a supernet that lies elsewhere, whose finalists are tuned, killed again and again.
    final class Victim: KillVictim {
        let scene: SmallRun
        let targets: [Killer.Target] = [.searching, .anytime]

        /// - Parameter source: The data directory of the supernet, which is copied.
        init(_ source: String) throws {
            scene = try SmallRun.toKill()
            let text = try String(contentsOfFile: scene.folder + "/run.yaml", encoding: .utf8)
            let lines = text.split(separator: "\n").filter { !$0.hasPrefix("train:") }
            try FileManager.default.copyItem(atPath: source, toPath: scene.folder + "/source")
            try scene.write(
                lines.joined(separator: "\n").replacing(", during: {every: 20, evaluations: 8}", with: "")
                    .replacing("evaluations: 16", with: "evaluations: 60").replacing(
                        "finalists: 8",
                        with:
                            "finalists: 4, tune: {steps: 12, batch: 16, shards: 4, checkpointEvery: 5, teacher: largest}"
                    )
                    + "\nsupernet: {run: \(scene.folder)/source}\n",
                to: "run.yaml")
        }

        func start(workers: Int) throws -> Program { try Program(scene.arguments + ["--workers", "\(workers)"]) }

        func finish(workers: Int) throws {
            let outcome = try scene.run("--workers", "\(workers)")
            try #require(outcome.code == 0, "\(outcome.error)")
        }
    }

    @Test func killedSearchesGiveTheSameBytes() throws {
        let source = try SmallRun.toKill()
        #expect(try source.run().code == 0)
        let whole = try Victim(source.output)
        try whole.finish(workers: 1)
        let expected = try Results(of: whole.scene, isTrained: false)
        let log = try Killer.kill(KillLog.wanted ?? 6, seed: 23) {
            try Victim(source.output)
        } check: { victim, _ in
            let results = try Results(of: victim.scene, isTrained: false)
            #expect(results == expected)
            #expect(victim.scene.checkpoints.count == 1)
        }
        try log.write()
        #expect(!log.kills.isEmpty)
    }

    @Test func aDaemonSearchesItsRunsAnew() throws {
        let daemon = try ServedDaemon()
        let source = try daemon.submit()
        #expect(daemon.wait(source, for: "completed"))
        func control(_ arguments: String...) throws -> Program.Outcome {
            try Program(arguments + ["--endpoint", "unix:\(daemon.socket)"], named: "nas-ctl").wait()
        }
        let searched = try control("search", "tiny", "--set", "search.evaluations=8", "-o", "name")
        #expect(searched.code == 0, "\(searched.error)")
        let id = searched.output.trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(daemon.wait(id, for: "completed"), "\(String(describing: try? daemon.run(id)))")
        let run = try daemon.run(id)
        #expect(run.name == "tiny-search" && run.candidates == 8 && run.steps == 0)
        let log = String(decoding: try daemon.get("/v1/runs/\(id)/log").body, as: UTF8.self)
        #expect(log.contains("steps executed: 0"))
        let front = try daemon.document(CandidateList.self, try daemon.get("/v1/runs/\(id)/front")).candidates
        #expect(!front.isEmpty && front.allSatisfy { $0.weightsStep == 40 })
        // The space is the one of the run that it names, which the daemon has in no folder.
        let document = """
            {apiVersion: nasd/v1, kind: Run, name: posted, seed: 3, space: tiny, supernet: {run: tiny},
             data: {format: glyphs, count: 400, testCount: 100, holdOut: {validation: 100}},
             search: {objectives: [{metric: loss}], population: 4, evaluations: 8, samples: 100}}
            """
        let posted = try daemon.submit(document)
        #expect(daemon.wait(posted, for: "completed"), "\(String(describing: try? daemon.run(posted)))")
        #expect(try daemon.send("DELETE", "/v1/runs/\(source)").head.status == 204)
        for (text, path, message) in [
            (document.replacing("{run: tiny}", with: "{run: /etc}"), "supernet.run", "found a path"),
            (document.replacing("{run: tiny}", with: "{run: ../tiny}"), "supernet.run", "found a path"),
            (document.replacing("{run: tiny}", with: "{run: nothing}"), "supernet.run", "there is no such run"),
            (
                ServedDaemon.tiny().replacing("train: {", with: "train: {start: /etc/passwd, "), "train.start",
                "files of the daemon's machine"
            ),
        ] {
            let answer = try daemon.send("POST", "/v1/runs", body: text)
            let body = String(decoding: answer.body, as: UTF8.self)
            #expect(answer.head.status == 422 && body.contains(path) && body.contains(message), "\(body)")
        }
        // A search is a source as well, also when what it searched is gone.
        let again = document.replacing("{run: tiny}", with: "{run: \(id)}")
        for (text, message) in [
            (again.replacing("{run: \(id)}", with: "{run: \(id), step: 20}"), "there are those of 40"),
            (again.replacing("seed: 3", with: "seed: 4"), "seed, by which the data are split"),
        ] {
            let answer = try daemon.send("POST", "/v1/runs", body: text)
            let body = String(decoding: answer.body, as: UTF8.self)
            #expect(answer.head.status == 422 && body.contains(message), "\(body)")
        }
        let third = try daemon.submit(again)
        #expect(daemon.wait(third, for: "completed"), "\(String(describing: try? daemon.run(third)))")
        // So is a network for a budget.
        let model = try control("model", third, "--budget", "params=1M", "--output", "\(daemon.folder)/m.safetensors")
        #expect(model.code == 0, "\(model.error)")
        // One that waits has its weights from when it was handed in.
        let long = try daemon.submit(ServedDaemon.tiny(name: "long", steps: 1_000_000))
        let late = try daemon.submit(again)
        #expect(try daemon.send("DELETE", "/v1/runs/\(id)").head.status == 204)
        #expect(try daemon.send("POST", "/v1/runs/\(long)/cancel").head.status == 202)
        #expect(daemon.wait(late, for: "completed"), "\(String(describing: try? daemon.run(late)))")
    }
}
