import Datasets
import Foundation
import Runs
import SearchSpaces
import Store
import Tensors
import TestSupport
import Testing
import Training

@testable import Coordinator

/// Runs without training: over a table, and runs that train alone.
@Suite struct TableEvaluatorTests {
    private static let space = """
        apiVersion: nasd/v1
        kind: SearchSpace
        name: grid
        family: external
        decisions:
          - {name: a, options: [1, 2, 3]}
          - {name: b, options: [x, y, z]}

        """

    /// Nine architectures of which two lack something: 3z has no row, 2y no latency.
    private static let table =
        "n,acc,ms,test\n"
        + "1x,10,1,11\n1y,20,2,21\n1z,30,3,31\n2x,40,4,41\n2y,50,,51\n2z,60,6,61\n3x,70,7,71\n3y,80,8,79\n"

    private static let evaluator = """
        {kind: table, file: t.csv, key: {column: n, template: '{a}{b}'}, \
        metrics: {accuracy: acc / 100, latencyMilliseconds: ms}, test: {accuracy: test / 100}}
        """

    private func specification(
        _ evaluator: String = evaluator, search: String = "algorithm: random, population: 3, evaluations: 9",
        finalists: Int = 2
    ) throws -> RunSpecification {
        try RunSpecification.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: Run
                name: grid
                seed: 5
                space: grid
                evaluator: \(evaluator)
                search: {objectives: [{metric: accuracy}, {metric: latencyMilliseconds}], \(search)}
                validate: {finalists: \(finalists)}
                """, file: "run.yaml")
    }

    private func inputs(
        _ specification: RunSpecification, table: String = table, in folder: String, space: String = space
    ) throws -> RunInputs {
        try Files.write(Array(table.utf8), folder + "/t.csv")
        return try RunInputs(
            specification: specification, space: try SearchSpace.parse(yaml: space, file: "s"),
            folder: DataFolder(folder))
    }

    private func execute(
        _ inputs: RunInputs, in directory: String, control: RunControl = RunControl(),
        report: @escaping (RunProgress) -> Void = { _ in }
    ) throws -> (outcome: RunOutcome, run: StoredRun) {
        let session = try RunSession(inputs, directory: directory)
        let outcome = try session.execute(
            inputs, pool: try WorkerPool(count: 2), kernels: try Kernels(), control: control, report: report)
        let run = try session.store.run(session.run.id)
        if outcome == .completed { _ = try session.results(inputs.specification).writeCSV() }
        try session.store.close()
        return (outcome, run)
    }

    private func rows(_ directory: String) throws -> [String: [String: String]] {
        let text = try String(contentsOfFile: directory + "/results.csv", encoding: .utf8)
        let lines = text.split(whereSeparator: \.isNewline).map { fields(of: $0) }
        return Dictionary(
            uniqueKeysWithValues: lines.dropFirst().map { fields in
                let row = Dictionary(uniqueKeysWithValues: zip(lines[0], fields))
                return (row["genome"] ?? "", row)
            })
    }

    /// The fields of a line; those with commas stand in quotes.
    private func fields(of line: Substring) -> [String] {
        line.split(separator: "\"", omittingEmptySubsequences: false).enumerated().reduce(into: [""]) { fields, part in
            if part.offset % 2 == 1 {
                fields[fields.count - 1] += part.element
            } else {
                let pieces = part.element.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
                fields[fields.count - 1] += pieces[0]
                fields += pieces.dropFirst()
            }
        }
    }

    @Test func valuesAreThoseOfTheTable() throws {
        try withDirectory { folder in
            let inputs = try inputs(try specification(), in: folder)
            #expect(
                inputs.dataset == nil
                    && inputs.evaluatorRemark?.hasPrefix("table: 8 entries, accuracy 0.1 to 0.8") == true)
            let (outcome, run) = try execute(inputs, in: folder + "/out")
            #expect(outcome == .completed && run.state == .completed && run.step == 0)
            let rows = try rows(folder + "/out")
            #expect(rows.count == 9)
            let best = try #require(rows["a=3;b=y"])
            #expect(best["accuracy"] == "0.8" && best["latencyMilliseconds"] == "8" && best["latencyKind"] == "table")
            #expect(best["samples"] == "0" && best["state"] == "completed" && best["weightsStep"] == "0")
            #expect(
                best["params"] == "" && best["multiplyAdds"] == "" && best["loss"] == "" && best["onFront"] == "true")
            #expect(best["validationAccuracy"] == "")
            #expect(rows["a=3;b=z"]?["state"] == "failed: missing entry" && rows["a=3;b=z"]?["accuracy"] == "")
            #expect(rows["a=2;b=y"]?["state"] == "failed: missing ms" && rows["a=2;b=y"]?["onFront"] == "false")
            // Accuracy and latency rise together, so all are on the front, and the finalists are its ends.
            #expect(rows.values.count { $0["onFront"] == "true" } == 7)
            #expect(
                rows.compactMapValues { $0["testAccuracy"] }.filter { $0.value != "" } == [
                    "a=1;b=x": "0.11", "a=3;b=y": "0.79",
                ])
            let reader = try RunReader(DataDirectory(reading: folder + "/out"))
            let events = try reader.events(run.id, limit: 1000)
            #expect(
                events.map(\.content.type) == [
                    .runQueued, .runStarted, .runProgress, .searchRound, .searchFront, .runProgress, .runCompleted,
                ])
            // Without a validation the best is that of the first objective.
            #expect(events.last?.content.data.contains("\"accuracy\":0.8") == true)
            let results = RunResults(
                store: reader, directory: try DataDirectory(reading: folder + "/out"), run: run.id,
                specification: inputs.specification)
            #expect(try results.best()?.candidate.genomeText == "a=3;b=y")
        }
    }

    /// Both objectives between their ends in the table: the staircase of seven by hand.
    @Test func volumeHasTheEndsOfTheTable() throws {
        try withDirectory { folder in
            let (_, run) = try execute(try inputs(try specification(), in: folder), in: folder + "/out")
            let round = try RunReader(DataDirectory(reading: folder + "/out")).rounds(run.id).last
            let points = [1.0, 2, 3, 4, 6, 7, 8].map { (x: ($0 - 1) / 7, y: ($0 - 1) / 7) }
            var volume = 0.0
            for (point, next) in zip(points, points.dropFirst() + [(x: 1, y: 1)]) {
                volume += (next.x - point.x) * point.y
            }
            #expect(abs((round?.hypervolume ?? 0) - volume) < 1e-12)
        }
    }

    /// What has no name, or none of the space's, is no entry: it neither counts nor moves the ends.
    @Test func rowsWithoutANameHaveNoSay() throws {
        try withDirectory { folder in
            let far =
                Self.table.replacing("n,acc,ms,test\n", with: "n,acc,ms,test\n,900,70,1\n")
                + ",-5,0.1,3\n9q,99,0.01,2\n"
            let passed = try inputs(try specification(), table: far, in: folder)
            #expect(passed.evaluatorRemark == "table: 8 entries, accuracy 0.1 to 0.8, latencyMilliseconds 1 to 8")
            let (_, run) = try execute(passed, in: folder + "/passed")
            let (_, plain) = try execute(try inputs(try specification(), in: folder), in: folder + "/plain")
            func volume(_ name: String, _ run: StoredRun) throws -> Double? {
                try RunReader(DataDirectory(reading: folder + name)).rounds(run.id).last?.hypervolume
            }
            #expect(try volume("/passed", run) == volume("/plain", plain))
            // A column whose only number stands in such a row has none.
            let error = #expect(throws: DatasetError.self) {
                try inputs(try specification(), table: "n,acc,ms,test\n1x,10,,11\n,20,2,1\n", in: folder)
            }
            #expect(error?.description.contains("column 'ms'") == true)
        }
    }

    /// A table of few of the architectures is told as such, and a search that finds none of them says why.
    @Test func aTableOfFewArchitectures() throws {
        try withDirectory { folder in
            let few = "n,acc,ms,test\n2y,50,5,51\n3z,60,6,61\n"
            let some = try inputs(
                try specification(search: "algorithm: random, population: 2, evaluations: 2"), table: few, in: folder)
            #expect(
                some.evaluatorWarnings == [
                    "the table has 2 entries, and the space 9 architectures: about one in 5 of those that a search asks "
                        + "for has an entry, and the others fail; choose a table or a space in which each has one"
                ])
            // Evolution begins with the ends of the space, of which there is none here.
            let ends = try inputs(
                try specification(search: "algorithm: evolution, population: 2, evaluations: 2"),
                table: few.replacing("3z", with: "3y"), in: folder)
            guard case .failed(let reason) = try execute(ends, in: folder + "/out").outcome else {
                Issue.record("found an entry among the ends")
                return
            }
            #expect(
                reason.hasPrefix(
                    "nothing feasible: none of 2 candidates could be measured: missing entry (2); choose a table"))
            #expect(!reason.contains("constraint"))
            let whole = try inputs(try specification(), in: folder)
            #expect(whole.evaluatorWarnings.isEmpty)
        }
    }

    /// Of long architectures with one name the decisions are told that differ.
    @Test func aNameOfTwoArchitectures() throws {
        let space = """
            apiVersion: nasd/v1
            kind: SearchSpace
            name: grid
            family: external
            decisions: [{name: a, options: [1, 11]}, {name: b, options: [1, 11]}, {name: c, count: 80, options: [0, 1]}]

            """
        let zeros = String(repeating: "0", count: 80)
        try withDirectory { folder in
            let run = try specification(Self.evaluator.replacing("{a}{b}", with: "{a}{b}{c}"))
            let error = #expect(throws: DatasetError.self) {
                try inputs(run, table: "n,acc,ms,test\n11\(zeros),1,1,1\n111\(zeros),1,1,1\n", in: folder, space: space)
            }
            #expect(
                error?.description.contains("is the name of a=1;b=11 and of a=11;b=1, which would have one entry")
                    == true,
                "\(error.debugDescription)")
            #expect(error?.description.contains("t.csv:3: '111") == true)
        }
    }

    /// Entries that stand more than once are told together.
    @Test func repeatedEntriesAreToldTogether() throws {
        try withDirectory { folder in
            let rows = Self.table + "1x,1,1,1\n1y,1,1,1\n1x,2,2,2\n"
            let error = #expect(throws: DatasetError.self) {
                try inputs(try specification(), table: rows, in: folder)
            }
            #expect(
                error?.description.contains(
                    "t.csv:10: '1x' stands here and in line 2; an architecture has one entry: take one of them out; 2 further "
                        + "rows repeat an entry: 1y in lines 3 and 11, 1x in lines 2 and 12") == true)
        }
    }

    /// Stopped after any generation, paused or not, the bytes are the same.
    @Test(arguments: [RunRequest.stop, .pause]) func goesOnFromItsRows(request: RunRequest) throws {
        try withDirectory { folder in
            let inputs = try inputs(try specification(search: "population: 2, evaluations: 8"), in: folder)
            #expect(try execute(inputs, in: folder + "/whole").outcome == .completed)
            for stop in 1...4 {
                let directory = folder + "/stopped\(stop)"
                let control = RunControl()
                let (outcome, run) = try execute(inputs, in: directory, control: control) { progress in
                    if case .searched(_, let count, _, _) = progress, count >= 2 * stop { control.ask(request) }
                }
                #expect(outcome == .stopped(request) || outcome == .completed)
                if request == .pause, outcome != .completed { #expect(run.state == .paused) }
                #expect(try execute(inputs, in: directory).outcome == .completed)
                for name in ["results.csv", "front.csv"] {
                    #expect(
                        FileManager.default.contents(atPath: "\(directory)/\(name)")
                            == FileManager.default.contents(atPath: "\(folder)/whole/\(name)"))
                }
            }
        }
    }

    @Test func nothingFeasibleGoesOnWithMore() throws {
        try withDirectory { folder in
            let seeds = "population: 2, constraints: [{metric: accuracy, atLeast: 0.75}]"
            let few = try inputs(try specification(search: seeds + ", evaluations: 2"), in: folder)
            guard case .failed(let reason) = try execute(few, in: folder + "/out").outcome else {
                Issue.record("found one of nine at once")
                return
            }
            #expect(reason.contains("nothing feasible: none of 2 candidates"))
            let more = try inputs(try specification(search: seeds + ", evaluations: 9"), in: folder)
            let (outcome, _) = try execute(more, in: folder + "/out")
            #expect(outcome == .completed)
            #expect(try rows(folder + "/out")["a=3;b=y"]?["feasible"] == "true")
        }
    }

    @Test func otherBytesAreOtherData() throws {
        try withDirectory { folder in
            let settings = try specification(search: "population: 2, evaluations: 8")
            let first = try inputs(settings, in: folder)
            let control = RunControl()
            _ = try execute(first, in: folder + "/out", control: control) { progress in
                if case .searched = progress { control.ask(.stop) }
            }
            let other = try inputs(settings, table: Self.table.replacing("80", with: "81"), in: folder)
            #expect(
                other.fingerprints.data != first.fingerprints.data && other.fingerprints.run == first.fingerprints.run)
            #expect(throws: CoordinatorError.self) { try execute(other, in: folder + "/out") }
        }
    }

    /// Options in columns; what does not count need not be told, and an architecture has one row.
    @Test func optionsInColumns() throws {
        let space = """
            apiVersion: nasd/v1
            kind: SearchSpace
            name: grid
            family: external
            decisions:
              - {name: depth, options: [1, 2]}
              - {name: op, count: 2, options: [x, y], within: {decision: depth, groups: 1}}

            """
        let evaluator =
            "{kind: table, file: t.csv, key: {columns: {depth: d, op: [o1, o2]}}, "
            + "metrics: {accuracy: acc, latencyMilliseconds: ms}}"
        let rows = "d,o1,o2,acc,ms\n1,x,,0.1,1\n1.0,y,x,0.2,2\n2,x,x,0.3,3\n2,x,y,0.4,4\n2,y,x,0.5,5\n"
        try withDirectory { folder in
            let settings = try specification(evaluator, search: "algorithm: random, population: 2, evaluations: 6")
            let (outcome, _) = try execute(
                try inputs(settings, table: rows, in: folder, space: space), in: folder + "/out")
            #expect(outcome == .completed)
            let found = try self.rows(folder + "/out")
            #expect(found.count == 6 && found["depth=1;op=x"]?["accuracy"] == "0.1")
            #expect(found["depth=1;op=y"]?["accuracy"] == "0.2" && found["depth=2;op=y,x"]?["accuracy"] == "0.5")
            #expect(found["depth=2;op=y,y"]?["state"] == "failed: missing entry")
            func message(_ table: String, _ settings: RunSpecification = settings) -> String {
                do {
                    _ = try inputs(settings, table: table, in: folder, space: space)
                    return ""
                } catch { return "\(error)" }
            }
            #expect(message(rows + "1,x,y,9,9\n").contains("t.csv:7: 'depth=1;op=x' stands here and in line 2"))
            #expect(message(rows + "3,x,y,9,9\n").contains("t.csv:7: expected one of 1, 2 in column 'd', found '3'"))
            // What counts must be told; what does not may be anything; a row that tells nothing is none's.
            #expect(
                message(rows + "2,x,,9,9\n").contains(
                    "t.csv:7: nothing stands in column 'o2', though 'op.1' counts in this architecture; write one of x, y"
                ))
            #expect(message(rows.replacing("1,x,,", with: "1,x,none,") + ",,,9,9\n") == "")
            #expect(message("d,o1,o2,acc,ms\n,,,9,9\n").contains("t.csv: holds no entries"))
            func key(_ text: String) throws -> RunSpecification {
                try specification(evaluator.replacing("{depth: d, op: [o1, o2]}", with: text))
            }
            #expect(message(rows, try key("{depth: d, op: [o1]}")).contains("for each of the 2 decisions, found 1"))
            #expect(message(rows, try key("{depth: d, op.0: o1}")).contains("found none of 'op.1'"))
            #expect(message(rows, try key("{depth: d, ops: o1}")).contains("did you mean 'op'?"))
            #expect(message(rows, try key("{depth: d, op: [o1, o3]}")).contains("there is no column 'o3'"))
        }
    }

    /// What the search does not go by may lack; what it goes by may not, and neither may all there is.
    @Test func holesInWhatNobodyAsksFor() throws {
        let evaluator = """
            {kind: table, file: t.csv, key: {column: n, template: '{a}{b}'}, metrics: {accuracy: acc, \
            latencyMilliseconds: ms, top5: {column: five, goal: maximize}, share: {column: 1 / five, goal: minimize}}, \
            test: {accuracy: t, top5: t5}}
            """
        let rows =
            "n,acc,ms,five,t,t5\n1x,0.1,1,0.5,0.1,0.2\n1y,0.2,2,,,\n1z,0.3,3,0,0.3,\n2x,0.4,,0.5,0.4,0.5\n"
            + "2y,,5,0.5,0.5,0.6\n2z,0.6,,,,0.7\n3x,0.7,7,0.25,0.7,0.8\n3y,0.8,8,,,0.9\n"
        try withDirectory { folder in
            let settings = try RunSpecification.parse(
                yaml: """
                    apiVersion: nasd/v1
                    kind: Run
                    name: grid
                    space: grid
                    evaluator: \(evaluator)
                    search:
                      objectives: [{metric: accuracy}]
                      constraints: [{metric: latencyMilliseconds, atMost: 100}]
                      algorithm: random
                      population: 3
                      evaluations: 9
                    validate: {finalists: 2}
                    """, file: "run.yaml")
            #expect(
                try execute(try inputs(settings, table: rows, in: folder), in: folder + "/out").outcome == .completed)
            let found = try self.rows(folder + "/out")
            func cells(_ genome: String, _ columns: String...) -> [String] {
                columns.map { found[genome]?[$0] ?? "none" }
            }
            let columns = ["state", "accuracy", "top5", "share"]
            func row(_ genome: String) -> [String] { columns.map { found[genome]?[$0] ?? "none" } }
            #expect(row("a=1;b=x") == ["completed", "0.1", "0.5", "2"])
            #expect(row("a=1;b=y") == ["completed", "0.2", "", ""])
            // What divides by nothing is nothing.
            #expect(row("a=1;b=z") == ["completed", "0.3", "0", ""])
            #expect(row("a=2;b=x") == ["failed: missing ms", "", "", ""])
            #expect(row("a=2;b=y") == ["failed: missing acc", "", "", ""])
            #expect(row("a=3;b=y") == ["completed", "0.8", "", ""] && found["a=3;b=y"]?["onFront"] == "true")
            #expect(cells("a=3;b=y", "testAccuracy", "testTop5") == ["", "0.9"])
            #expect(cells("a=3;b=x", "testAccuracy", "testTop5") == ["0.7", "0.8"])
            // A run that is stopped goes on to the same bytes, although rows lack.
            let control = RunControl()
            let stopped = try execute(
                try inputs(settings, table: rows, in: folder), in: folder + "/stopped", control: control
            ) { progress in
                if case .searched(_, 6, _, _) = progress { control.ask(.stop) }
            }
            #expect(stopped.outcome == .stopped(.stop))
            _ = try execute(try inputs(settings, table: rows, in: folder), in: folder + "/stopped")
            #expect(
                FileManager.default.contents(atPath: folder + "/stopped/results.csv")
                    == FileManager.default.contents(atPath: folder + "/out/results.csv"))
        }
    }

    /// A finalist without one of the values is measured once all the same, and told of once.
    @Test func holesAreNotMeasuredAgain() throws {
        let evaluator = """
            {kind: table, file: t.csv, key: {column: n, template: '{a}{b}'}, metrics: {accuracy: acc / 100, \
            latencyMilliseconds: ms, top5: {column: v5, goal: maximize}}, \
            validation: {accuracy: v, top5: v5}, test: {accuracy: t}}
            """
        let rows = "n,acc,ms,v,v5,t\n1x,10,1,0.1,0.2,0.3\n3x,70,7,0.7,0.9,0.6\n3y,80,8,,0.9,0.7\n"
        try withDirectory { folder in
            let inputs = try inputs(try specification(evaluator, finalists: 3), table: rows, in: folder)
            #expect(try execute(inputs, in: folder + "/whole").outcome == .completed)
            let control = RunControl()
            var told: [String] = []
            func note(_ progress: RunProgress) {
                guard case .validated(let part, _) = progress else { return }
                told.append(part)
                control.ask(.stop)
            }
            #expect(
                try execute(inputs, in: folder + "/out", control: control, report: note).outcome == .stopped(.stop))
            #expect(told == ["validationAccuracy, validationTop5"])
            #expect(try execute(inputs, in: folder + "/out", report: note).outcome == .completed)
            #expect(told == ["validationAccuracy, validationTop5", "testAccuracy"])
            for name in ["results.csv", "front.csv"] {
                #expect(
                    FileManager.default.contents(atPath: "\(folder)/out/\(name)")
                        == FileManager.default.contents(atPath: "\(folder)/whole/\(name)"))
            }
            let found = try self.rows(folder + "/out")["a=3;b=y"]
            #expect(found?["validationAccuracy"] == "" && found?["validationTop5"] == "0.9")
        }
    }

    /// Metrics that are called as fields of events stand apart from these, and the usual ones where they ever were.
    @Test func metricsOfAnyNameHaveAPlaceInEvents() throws {
        let evaluator = """
            {kind: table, file: t.csv, key: {column: n, template: '{a}{b}'}, metrics: {accuracy: acc / 100, \
            latencyMilliseconds: ms, best: acc, run: ms, seq: ms}, test: {accuracy: test / 100, best: test}}
            """
        try withDirectory { folder in
            let inputs = try inputs(try specification(evaluator), in: folder)
            let (outcome, run) = try execute(inputs, in: folder + "/out")
            #expect(outcome == .completed)
            let reader = try RunReader(DataDirectory(reading: folder + "/out"))
            let event = try #require(try reader.events(run.id, limit: 1000).last)
            let number = try #require(try rows(folder + "/out")["a=3;b=y"]?["candidate"])
            #expect(
                event.content.data
                    == #"{"accuracy":0.8,"best":\#(number),"genome":"a=3;b=y","latencyKind":"table","latencyMilliseconds":8.0,"#
                    + #""metrics":{"best":80.0,"run":8.0,"seq":8.0,"testBest":79.0},"testAccuracy":0.79}"#)
            #expect(event.json.contains(#""run":"\#(run.id)","seq":7}"#))
        }
    }

    /// A space that knows its costs: they are never looked up, and so cannot be all that a table has.
    @Test func costsAloneAreNothingToMeasure() throws {
        let space = TinySpace.yaml()
        func settings(_ metrics: String) throws -> RunSpecification {
            try RunSpecification.parse(
                yaml: """
                    apiVersion: nasd/v1
                    kind: Run
                    name: costs
                    space: tiny
                    evaluator: {kind: table, file: t.csv, key: {column: n, template: '{embed}'}, metrics: \(metrics)}
                    search: {objectives: [{metric: multiplyAdds}]}
                    """, file: "run.yaml")
        }
        let tiny = try SearchSpace.parse(yaml: space, file: "s")
        let error = #expect(throws: RunError.self) {
            try RunInputs.check(try settings("{multiplyAdds: flops, params: p}"), in: tiny)
        }
        #expect(
            error?.description
                == "evaluator.metrics: the space 'tiny' itself knows multiplyAdds, params, and so nothing is left to measure; "
                + "add a metric that is measured, such as accuracy")
        #expect(throws: Never.self) {
            try RunInputs.check(try settings("{multiplyAdds: flops, accuracy: a}"), in: tiny)
        }
    }

    @Test func tablesThatDoNotFit() throws {
        try withDirectory { folder in
            func message(_ settings: RunSpecification, _ table: String = Self.table) -> String {
                do {
                    _ = try inputs(settings, table: table, in: folder)
                    return ""
                } catch { return "\(error)" }
            }
            func evaluator(_ old: String, _ new: String) throws -> RunSpecification {
                try specification(Self.evaluator.replacing(old, with: new))
            }
            #expect(message(try specification()) == "")
            #expect(message(try evaluator("{a}{b}", "{a}{c}")).contains("the space has no decision 'c'"))
            #expect(message(try evaluator("{a}{b}", "{a}")).contains("found none of 'b'"))
            #expect(
                message(try evaluator("{a}{b}", "{b}{a}")).contains(
                    "no architecture of the space is in it; the first would be 'x1'"))
            #expect(
                message(try specification(), "n,acc,ms,test\n1x,10,,11\n").contains(
                    "t.csv: column 'ms', which evaluator.metrics.latencyMilliseconds names, has nothing that is a finite"
                ))
            #expect(
                message(
                    try evaluator("latencyMilliseconds: ms", "latencyMilliseconds: 1 / ms"),
                    "n,acc,ms,test\n1x,10,0,11\n"
                )
                .contains("'ms', which evaluator.metrics.latencyMilliseconds names"))
            #expect(
                message(try specification(), "n,acc,ms,test\n1x,10,1,\n").contains(
                    "'test', which evaluator.test.accuracy names"))
            let far = try specification(search: "constraints: [{metric: accuracy, atLeast: 0.9}]")
            #expect(
                message(far).contains(
                    "nothing that was measured has accuracy at least 0.9; the values range from 0.1 to 0.8"))
        }
    }

    @Test func aRunThatTrainsAlone() throws {
        try withDirectory { folder in
            let settings = try RunSpecification.parse(
                yaml: """
                    apiVersion: nasd/v1
                    kind: Run
                    name: alone
                    space: tiny
                    data: {format: glyphs, count: 400, testCount: 100, holdOut: {validation: 100}}
                    train: {steps: 12, batch: 16, shards: 4, checkpointEvery: 5}
                    """, file: "run.yaml")
            let inputs = try RunInputs(
                specification: settings, space: try SearchSpace.parse(yaml: TinySpace.yaml(), file: "s"))
            var states: [RunState] = []
            let (outcome, run) = try execute(inputs, in: folder + "/out") { progress in
                if case .state(let state) = progress { states.append(state) }
            }
            #expect(outcome == .completed && run.step == 12 && states == [.preparing, .training, .completed])
            #expect(try rows(folder + "/out").isEmpty)
            let network = try TrainedSupernet(
                inputs, directory: folder + "/out", pool: try WorkerPool(count: 1), kernels: try Kernels())
            #expect(network.step == 12)
            #expect(throws: Never.self) { try network.checkMemory(subnets: 9, on: .test, withHits: true) }
            // 2^50 subnets on 100 examples, 8 bytes each.
            let error = #expect(throws: CoordinatorError.self) {
                try network.checkMemory(subnets: 1 << 50, on: .validation, withHits: false)
            }
            if case .manyScores(_, let examples, let needed, _) = error {
                #expect(examples == 100 && needed > 800 << 50)
            } else {
                Issue.record("\(String(describing: error))")
            }
            #expect(RunEstimate.diskBytes(settings, inputs.space) > 0)
        }
    }

    @Test func withoutFinalistsTheSearchIsTheEnd() throws {
        try withDirectory { folder in
            var states: [RunState] = []
            let inputs = try inputs(try specification(finalists: 0), in: folder)
            let (outcome, _) = try execute(inputs, in: folder + "/out") { progress in
                if case .state(let state) = progress { states.append(state) }
            }
            #expect(outcome == .completed && states == [.preparing, .searching, .completed])
        }
    }

    @Test func networksOfOthersAreNotTrained() throws {
        let settings = try RunSpecification.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: Run
                name: x
                space: grid
                data: {format: glyphs}
                train: {steps: 5}
                search: {objectives: [{metric: accuracy}]}
                """, file: "run.yaml")
        let space = try SearchSpace.parse(yaml: Self.space, file: "s")
        let error = #expect(throws: RunError.self) { try RunInputs.check(settings, in: space) }
        #expect(error?.description.contains("the networks of the space 'grid' live elsewhere") == true)
    }
}
