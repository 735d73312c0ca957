import API
import Foundation
import HTTPClient
import Store
import TestSupport
import Testing

/// What users write, copy and leave behind.
@Suite(.serialized) struct UserHabitTests {
    // MARK: Documents

    @Test func everySpellingOfTheKind() throws {
        let run = try SmallRun()
        let outcome = try Shell.run(
            #"""
            sed 's/$/\r/' run.yaml > crlf.yaml; sed 's/^kind: Run/"kind": Run/' run.yaml > quoted.yaml
            sed "s/^kind: Run/kind : 'Run' # a run/" run.yaml > blank.yaml; sed 's/^kind: Run/? kind\n: Run/' run.yaml > explicit.yaml
            echo '{"apiVersion":"nasd/v1","kind":"Run","name":"small","space":"small","data":{"format":"glyphs","count":200,"testCount":50,"holdOut":{"validation":50}},"train":{"steps":6,"batch":8,"shards":2},"search":{"objectives":[{"metric":"accuracy"}],"population":4,"evaluations":8}}' > json.yaml
            sed 's/^kind: SearchSpace/"kind" : "SearchSpace"/' small.yaml > other.yaml
            for f in crlf quoted blank explicit json; do $NASD validate $f.yaml > out.txt; echo "$? $(grep -c 'valid run file' out.txt)"; $CTL validate $f.yaml > /dev/null; echo $?; done
            $NASD validate other.yaml | grep -c 'valid search space'; $CTL validate other.yaml | grep -c architectures
            cat run.yaml | $NASD validate - | head -1; cat other.yaml | $CTL validate - | grep -c architectures
            sed 's/^kind: Run/kind: run/' run.yaml > wrong.yaml; $NASD validate wrong.yaml 2>&1
            """#, in: run.folder)
        let lines = outcome.output.split(separator: "\n").map(String.init)
        #expect(lines.prefix(10).enumerated().allSatisfy { $1 == ($0 % 2 == 0 ? "0 1" : "0") }, "\(outcome)")
        #expect(lines.dropFirst(10).prefix(4) == ["1", "1", "standard input: valid run file", "1"], "\(outcome)")
        #expect(lines.dropFirst(14).count == 1 && lines[14].contains("expected 'Run'"), "\(outcome.output)")
    }

    @Test(arguments: ["UTF-8", "UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"])
    func byteOrderMarks(encoding: String) throws {
        let run = try SmallRun()
        let outcome = try Shell.run(
            """
            for f in run small; do (printf '\\xef\\xbb\\xbf'; cat $f.yaml) | iconv -f UTF-8 -t \(encoding) > marked.yaml && mv marked.yaml $f.yaml; done
            $NASD validate small.yaml > /dev/null; echo $?; $NASD run run.yaml --output o > /dev/null 2>&1; echo $?
            $CTL validate run.yaml > /dev/null; echo $?
            printf '\\xef\\xbb\\xbfworkers: 1\\nconcurrentRuns: 1\\n' | iconv -f UTF-8 -t \(encoding) > c.yaml
            $NASD serve --config c.yaml --socket $PWD/k --data-directory dd 2> log & P=$!
            for i in $(seq 200); do $CTL --endpoint unix:$PWD/k list > /dev/null 2>&1 && break; sleep 0.05; done
            $CTL --endpoint unix:$PWD/k submit run.yaml -q -o name > /dev/null; echo $?; kill $P; wait $P; echo $?
            """, in: run.folder)
        #expect(outcome.output == "0\n0\n0\n0\n0\n", "\(outcome.output) \(outcome.error)")
    }

    @Test(arguments: [
        "..", "../../elsewhere", "/tmp/x", "a/b", ".hidden", "-rf", "a b", String(repeating: "n", count: 65),
    ])
    func namesAreNoPaths(name: String) throws {
        let run = try SmallRun()
        try run.replace("name: small", with: "name: '\(name)'", in: "run.yaml")
        try run.write(TinySpace.yaml(name: "'\(name)'"), to: "s.yaml")
        let outcome = try Shell.run(
            """
            mkdir -p project/deep; cd project/deep; echo mine > results.csv
            $NASD run ../../run.yaml; echo $?; $NASD validate ../../run.yaml; echo $?; $NASD validate ../../s.yaml; echo $?
            $CTL validate ../../run.yaml; echo $?; $NASD run ../../run.yaml --set name=fine --output out > /dev/null 2>&1; echo $?
            ls; cat results.csv; ls ..
            """, in: run.folder)
        #expect(outcome.output == "2\n2\n2\n2\n0\nout\nresults.csv\nmine\ndeep\n", "\(outcome.output)")
        #expect(
            outcome.error.components(separatedBy: "name: expected a name of 1 to 64").count == 5, "\(outcome.error)")
    }

    // MARK: Bounds

    @Test(arguments: [
        "[{metric: params, atLeast: 5000}, {metric: params, atMost: 4000}]",
        "[{metric: params, atLeast: 2451, atMost: 2452}]",
        "[{metric: params, atMost: 2500}, {metric: multiplyAdds, atLeast: 150000}]",
        "[{metric: accuracy, atLeast: 0.9}, {metric: accuracy, atMost: 0.5}]",
    ]) func boundsThatNothingKeeps(constraints: String) throws {
        let run = try SmallRun(
            search: "{objectives: [{metric: accuracy}], constraints: \(constraints), population: 4, evaluations: 8}")
        for command in ["run", "validate"] {
            let outcome = try Program(
                [command, run.folder + "/run.yaml"] + (command == "run" ? ["--output", run.output] : [])
            ).wait()
            #expect(outcome.code == 2 && outcome.error.contains("no architecture of the space"), "\(outcome.error)")
        }
        #expect(!FileManager.default.fileExists(atPath: run.output))
        let daemon = try ServedDaemon()
        defer { daemon.program.send(SIGKILL) }
        let text = ServedDaemon.tiny().replacing("  algorithm: nsga2", with: "  constraints: \(constraints)")
        let answer = try daemon.send("POST", "/v1/runs", body: text)
        #expect(answer.head.status == 422, "\(String(decoding: answer.body, as: UTF8.self))")
    }

    @Test func nothingFeasibleIsAFailureThatCanGoOn() throws {
        // Only the measured accuracy can tell.
        let bound = "constraints: [{metric: accuracy, atLeast: 0.9999}]"
        let run = try SmallRun(
            search: "{algorithm: evolution, objectives: [{metric: accuracy}], \(bound), population: 4, evaluations: 8}")
        let first = try run.run()
        #expect(first.code == 7 && first.error.contains("nothing feasible: none of 8 candidates"), "\(first.error)")
        #expect(first.error.contains("violation") && first.output.contains("results.csv"))
        let status = try #require(try run.status())
        #expect(status.run.state == .failed)
        let failed = try #require(try run.events(of: status.run.id).last)
        #expect(
            failed.content.type == .runFailed && failed.content.data.contains("\"closest\":["), "\(failed.content.data)"
        )
        #expect(!run.checkpoints.isEmpty)
        let again = try run.run("--set", "search.evaluations=12")
        #expect(again.code == 7 && again.error.contains("none of 12 candidates"), "\(again.error)")
        #expect(try run.run("--set", "search.evaluations=6").code == 5)
        // The same candidates as with as many from the start, by an algorithm that does not plan by their number.
        let whole = try SmallRun(
            search: "{algorithm: evolution, objectives: [{metric: accuracy}], \(bound), population: 4, evaluations: 12}"
        )
        #expect(try whole.run().code == 7)
        #expect(run.results == whole.results && run.results != nil)
    }

    @Test func nothingFeasibleInTheDaemon() throws {
        let daemon = try ServedDaemon()
        defer { daemon.program.send(SIGKILL) }
        let id = try daemon.submit(
            ServedDaemon.tiny().replacing(
                "  algorithm: nsga2", with: "  constraints: [{metric: accuracy, atLeast: 0.9999}]"))
        #expect(daemon.wait(id, for: "failed"))
        let endpoint = "--endpoint=unix:\(daemon.socket)"
        func control(_ arguments: String...) throws -> Program.Outcome {
            try Program([endpoint] + arguments, named: "nas-ctl").wait()
        }
        #expect(try control("wait", id).code == 7)
        #expect(try control("set", id, "evaluations=5").code == 5)
        #expect(try control("set", id, "evaluations=20").code == 0)
        #expect(try control("resume", id).code == 0)
        #expect(daemon.waitUntil(seconds: 60) { (try? daemon.run(id))?.evaluations == 20 })
        #expect(daemon.wait(id, for: "failed"))
    }

    // MARK: Data directories

    @Test func theDirectoryGoesFromUnderTheDaemon() throws {
        let daemon = try ServedDaemon()
        defer { daemon.program.send(SIGKILL) }
        #expect(try daemon.send("POST", "/v1/runs", body: ServedDaemon.tiny(name: "first")).head.status == 201)
        let aside = daemon.folder + "/aside"
        try FileManager.default.moveItem(atPath: daemon.data, toPath: aside)
        for attempt in 0..<2 {
            let answer = try daemon.send("POST", "/v1/runs", body: ServedDaemon.tiny(name: "lost"))
            #expect((500...599).contains(answer.head.status), "\(String(decoding: answer.body, as: UTF8.self))")
            #expect(try daemon.get("/readyz").head.status == 503)
            #expect(
                String(decoding: try daemon.get("/v1/doctor").body, as: UTF8.self).contains("was removed or replaced"))
            // Another folder of the name is not the one that was there.
            if attempt == 0 {
                try FileManager.default.createDirectory(atPath: daemon.data, withIntermediateDirectories: true)
            }
        }
        #expect(daemon.waitUntil(seconds: 20) { daemon.program.error.contains("takes no writes") })
        // Put back, it goes on.
        try FileManager.default.removeItem(atPath: daemon.data)
        try FileManager.default.moveItem(atPath: aside, toPath: daemon.data)
        #expect(daemon.waitUntil(seconds: 30) { (try? daemon.get("/readyz"))?.head.status == 200 })
        #expect(try daemon.send("POST", "/v1/runs", body: ServedDaemon.tiny(name: "kept")).head.status == 201)
        // What was refused is not there.
        let names = try daemon.document(RunList.self, try daemon.get("/v1/runs")).runs.map(\.name)
        #expect(Set(names) == ["first", "kept"], "\(names)")
    }

    @Test(arguments: ["dataRoots", "spaceDirectories", "hosts", "webhook.allow"])
    func emptyItemsAreRefused(key: String) throws {
        let folder = NSTemporaryDirectory() + "nasd-empty-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let parts = key.split(separator: ".").map(String.init)
        let nested = parts.count == 1 ? "\(key): [one, '']" : "\(parts[0]): {\(parts[1]): [one, ' ']}"
        let variable = "NASD_" + key.replacing(/([A-Z])/, with: { "_" + $0.1 }).replacing(".", with: "_").uppercased()
        let outcome = try Shell.run(
            """
            serve() { timeout 20 $NASD serve --socket $PWD/k --data-directory dd "$@"; echo $?; }
            echo "\(nested)" > c.yaml; serve --config c.yaml; serve --set '\(key)=one,'; serve --set '\(key)=,one'
            \(variable)='one, ' serve
            """, in: folder)
        #expect(outcome.output == "2\n2\n2\n2\n", "\(outcome.output) \(outcome.error)")
        #expect(outcome.error.components(separatedBy: "found an empty item").count == 5, "\(outcome.error)")
    }

    @Test(.enabled(if: Shell.canChangeUser && TinyDisk.isAvailable)) func resultsThatCannotBeWrittenCanBeRead() throws {
        let run = try SmallRun()
        try #require(try run.run().code == 0)
        let outcome = try Shell.run(
            """
            chmod -R a+rX .; \(Shell.asAnotherUser) $NASD export small --directory $PWD/out > other.csv; echo $?
            cmp other.csv out/results.csv && echo same
            mkdir ro; mount --bind out ro; mount -o remount,ro,bind ro
            $NASD export small --directory ro | cmp - out/results.csv && echo same
            $NASD plot small --directory ro --output x.svg; $NASD list --directory ro | grep -c small
            $NASD extract run.yaml --directory ro --genome smallest --output m.safetensors > /dev/null; echo $?; umount -l ro
            """, in: run.folder)
        #expect(outcome.output.hasPrefix("0\nsame\nsame\n") && outcome.output.hasSuffix("x.svg\n1\n0\n"), "\(outcome)")
    }

    @Test(.enabled(if: Shell.canChangeUser)) func aLogThatCannotBeReadIsTold() throws {
        let run = try SmallRun(train: "{steps: 1000000, batch: 8, shards: 2, checkpointEvery: 100}")
        let program = try Program(run.arguments)
        #expect(SmallRun.waitUntil { run.checkpoints.count == 2 })
        let live = try Shell.run(
            "chmod -R a+rX .; \(Shell.asAnotherUser) $NASD list --directory $PWD/out", in: run.folder)
        #expect(live.code == 0 && live.output.contains("small"), "\(live.error)")
        program.send(SIGKILL)
        _ = program.wait()
        let killed = try Shell.run(
            "rm out/nasd.sqlite-shm; \(Shell.asAnotherUser) $NASD list --directory $PWD/out", in: run.folder)
        #expect(killed.code == 1 && killed.error.contains("nasd.sqlite-wal"), "\(killed.output)\(killed.error)")
    }

    @Test func aCopyWithoutTheLogIsTold() throws {
        let run = try SmallRun(train: "{steps: 1000000, batch: 8, shards: 2, checkpointEvery: 100}")
        let program = try Program(run.arguments)
        #expect(SmallRun.waitUntil { run.checkpoints.count == 2 })
        let outcome = try Shell.run(
            """
            mkdir copy; cp out/nasd.sqlite copy; cp -r out/runs copy
            for c in "export small --directory copy" "run run.yaml --output copy" "list --directory copy"; do $NASD $c; echo $?; done
            timeout 20 $NASD serve --data-directory copy --socket $PWD/k; echo $?; ls copy/runs | wc -l
            """, in: run.folder)
        program.send(SIGKILL)
        #expect(outcome.output == "1\n1\n1\n1\n1\n", "\(outcome.output) \(outcome.error)")
        #expect(outcome.error.components(separatedBy: "without nasd.sqlite-wal").count == 5, "\(outcome.error)")
    }

    @Test func theDatabaseIsForItsOwnerAndGroup() throws {
        let run = try SmallRun()
        let outcome = try Shell.run(
            "umask 0; $NASD run run.yaml --output out > /dev/null 2>&1; stat -c %a out/nasd.sqlite; chmod 666 out/nasd.sqlite; "
                + "$NASD run run.yaml --output out > /dev/null 2>&1; stat -c %a out/nasd.sqlite", in: run.folder)
        #expect(outcome.output == "640\n640\n", "\(outcome.output)")
    }

    // MARK: What is said

    @Test func unknownRunsAndFinishedOnes() throws {
        let run = try SmallRun()
        let outcome = try Shell.run(
            """
            $NASD run run.yaml > first 2>&1; $NASD run run.yaml 2> second | cmp - <(sed -n '/^front/,$p' first) && echo same
            cat second; $NASD export other 2>&1; echo $?; $NASD plot other --output x.svg 2>&1; echo $?
            $NASD list | tail -1 | awk '{print $2, $3, $4, $5}'
            mv small.yaml 'called otherwise.yaml'; $NASD validate run.yaml | grep -c 'valid run'
            """, in: run.folder)
        let lines = outcome.output.split(separator: "\n").map(String.init)
        #expect(lines.first == "same" && lines[1].hasSuffix("is completed; its results again:"), "\(outcome)")
        #expect(!lines[1].contains("about"))
        for place in [2, 4] {
            #expect(lines[place].contains("there are small (") && lines[place + 1] == "3", "\(lines[place])")
        }
        #expect(lines.dropFirst(6) == ["small completed 20/20 nasd-runs/small", "1"], "\(outcome.output)")
    }

    @Test func commandsAreQuoted() throws {
        let run = try SmallRun()
        let outcome = try Shell.run(
            """
            $NASD run run.yaml --output "my 'own' runs" > out.txt 2>&1
            eval "$(sed -n 's/^next *//p' out.txt)" | grep -c testAccuracy
            """, in: run.folder)
        #expect(outcome.output == "1\n", "\(outcome.output) \(outcome.error)")
    }
}

extension UserHabitTests {
    @Test func spacesThatShareAName() throws {
        let run = try SmallRun()
        let outcome = try Shell.run(
            """
            mkdir mine; mv run.yaml mine; cp small.yaml mine/one.yaml; mv small.yaml above.yaml
            $NASD validate mine/run.yaml | grep -c 'valid run'; cp mine/one.yaml mine/two.yaml; $NASD validate mine/run.yaml; echo $?
            """, in: run.folder)
        #expect(outcome.output == "1\n2\n", "\(outcome.output) \(outcome.error)")
        #expect(outcome.error.contains("mine/one.yaml, ") && outcome.error.contains("mine/two.yaml; name the path"))
    }

    @Test func validateLooksAtTheData() throws {
        let run = try SmallRun(
            data:
                "{format: npy, train: {images: x.npy, labels: y.npy}, test: {images: x.npy, labels: y.npy}, holdOut: {validation: 50}}",
            search: "{objectives: [{metric: accuracy}], population: 4, evaluations: 8, samples: 50}")
        let absent = try Program(["validate", run.folder + "/run.yaml"]).wait()
        #expect(absent.code == 0 && absent.error.contains("name their folder with --data"), "\(absent.error)")
        let named = try Program(["validate", run.folder + "/run.yaml", "--data", run.folder]).wait()
        #expect(named.code == 3 && named.error.contains("x.npy"), "\(named.error)")
        // Channels first.
        try Files.write(
            Files.npy("|u1", "(100, 1, 28, 28)", [UInt8](repeating: 1, count: 78_400)), run.folder + "/x.npy")
        try Files.write(Files.npy("|u1", "(100,)", [UInt8](repeating: 1, count: 100)), run.folder + "/y.npy")
        let found = try Program(["validate", run.folder + "/run.yaml", "--data", run.folder]).wait()
        #expect(found.code == 2 && found.error.contains("transpose"), "\(found.error)")
        #expect(found.output.isEmpty)
    }
}
