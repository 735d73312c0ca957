import Foundation
import Store
import TestSupport
import Testing

/// Samplers against one another from the command line.
@Suite struct CompareSamplersTests {
    private static func arguments(_ run: SmallRun, _ samplers: String, _ further: String...) -> [String] {
        ["compare", run.folder + "/run.yaml", "--samplers", samplers] + further
    }

    @Test func armsAreComparedAndDrawn() throws {
        let run = try SmallRun()
        let output = run.folder + "/compared"
        let command = Self.arguments(
            run, "multi; uniform train.labelSmoothing=0.1", "--multiply-adds", "30M", "--seeds", "2", "--rates",
            "0.001,0.003", "--output", output)
        let first = try Program(command).wait()
        #expect(first.code == 0, "\(first.error)")
        for text in ["validation loss", "test accuracy", "uniform - multi", " ± ", "results.csv"] {
            #expect(first.output.contains(text), "\(text) in \(first.output)")
        }
        #expect(first.error.contains("trial  multi  rate 0.003") && first.error.contains("seed 2  uniform"))
        let csv = try #require(FileManager.default.contents(atPath: output + "/results.csv"))
        #expect(String(decoding: csv, as: UTF8.self).hasPrefix("arm,seed,bin,fromMultiplyAdds,"))
        let drawing = try XMLCheck.elements(of: output + "/results.svg")
        // Two parts, two metrics, two charts of each; two lines, and one with a bar for each bin.
        #expect(drawing["g"] == 8 && drawing["polyline"] ?? 0 > 4 * 3)
        // What is finished is not done again.
        let second = try Program(command + ["--workers", "1"]).wait()
        #expect(second.code == 0 && second.output == first.output, "\(second.error)")
        #expect(FileManager.default.contents(atPath: output + "/results.csv") == csv)
    }

    @Test func mistakesAreTold() throws {
        let run = try SmallRun()
        for (command, text) in [
            (Self.arguments(run, "multi"), "--samplers needs --multiply-adds"),
            (Self.arguments(run, "multi", "--multiply-adds", "many"), "found 'many'"),
            (Self.arguments(run, "multi", "--multiply-adds", "1k"), "not enough for one step"),
            (Self.arguments(run, "multi; {kind", "--multiply-adds", "1G"), "do not close"),
            (Self.arguments(run, "several", "--multiply-adds", "1G"), "several"),
            (Self.arguments(run, "multi", "--multiply-adds", "1G", "--rates", "0.1,fast"), "found 'fast'"),
            (
                Self.arguments(run, "multi", "--multiply-adds", "1G", "--rates", "1,2,3", "--batches", "1,2,3"),
                "at most 6 pairs"
            ),
            (["compare", run.folder + "/run.yaml", "--rates", "0.1"], "belong to --samplers"),
        ] {
            let outcome = try Program(command + ["--directory", run.output]).wait()
            #expect(outcome.code != 0 && outcome.error.contains(text), "\(command): \(outcome.error)")
        }
    }

    @Test func aRunTellsWhatItsTrainingExecuted() throws {
        let run = try SmallRun()
        let outcome = try run.run()
        #expect(outcome.code == 0 && outcome.error.contains(/trained with [0-9.]+M multiply-adds \([0-9]+\)/))
        let status = try #require(try run.status())
        let told = try run.events(of: status.run.id).filter { $0.content.data.contains("\"multiplyAdds\":") }
        #expect(told.contains { $0.content.type == EventType.runProgress })
    }
}
