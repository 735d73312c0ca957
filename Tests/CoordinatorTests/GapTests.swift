import Foundation
import Runs
import Search
import SearchSpaces
import TestSupport
import Testing

@testable import Coordinator

/// What gap studies keep and come to, without any training.
@Suite struct GapTests {
    private static func specification(_ train: String, task: String = "") throws -> RunSpecification {
        try RunSpecification.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: Run
                name: tiny
                space: tiny
                data: {format: glyphs, count: 400, testCount: 100, holdOut: {validation: 100}}
                train: {\(train)}
                \(task)
                """, file: "tiny.yaml")
    }

    private static func recipe(_ train: String, task: String = "", data: String = "d") throws -> GapRecipe {
        let specification = try specification(train, task: task)
        return try GapRecipe(
            specification, try #require(specification.train),
            in: try SearchSpace.parse(yaml: TinySpace.yaml(), file: "t"), data: data)
    }

    /// The text that Swift printed of the settings of a lone training when the first version wrote its files.
    @Test func earlierRecipesAreKnown() throws {
        let train = try #require(
            try Self.specification("steps: 40, batch: 16, shards: 4, checkpointEvery: 10, optimizer: {warmup: 0}").train
        )
        #expect(
            GapRecipe.printed(train)
                == "TrainSettings(steps: 40, batch: 16, shards: 4, optimizer: SearchSpaces.TrainSettings.Optimizer("
                + "name: SearchSpaces.TrainSettings.Optimizer.Name.adamw, rate: 0.001, weightDecay: 0.05, momentum: 0.9, "
                + "schedule: SearchSpaces.TrainSettings.Optimizer.Schedule.cosine, warmup: 0, clip: nil), "
                + "sampler: SearchSpaces.TrainSettings.Sampler.uniform, distillation: nil, labelSmoothing: 0.0, "
                + "dropout: 0.0, checkpointEvery: 10, recordEvery: 1)")
        let clipped = try #require(try Self.specification("steps: 4, optimizer: {name: sgd, warmup: 0, clip: 1}").train)
        #expect(GapRecipe.printed(clipped).contains("Name.sgd, rate: 0.001, "))
        #expect(GapRecipe.printed(clipped).contains("warmup: 0, clip: Optional(1.0)), sampler"))
    }

    @Test func recipesLeaveOutWhatALoneTrainingHasNot() throws {
        let own = try Self.recipe("steps: 40")
        for same in [
            try Self.recipe("steps: 40, sampler: {kind: uniform}, distillation: {weight: 0.5}"),
            try Self.recipe("steps: 40", task: "task: {kind: classification}"),
        ] {
            #expect(own.digest == same.digest && own.earlierDigest == same.earlierDigest)
            #expect(own.accepts(same.digest) && own.accepts(same.earlierDigest))
        }
        for other in [try Self.recipe("steps: 41"), try Self.recipe("steps: 40", data: "e")] {
            #expect(!own.accepts(other.digest) && !own.accepts(other.earlierDigest))
        }
    }

    /// Files of earlier versions read, and have the same keys when they are written again.
    @Test func filesKeepTheirForm() throws {
        try withDirectory { folder in
            let text = """
                {"format": "nasd-gap/1", "recipe": "r",
                 "standalones": [{"genome": "a", "seed": 1, "loss": 0.5, "accuracy": 0.75}],
                 "records": [{"genome": "a", "params": 1, "multiplyAdds": 2, "seed": 1, "steps": 3, "standaloneLoss": 0.5,
                   "standaloneAccuracy": 0.75, "weightsStep": 3, "inheritedLoss": 0.75, "inheritedAccuracy": 0.5,
                   "extraLimit": 0}]}
                """
            try Files.write(Array(text.utf8), folder + "/gap.json")
            var file = try #require(try GapFile.read(folder + "/gap.json"))
            #expect(file.standalones.map(\.main) == [0.75] && file.metric == nil)
            #expect(file.records.map(\.standaloneMain) == [0.75] && file.records.map(\.inheritedMain) == [0.5])
            try file.write(to: folder + "/again.json")
            let again = try #require(FileManager.default.contents(atPath: folder + "/again.json"))
            let object = try #require(JSONSerialization.jsonObject(with: again) as? NSDictionary)
            #expect(object == (try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSDictionary))
            file.metric = "rmse"
            try file.write(to: folder + "/again.json")
            #expect(try GapFile.read(folder + "/again.json") == file)

            // Inherited minus stand-alone, of the loss and of the main metric.
            let report = GapReport(file.records)
            #expect(report.groups.map(\.name) == ["all"] && report.tau == nil)
            #expect(report.groups.allSatisfy { $0.gap == 0.25 && $0.mainGap == -0.25 && $0.count == 1 })
        }
    }

    /// Gaps of 0.1, 0.3, 0.5 and 0.7 in the order of size, whose losses are in one order.
    @Test func errorsAreToldWhereTheyAreKnown() throws {
        func report(_ count: Int) -> GapReport {
            GapReport(
                (1...count).map { number in
                    let place = Double(number)
                    return GapRecord(
                        genome: "g\(number)", params: number, multiplyAdds: number, seed: 1, steps: 1,
                        standaloneLoss: place, standaloneMain: 0, weightsStep: 1,
                        inheritedLoss: place + 0.2 * place - 0.1, inheritedMain: 0, extraSteps: nil, extraLimit: 0)
                })
        }
        #expect(report(1).groups.map(\.standardError) == [nil] && report(1).tau == nil)
        let two = report(2)
        #expect(two.groups.map(\.name) == ["all"] && two.tau?.value == 1 && two.tau?.standardError == nil)
        // A deviation of 0.2 / sqrt(2) over sqrt(2).
        #expect(abs(try #require(two.groups[0].standardError) - 0.1) < 1e-9 && abs(two.groups[0].gap - 0.2) < 1e-9)
        let four = report(4)
        #expect(four.groups.map(\.name) == ["smallest third", "middle third", "largest third", "all"])
        #expect(four.groups.map(\.count) == [1, 1, 2, 4] && four.tau?.standardError == 0)
        #expect(four.groups.map { $0.standardError == nil } == [true, true, false, false])
    }
}
