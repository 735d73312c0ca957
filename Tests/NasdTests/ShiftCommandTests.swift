import Foundation
import TestSupport
import Testing

/// A run that learns its sampling, and what is asked of it afterwards.
@Suite struct ShiftCommandTests {
    private static func learned(sampler: String = "{kind: shift, bins: 4, warm: 4, period: 3, joint: 2}") throws
        -> SmallRun
    {
        let run = try SmallRun(
            data: "{format: glyphs, count: 400, testCount: 100, holdOut: {validation: 100, sampler: 64}}",
            train: "{steps: 40, batch: 16, shards: 4, checkpointEvery: 20, sampler: \(sampler)}",
            search:
                "{objectives: [{metric: accuracy}, {metric: params}], algorithm: nsga2, population: 8, evaluations: 16}"
        )
        let outcome = try run.run()
        try #require(outcome.code == 0, "\(outcome.error)")
        return run
    }

    @Test func aBudgetIsAnswered() throws {
        let run = try Self.learned()
        let arguments = [run.folder + "/run.yaml", "--directory", run.output]
        let model = run.folder + "/deployed.safetensors"
        let outcome = try Program(["deploy"] + arguments + ["--budget", "multiplyAdds=0.12M", "--output", model]).wait()
        #expect(outcome.code == 0, "\(outcome.error)")
        let cost = try #require(outcome.output.firstMatch(of: /multiplyAdds  (\d+)/).flatMap { Int($0.1) })
        // No architecture costs within 2 % of the budget: what comes nearest below it.
        #expect(cost == 113_168)
        #expect(outcome.output.contains("validationAccuracy"))
        let evaluated = try Program(["evaluate", model]).wait()
        #expect(evaluated.code == 0 && evaluated.output.contains("multiplyAdds  \(cost)"), "\(evaluated.error)")
        // The generator's picks began the round.
        let csv = try String(contentsOfFile: run.output + "/results.csv", encoding: .utf8)
        #expect(csv.split(separator: "\r\n").filter { $0.contains(",seed,") }.count >= 3, "\(csv)")

        let tooSmall = try Program(["deploy"] + arguments + ["--budget", "multiplyAdds=10"]).wait()
        #expect(tooSmall.code == 2 && tooSmall.error.contains("no architecture of the space has multiplyAdds"))
        let otherCost = try Program(["deploy"] + arguments + ["--budget", "params=1M"]).wait()
        #expect(otherCost.code == 0 && otherCost.output.contains("params"), "\(otherCost.error)")
        let unknown = try Program(["deploy"] + arguments + ["--budget", "watts=3"]).wait()
        #expect(unknown.code == 2)
        #expect(
            unknown.error.contains(
                "expected one of params, multiplyAdds, flashBytes, = and a number above 0, found 'watts=3'"))
    }

    /// Any sampler answers, the same each time, with any workers.
    @Test func everyRunAnswersBudgets() throws {
        let run = try Self.learned(sampler: "{kind: multi, best: 0.5}")
        let outcomes = try ["1", "2"].map { workers in
            try Program(
                [
                    "deploy", run.folder + "/run.yaml", "--directory", run.output, "--budget", "multiplyAdds=0.1M",
                    "--workers", workers,
                ]
            ).wait()
        }
        #expect(
            outcomes.allSatisfy { $0.code == 0 } && outcomes[0].output == outcomes[1].output, "\(outcomes[0].error)")
        let cost = outcomes[0].output.firstMatch(of: /multiplyAdds  (\d+)/).flatMap { Int($0.1) }
        #expect(cost.map { $0 <= 100_000 } == true)
    }

    @Test func whatWasLearnedIsExportedAndDrawn() throws {
        let run = try Self.learned()
        let csv = try Program(["export", "small", "--directory", run.output, "--sampler"]).wait()
        #expect(csv.code == 0 && csv.output.hasPrefix("step,name,bin,value\r\n"))
        for name in ["draws", "probability", "lossChange", "heldOutLoss", "generatorHits", "temperature"] {
            #expect(csv.output.contains(",\(name),0,"), "\(name)")
        }
        let draws = csv.output.split(separator: "\r\n").filter { $0.contains(",draws,") }
        #expect(draws.compactMap { $0.split(separator: ",").last.flatMap { Int($0) } }.reduce(0, +) == 40)

        let file = run.folder + "/plot.svg"
        let plot = try Program(["plot", "small", "--directory", run.output, "--output", file]).wait()
        #expect(plot.code == 0 && plot.output.hasPrefix("9 charts"), "\(plot.output)\(plot.error)")
        let document = try XMLCheck.elements(of: file)
        #expect(document["svg"] == 1 && document["polygon"] == 8 && (document["polyline"] ?? 0) > 5, "\(document)")
        let training = try Program(["export", "small", "--directory", run.output, "--training"]).wait()
        let rows = training.output.split(separator: "\r\n")
        #expect(training.code == 0 && rows.first == "step,loss,learningRate,stepsPerSecond,elapsedSeconds")
        #expect(rows.dropFirst().map { $0.prefix { $0 != "," } } == (1...40).map { "\($0)" })
        let both = try Program(["export", "small", "--directory", run.output, "--training", "--sampler"]).wait()
        #expect(both.code == 2 && both.error.contains("exclude one another"))
        #expect(try Program(["plot", "other", "--directory", run.output, "--output", file]).wait().code == 3)
    }

    @Test func measurementsOfTwoRunsPair() throws {
        let run = try Self.learned()
        var tables: [[Substring]] = []
        for (name, options) in [("a.csv", []), ("b.csv", ["--workers", "1"]), ("c.csv", ["--test"])] {
            let outcome = try Program(
                [
                    "measure", run.folder + "/run.yaml", "--directory", run.output, "--bins", "3", "--per-bin", "2",
                    "--output", run.folder + "/" + name,
                ] + options
            ).wait()
            #expect(outcome.code == 0, "\(outcome.error)")
            tables.append(
                try String(contentsOfFile: run.folder + "/" + name, encoding: .utf8).split(separator: "\r\n"))
        }
        #expect(tables[0] == tables[1] && tables[0][0] == tables[2][0] && tables[0] != tables[2])
        // A header and 100 examples, a name and five subnets, of which one was drawn twice.
        #expect(tables[0].count == 101)
        #expect(tables[0].dropFirst().allSatisfy { $0.split(separator: ",").count == 6 })
        let hits = try Program(
            [
                "measure", run.folder + "/run.yaml", "--directory", run.output, "--bins", "3", "--per-bin", "2",
                "--hits", run.folder + "/hits.csv", "--output", run.folder + "/losses.csv",
            ]
        ).wait()
        let table = try String(contentsOfFile: run.folder + "/hits.csv", encoding: .utf8).split(separator: "\r\n")
        #expect(hits.code == 0 && hits.output.contains("mean accuracy  0."), "\(hits.error)")
        let losses = try String(contentsOfFile: run.folder + "/losses.csv", encoding: .utf8)
        #expect(losses.split(separator: "\r\n") == tables[0])
        #expect(table[0] == tables[0][0] && table.count == 101)
        #expect(
            table.dropFirst().allSatisfy {
                $0.split(separator: ",").dropFirst().allSatisfy { ["0", "1"].contains($0) }
            })
    }
}
