import Coordinator
import Foundation
import TestSupport
import Testing

/// Runs with experts from end to end, and how far a supernet can be trusted.
@Suite struct MixtureCommandTests {
    private static func trained(mixture: String, sampler: String = "{kind: sandwich}") throws -> SmallRun {
        let run = try SmallRun(
            data: "{format: glyphs, count: 400, testCount: 100, holdOut: {validation: 100, sampler: 64}}",
            train: "{steps: 40, batch: 16, shards: 4, checkpointEvery: 10, sampler: \(sampler)}",
            search:
                "{objectives: [{metric: accuracy}, {metric: params}], algorithm: nsga2, population: 8, evaluations: 16}",
            mixture: mixture)
        let outcome = try run.run()
        try #require(outcome.code == 0, "\(outcome.error)")
        return run
    }

    /// One expert is plain sharing, bit for bit, whatever else the mixture says.
    @Test func oneExpertIsPlainSharing() throws {
        let plain = try Self.trained(mixture: "{experts: 1}")
        let one = try Self.trained(mixture: "{experts: 1, routing: layer, encoding: one-hot, hidden: 3}")
        #expect(plain.results != nil && plain.results == one.results)
        #expect(try Self.trained(mixture: "{experts: 2}").results != plain.results)
    }

    /// Experts and probability shift together: front, networks, what routers do, charts.
    @Test func withProbabilityShift() throws {
        let run = try Self.trained(
            mixture: "{experts: 2, hidden: 16}",
            sampler: "{kind: shift, bins: 4, warm: 4, period: 3, joint: 2, window: 4}")
        let arguments = [run.folder + "/run.yaml", "--directory", run.output]
        let statistics = try Program(["export", "small", "--directory", run.output, "--sampler"]).wait()
        for name in [
            "probability", "routerEntropy", "routerVariance", "expertMoves", "mixingSmallest", "mixingLargest",
        ] {
            #expect(statistics.output.contains(",\(name),0,"), "\(name)")
        }
        let drawing = run.folder + "/plot.svg"
        let plot = try Program(["plot", "small", "--directory", run.output, "--output", drawing]).wait()
        let svg = try String(contentsOfFile: drawing, encoding: .utf8)
        #expect(plot.code == 0 && svg.contains("evenness of the mixing") && svg.contains("0.expansion"))
        let model = run.folder + "/largest.safetensors"
        let extracted = try Program(["extract"] + arguments + ["--genome", "largest", "--output", model]).wait()
        #expect(extracted.code == 0, "\(extracted.error)")
        let evaluated = try Program(["evaluate", model]).wait()
        #expect(evaluated.code == 0 && !evaluated.output.contains("note:"), "\(evaluated.output)\(evaluated.error)")
        let deployed = try Program(["deploy"] + arguments + ["--budget", "multiplyAdds=0.12M"]).wait()
        #expect(deployed.code == 0, "\(deployed.error)")
    }

    /// A network of the front measured alone has the test accuracy of results.csv: the mixture collapsed.
    @Test func networksOfTheFrontAreThoseMeasured() throws {
        let run = try Self.trained(mixture: "{experts: 3, routing: layer}")
        let folder = try #require(
            FileManager.default.enumerator(atPath: run.output)?.compactMap { $0 as? String }
                .filter { $0.hasSuffix(".safetensors") && $0.contains("/models/") })
        #expect(!folder.isEmpty)
        for name in folder {
            let outcome = try Program(["evaluate", run.output + "/" + name]).wait()
            // A difference would be noted.
            #expect(outcome.code == 0 && !outcome.output.contains("note:"), "\(outcome.output)")
        }
    }

    /// The file of the gap study in a data directory.
    private static func study(in output: String) throws -> String {
        let names = FileManager.default.enumerator(atPath: output)?.compactMap { $0 as? String }
        return output + "/" + (try #require(names?.first { $0.hasSuffix("gap.json") }))
    }

    @Test func theGapIsStudiedOnce() throws {
        let run = try Self.trained(mixture: "{experts: 2, hidden: 16}")
        let arguments = [run.folder + "/run.yaml", "--directory", run.output, "--subnets", "4", "--extra", "10"]
        let csv = run.folder + "/gap.csv"
        let study = try Program(["gap"] + arguments + ["--output", csv]).wait()
        #expect(study.code == 0 && study.output.contains("Kendall tau"), "\(study.error)")
        let rows = try String(contentsOfFile: csv, encoding: .utf8).split(separator: "\r\n")
        #expect(rows.count == 5 && rows[0].hasPrefix("genome,params,multiplyAdds,seed,steps,standaloneLoss"))
        #expect(study.error.contains("4/4"))
        // Asked again it trains nothing.
        let again = try Program(["gap"] + arguments).wait()
        #expect(again.code == 0 && again.output == study.output && again.error == "")
        let drawing = run.folder + "/plot.svg"
        _ = try Program(["plot", "small", "--directory", run.output, "--output", drawing]).wait()
        #expect(try String(contentsOfFile: drawing, encoding: .utf8).contains("gap by size"))

        // Killed in between, it goes on and comes to the same.
        let path = try Self.study(in: run.output)
        let whole = try #require(FileManager.default.contents(atPath: path))
        try FileManager.default.removeItem(atPath: path)
        for pause in [100_000, 200_000, 400_000] as [UInt32] {
            let killed = try Program(["gap"] + arguments)
            usleep(pause)
            killed.send(SIGKILL)
            _ = killed.wait()
        }
        #expect(try Program(["gap"] + arguments).wait().output == study.output)
        #expect(FileManager.default.contents(atPath: path) == whole)

        // Another run of the recipe needs no stand-alone training of its own; a file that is none is refused.
        let other = try Self.trained(mixture: "{experts: 1}")
        let reused = try Program(
            [
                "gap", other.folder + "/run.yaml", "--directory", other.output, "--subnets", "4", "--extra", "0",
                "--reuse",
            ]
                + [path]
        ).wait()
        #expect(reused.code == 0, "\(reused.error)")
        func standalones(_ output: String) throws -> NSArray {
            let data = try #require(FileManager.default.contents(atPath: Self.study(in: output)))
            let object = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
            return try #require(object["standalones"] as? NSArray)
        }
        #expect(try standalones(other.output) == standalones(run.output))
        for name in [run.folder + "/run.yaml", run.folder + "/nowhere"] {
            let refused = try Program(["gap"] + arguments + ["--reuse", name]).wait()
            #expect(refused.code == (name.hasSuffix("nowhere") ? 3 : 2) && refused.error.contains(name))
        }
    }
}
