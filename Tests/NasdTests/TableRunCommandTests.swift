import API
import Foundation
import HTTPClient
import TestSupport
import Testing

/// A run over a table of results in a folder of its own, without any training.
final class TableRun {
    let folder = NSTemporaryDirectory() + "nasd-table-" + UUID().uuidString

    static let evaluator = """
        {kind: table, file: data.csv, key: {column: name, template: "{size}-{kind.0}{kind.1}{kind.2}"}, \
        metrics: {accuracy: top1 / 100, latencyMilliseconds: ms}, validation: {accuracy: valid / 100}}
        """

    /// 189 of 192 architectures, each with values that are a function of its options.
    static let table: String = {
        var text = "name,top1,ms,valid\n"
        for size in 1...3 {
            for code in 0..<64 where code != 21 {
                let kinds = [code / 16, code / 4 % 4, code % 4]
                let top = 50 + 10 * size + kinds[0] * 3 - kinds[1] + kinds[2] * kinds[1]
                text += "\(size)-\(kinds.map { ["n", "s", "c", "p"][$0] }.joined()),\(top)"
                text += ",\(Double(size * size) * (1 + 0.25 * Double(kinds[0] + kinds[2]))),\(Double(top) - 0.5)\n"
            }
        }
        return text
    }()

    static let space = """
        apiVersion: nasd/v1
        kind: SearchSpace
        name: sizes
        family: external
        decisions:
          - {name: size, options: [1, 2, 3]}
          - {name: kind, count: 3, options: [n, s, c, p]}

        """

    static func run(evaluator: String = evaluator, directory: String? = nil) -> String {
        """
        apiVersion: nasd/v1
        kind: Run
        name: table
        seed: 3
        space: sizes
        \(directory.map { "data: {directory: \($0)}" } ?? "")
        evaluator: \(evaluator)
        search:
          algorithm: nsga2
          objectives: [{metric: accuracy}, {metric: latencyMilliseconds}]
          population: 10
          evaluations: 120
        validate: {finalists: 5}

        """
    }

    init(_ run: String = TableRun.run(), space: String = space, table: String = table) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (name, text) in [("run.yaml", run), ("sizes.yaml", space), ("data.csv", table)] {
            try Files.write(Array(text.utf8), "\(folder)/\(name)")
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func arguments(_ output: String = "out") -> [String] {
        ["run", folder + "/run.yaml", "--data", folder, "--output", "\(folder)/\(output)"]
    }

    func file(_ name: String) -> Data? { FileManager.default.contents(atPath: "\(folder)/\(name)") }
}

@Suite struct TableRunCommandTests {
    @Test func aRunEndsWithItsFront() throws {
        let run = try TableRun()
        let outcome = try Program(run.arguments()).wait()
        #expect(outcome.code == 0, "\(outcome.error)")
        #expect(outcome.error.contains("table: 189 entries, accuracy 0.57 to 0.95"))
        #expect(outcome.output.contains("front of run") && outcome.output.contains("best     candidate"))
        let front = try Self.front(outcome.output)
        #expect(front.head == ["candidate", "accuracy", "validation", "latencyMilliseconds", "genome"])
        let paid = front.rows.compactMap { Double($0[3]) }
        #expect(paid.count > 2 && paid.count == front.rows.count && paid == paid.sorted(), "\(outcome.output)")
        let csv = String(decoding: try #require(run.file("out/results.csv")), as: UTF8.self)
        #expect(csv.split(whereSeparator: \.isNewline).count == 121)
        for command in [["export"], ["plot", "--output", run.folder + "/charts.svg"]] {
            let other = try Program(
                [command[0], "table", "--directory", run.folder + "/out"] + command.dropFirst()
            ).wait()
            #expect(other.code == 0, "\(command): \(other.error)")
            if command == ["export"] { #expect(Data(other.output.utf8) == run.file("out/results.csv")) }
        }
        let valid = try Program(["validate", run.folder + "/run.yaml", "--data", run.folder]).wait()
        #expect(valid.code == 0 && valid.output.contains("kind: n, s, c, p") && valid.error.contains("189 entries"))
    }

    /// A search of a weighted sum finds the largest of the table and hands that over; one with a target nothing beyond it.
    @Test func weightsAndTargetsDecide() throws {
        let objectives = "[{metric: accuracy}, {metric: latencyMilliseconds}]"
        var table: [(name: String, accuracy: Double, latency: Double)] = []
        for row in TableRun.table.split(separator: "\n").dropFirst() {
            let parts = row.split(separator: ",").map(String.init)
            table.append((parts[0], (Double(parts[1]) ?? 0) / 100, Double(parts[2]) ?? 0))
        }
        let weighed = try TableRun(
            TableRun.run().replacing(
                objectives, with: "[{metric: accuracy, weight: 1}, {metric: latencyMilliseconds, weight: 0.02}]"
            ).replacing("evaluations: 120", with: "evaluations: 192"))
        let outcome = try Program(weighed.arguments()).wait()
        #expect(outcome.code == 0, "\(outcome.error)")
        let most = try #require(table.map { $0.accuracy - 0.02 * $0.latency }.max())
        let front = try Self.front(outcome.output)
        for row in front.rows {
            let sum = try #require(Double(row[1])) - 0.02 * (try #require(Double(row[3])))
            #expect(abs(sum - most) < 1e-9, "\(outcome.output)")
        }
        #expect(!front.rows.isEmpty)

        let reached = try TableRun(
            TableRun.run().replacing(
                objectives, with: "[{metric: accuracy, target: 0.7}, {metric: latencyMilliseconds}]"
            ).replacing("evaluations: 120", with: "evaluations: 192"))
        let other = try Program(reached.arguments()).wait()
        #expect(other.code == 0, "\(other.error)")
        let rows = try Self.front(other.output).rows
        let least = try #require(table.filter { $0.accuracy >= 0.7 }.map(\.latency).min())
        #expect(rows.contains { Double($0[3]) == least } && rows.allSatisfy { Double($0[3]) ?? 99 <= least })
    }

    /// A search that keeps candidates pending is the same at any moment of a kill, by every algorithm.
    @Test(arguments: ["nsga2", "linas", "aging", "local"]) func pendingCandidatesSurviveKills(algorithm: String) throws
    {
        let text = TableRun.run().replacing("algorithm: nsga2", with: "algorithm: \(algorithm)\n  pending: 8")
        let run = try TableRun(text)
        let whole = try Program(run.arguments()).wait()
        #expect(whole.code == 0, "\(whole.error)")
        let expected = try #require(run.file("out/results.csv"))
        #expect(String(decoding: expected, as: UTF8.self).split(whereSeparator: \.isNewline).count == 121)
        var random = SeededGenerator(5), isOver = false
        for _ in 0..<30 where !isOver {
            let program = try Program(run.arguments("killed"))
            usleep(UInt32.random(in: 20_000...400_000, using: &random))
            program.send(SIGKILL)
            isOver = program.wait().code == 0
        }
        let last = try Program(run.arguments("killed")).wait()
        #expect(last.code == 0, "\(last.error)")
        #expect(run.file("killed/results.csv") == expected)
    }

    /// What has one objective and no costs has no front to draw, but a course.
    @Test func theCourseOfOneObjectiveIsDrawn() throws {
        let run = try TableRun(
            TableRun.run().replacing(", {metric: latencyMilliseconds}]", with: "]").replacing(
                "nsga2", with: "evolution"))
        let outcome = try Program(run.arguments()).wait()
        #expect(outcome.code == 0, "\(outcome.error)")
        let file = run.folder + "/charts.svg"
        let plot = try Program(["plot", "table", "--directory", run.folder + "/out", "--output", file]).wait()
        #expect(plot.code == 0 && plot.output.hasPrefix("2 charts in"), "\(plot.output)\(plot.error)")
        #expect(String(decoding: try #require(run.file("charts.svg")), as: UTF8.self).contains("best accuracy so far"))
        #expect(try XMLCheck.elements(of: file)["polyline"] == 2)
    }

    /// The front at the end of a run: what its columns are called, and its rows.
    private static func front(_ output: String) throws -> (head: [String], rows: [[String]]) {
        let lines = output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        let place = try #require(lines.firstIndex { $0.first == "candidate" })
        return (lines[place], Array(lines[(place + 1)...].prefix { $0.count == lines[place].count }))
    }

    /// Where finalists have several values of a stage, their columns are called as in front.csv.
    @Test func columnsOfFinalistsCanBeToldApart() throws {
        let run = try TableRun(
            TableRun.run(
                evaluator: TableRun.evaluator.replacing(
                    "{accuracy: valid / 100}",
                    with: "{accuracy: valid / 100, latencyMilliseconds: ms * 2}, test: {accuracy: valid / 100}")))
        let outcome = try Program(run.arguments()).wait()
        #expect(outcome.code == 0, "\(outcome.error)")
        let head = try Self.front(outcome.output).head
        #expect(
            head.sorted() == [
                "accuracy", "candidate", "genome", "latencyMilliseconds", "testAccuracy", "validationAccuracy",
                "validationLatencyMilliseconds",
            ])
        let csv = String(decoding: try #require(run.file("out/front.csv")), as: UTF8.self)
        let columns = csv.prefix { !$0.isNewline }.split(separator: ",").map(String.init)
        #expect(Set(head).isSubset(of: columns))
    }

    @Test func algorithmsAreCompared() throws {
        let run = try TableRun()
        let outcome = try Program([
            "compare", run.folder + "/run.yaml", "--data", run.folder, "--seeds", "2", "--evaluations", "60",
            "--population", "10",
        ]).wait()
        #expect(outcome.code == 0, "\(outcome.error)")
        let lines = outcome.output.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
        #expect(lines.first == ["algorithm", "seed", "evaluations", "hypervolume", "bestAccuracy"])
        #expect(lines.dropFirst().map { $0[0] } == ["nsga2", "random", "nsga2", "random"])
        for line in lines.dropFirst() {
            let volume = try #require(Double(line[3]))
            #expect(line[2] == "60" && volume > 0.3 && volume < 1)
        }
    }

    /// Several run files, arms with settings, and what a folder gets.
    @Test func comparisonsLeaveFiles() throws {
        let run = try TableRun(), folder = run.folder + "/compared"
        try Files.write(
            Array(TableRun.run().replacing("name: table", with: "name: other").utf8), run.folder + "/other.yaml")
        let outcome = try Program([
            "compare", run.folder + "/run.yaml", run.folder + "/other.yaml", "--data", run.folder, "--seeds", "3",
            "--evaluations", "40", "--population", "10", "--algorithms", "random; {kind: nsga2, tournament: 4}",
            "--output", folder,
        ]).wait()
        #expect(outcome.code == 0, "\(outcome.error)")
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.first == "algorithm,seed,evaluations,hypervolume,bestAccuracy,run" && lines.count == 13)
        #expect(lines[1].hasPrefix("random,1,40,") && lines[2].hasPrefix("nsga2,1,40,"))
        #expect(lines.last?.hasSuffix(",other") == true)
        #expect(outcome.error.contains("other: median hypervolume and quartiles of 3 seeds"))
        func file(_ name: String) throws -> String {
            String(decoding: try #require(run.file("compared/\(name)")), as: UTF8.self)
        }
        #expect(try file("results.csv").split(separator: "\r\n").count == 13)
        #expect(try file("curves.csv").split(separator: "\r\n").count == 1 + 2 * 2 * 3 * 40)
        #expect(try file("summary.csv").split(separator: "\r\n").count == 1 + 2 * 2 * 40)
        let drawing = try file("results.svg")
        #expect(try XMLCheck.elements(of: folder + "/results.svg")["polygon"] == 4 && drawing.contains("fill-opacity"))
        #expect(drawing.contains("table: medians and quartiles of 3 seeds"))

        let refused = try Program([
            "compare", run.folder + "/run.yaml", run.folder + "/other.yaml", "--directory", folder,
        ]).wait()
        #expect(refused.code == 2 && refused.error.contains("several are named"))
        let unknown = try Program(["compare", run.folder + "/run.yaml", "--data", run.folder, "--algorithms", "best"])
            .wait()
        #expect(
            unknown.code == 2 && unknown.error.contains("expected algorithms among") && unknown.error.contains("'best'")
        )
    }

    /// Why a candidate was asked, as text and as the API's document, and the curve as CSV and as a chart.
    @Test func candidatesAreExplained() throws {
        let run = try TableRun()
        #expect(try Program(run.arguments()).wait().code == 0)
        func explain(_ further: String...) throws -> Program.Outcome {
            try Program(["explain", "table", "--directory", run.folder + "/out"] + further).wait()
        }
        let csv = String(decoding: try #require(run.file("out/results.csv")), as: UTF8.self)
        let row = try #require(csv.split(separator: "\r\n").first { $0.contains(/,(mutation|crossover),/) })
        let bred = String(row.prefix { $0 != "," })
        let text = try explain(bred)
        #expect(text.code == 0, "\(text.error)")
        for part in ["parents", "generation", "took", "hypervolume", "dominated by", "(accuracy 0."] {
            #expect(text.output.contains(part), "\(part): \(text.output)")
        }
        let document = try WireFormat.decode(
            ExplanationDocument.self, from: Data(try explain(bred, "--json").output.utf8))
        #expect(row.contains(document.candidate.genome) && row.contains(",\(document.asked?.operator ?? ""),"))
        #expect(document.asked?.parents.isEmpty == false && document.objectives == ["accuracy", "latencyMilliseconds"])
        #expect(document.measuring.together == 10 && (document.measuring.seconds ?? 0) > 0)
        #expect(try explain("999").code == 3)
        #expect(try explain("0").code == 2)

        let curve = try Program(["export", "table", "--curve", "--directory", run.folder + "/out"]).wait()
        let lines = curve.output.split(separator: "\r\n")
        #expect(lines.count == 121 && lines[0] == "candidate,round,weightsStep,hypervolume")
        let plot = run.folder + "/charts.svg"
        #expect(try Program(["plot", "table", "--directory", run.folder + "/out", "--output", plot]).wait().code == 0)
        #expect(try #require(run.file("charts.svg")).range(of: Data("hypervolume after each evaluation".utf8)) != nil)
    }

    /// Killed at any moment and started again, a run leaves the same bytes.
    @Test func killedAtAnyMomentGivesTheSameBytes() throws {
        let run = try TableRun()
        let start = ContinuousClock.now
        #expect(try Program(run.arguments()).wait().code == 0)
        let whole = (ContinuousClock.now - start) / .seconds(1)
        for (number, share) in [0.1, 0.3, 0.5, 0.65, 0.8, 0.95].enumerated() {
            let output = "killed\(number)"
            let program = try Program(run.arguments(output))
            usleep(UInt32(whole * share * 1e6))
            program.send(SIGKILL)
            _ = program.wait()
            let outcome = try Program(run.arguments(output)).wait()
            #expect(outcome.code == 0, "\(outcome.error)")
            for name in ["results.csv", "front.csv"] {
                #expect(run.file("\(output)/\(name)") == run.file("out/\(name)"), "\(name) after a kill at \(share)")
            }
            let curves = try ["out", output].map {
                try Program(["export", "table", "--curve", "--directory", "\(run.folder)/\($0)"]).wait().output
            }
            #expect(curves[0] == curves[1] && curves[0].split(separator: "\r\n").count == 121)
        }
    }

    /// A daemon gives the bytes of `nasd run`; a table's file lies beneath a data root.
    @Test func aDaemonGivesTheSameBytes() throws {
        let run = try TableRun()
        #expect(try Program(run.arguments()).wait().code == 0)
        let daemon = try ServedDaemon(["spaceDirectories=\(run.folder)"])
        let roots = daemon.folder + "/roots"
        try FileManager.default.createDirectory(atPath: roots + "/benchmark", withIntermediateDirectories: true)
        try Files.write(Array(TableRun.table.utf8), roots + "/benchmark/data.csv")
        let id = try daemon.submit(TableRun.run(directory: "benchmark"))
        #expect(daemon.wait(id, for: "completed"))
        for (name, query) in [("results.csv", ""), ("front.csv", "?front=true")] {
            let answer = try daemon.get("/v1/runs/\(id)/results.csv\(query)")
            #expect(Data(answer.body) == run.file("out/\(name)"))
        }
        let best = try daemon.document(CandidateDocument.self, try daemon.get("/v1/runs/\(id)/best"))
        #expect(best.candidate.accuracy == 0.95)
        for command in [
            ["status", id], ["candidates", id], ["front", id], ["watch", id], ["sampler", id], ["training", id],
        ] {
            let outcome = try Program(command + ["--endpoint", "unix:\(daemon.socket)"], named: "nas-ctl").wait()
            #expect(outcome.code == 0, "\(command): \(outcome.error)")
            #expect(!outcome.output.contains("0/0"), "\(outcome.output)")
            // An objective is in every table.
            #expect(!["candidates", "front"].contains(command[0]) || outcome.output.contains("LATENCY"))
        }
        let front = try daemon.document(CandidateList.self, try daemon.get("/v1/runs/\(id)/front")).candidates
        let paid = front.compactMap(\.latencyMilliseconds)
        #expect(paid.count > 2 && paid.count == front.count && paid == paid.sorted(), "\(paid)")
        #expect(try daemon.get("/v1/runs/\(id)/models/1").head.status == 404)
        func refusal(_ text: String) throws -> String {
            let answer = try daemon.send("POST", "/v1/runs", body: text)
            #expect(answer.head.status == 422)
            return String(decoding: answer.body, as: UTF8.self)
        }
        #expect(try refusal(TableRun.run()).contains("data.directory"))
        try Files.write(Array("secret".utf8), daemon.folder + "/data.csv")
        for file in ["../../data.csv", "\(daemon.folder)/data.csv"] {
            let text = TableRun.run(
                evaluator: TableRun.evaluator.replacing("data.csv", with: file), directory: "benchmark")
            #expect(try !refusal(text).contains("secret"))
        }
        try Files.write(Array((TableRun.table + "1-nnn,1,1,1\n").utf8), roots + "/benchmark/data.csv")
        #expect(try refusal(TableRun.run(directory: "benchmark")).contains("stands here and in line 2"))
    }

    /// Counts that are no whole numbers, such as parameters in millions, are told by the API and by nas-ctl as by the CSV.
    @Test func countsInMillionsAreTold() throws {
        let run = try TableRun()
        let daemon = try ServedDaemon(["spaceDirectories=\(run.folder)"])
        let roots = daemon.folder + "/roots"
        try FileManager.default.createDirectory(atPath: roots + "/benchmark", withIntermediateDirectories: true)
        try Files.write(Array(TableRun.table.utf8), roots + "/benchmark/data.csv")
        let evaluator = TableRun.evaluator.replacing("ms}", with: "ms, params: ms / 3, multiplyAdds: ms - 2}")
        let id = try daemon.submit(TableRun.run(evaluator: evaluator, directory: "benchmark"))
        #expect(daemon.wait(id, for: "completed"))
        func values(_ csv: String, _ name: String) throws -> [String] {
            let lines = csv.split(whereSeparator: \.isNewline).map {
                $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            }
            let place = try #require(lines.first?.firstIndex(of: name))
            // A genome, which stands before, has commas.
            return lines.dropFirst().map { $0[$0.count - lines[0].count + place] }
        }
        let csv = String(decoding: try daemon.get("/v1/runs/\(id)/results.csv").body, as: UTF8.self)
        let list = try daemon.document(
            CandidateList.self, try daemon.get("/v1/runs/\(id)/candidates?limit=1000")
        ).candidates
        let shown = try Program(
            ["candidates", id, "-o", "csv", "--endpoint", "unix:\(daemon.socket)"], named: "nas-ctl"
        ).wait().output
        for name in ["params", "multiplyAdds"] {
            let told = try values(csv, name)
            #expect(list.map { $0.value(of: name) } == told.map { Double($0) })
            #expect(try values(shown, name) == told)
            #expect(told.contains { $0.contains(".") } && told.contains { Double($0) != nil && !$0.contains(".") })
        }
        #expect(list.allSatisfy { ($0.params == nil) == ($0.metrics?["params"] != nil) || $0.state != "completed" })
        // A count is not below 0.
        #expect(list.allSatisfy { ($0.multiplyAdds ?? 0) >= 0 } && list.contains { $0.metrics?["multiplyAdds"] == -1 })
    }

    /// Published tables, from the folder that NASD_TEST_DATA names.
    @Test(
        .enabled(if: Repository.testData != nil, "set NASD_TEST_DATA to the folder of test data to search benchmarks"),
        arguments: ["nas-bench-macro", "nas-bench-201"])
    func publishedBenchmarksAreSearched(name: String) throws {
        let data = try #require(Repository.testData).path + "/\(name)"
        let file = Repository.root.path + "/SearchSpaces/runs/\(name).yaml"
        try withDirectory { folder in
            let outcome = try Program(["run", file, "--data", data, "--output", folder + "/out"]).wait()
            #expect(outcome.code == 0, "\(outcome.error)")
            let csv = try #require(FileManager.default.contents(atPath: folder + "/out/results.csv"))
            let lines = String(decoding: csv, as: UTF8.self).split(whereSeparator: \.isNewline)
            #expect(lines.count == 201 && !lines.contains { $0.contains("failed") })
            let roots = try #require(Repository.testData).path
            let daemon = try ServedDaemon(["dataRoots=\(roots)"])
            let text = try String(contentsOfFile: file, encoding: .utf8) + "data: {directory: \(name)}\n"
            let id = try daemon.submit(text)
            #expect(daemon.wait(id, for: "completed"))
            #expect(Data(try daemon.get("/v1/runs/\(id)/results.csv").body) == csv)
        }
    }
}
