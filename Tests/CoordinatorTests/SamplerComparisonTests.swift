import Datasets
import Foundation
import Runs
import SearchSpaces
import Supernets
import Tensors
import TestSupport
import Testing
import Training

@testable import Coordinator

@Suite struct SamplerComparisonTests {
    /// A run that trains alone, on generated images.
    private static func inputs(train: String = "", data: String = "validation: 64, sampler: 64") throws -> RunInputs {
        let specification = try RunSpecification.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: Run
                name: tiny
                seed: 3
                space: tiny
                data: {format: glyphs, count: 400, testCount: 100, holdOut: {\(data)}}
                train: {steps: 30, batch: 16, shards: 4, checkpointEvery: 10\(train)}
                """, file: "tiny.yaml")
        return try RunInputs(specification: specification, space: try Scene.space.get())
    }

    // MARK: Statistics

    /// Quantiles of tables, to their last decimal.
    @Test(arguments: [
        (1, 0.95, 12.7062), (2, 0.95, 4.3027), (3, 0.95, 3.1824), (4, 0.95, 2.7764), (5, 0.9, 2.0150),
        (9, 0.95, 2.2622), (10, 0.99, 3.1693), (30, 0.95, 2.0423), (999, 0.95, 1.9623),
    ]) func quantilesAreThoseOfTables(degrees: Int, probability: Double, expected: Double) {
        let student = StudentT(degrees: degrees)
        let found = student.quantile(within: probability)
        #expect(abs(found - expected) < 6e-5, "\(found)")
        #expect(abs(student.probability(within: found) - probability) < 1e-12)
    }

    @Test func quantilesHaveTheirEnds() {
        #expect(StudentT(degrees: 3).quantile(within: 0) < 1e-300 && StudentT(degrees: 4).probability(within: 0) == 0)
        // Of Cauchy's distribution: tan(pi / 4).
        #expect(abs(StudentT(degrees: 1).quantile(within: 0.5) - 1) < 1e-12)
    }

    /// Of 1, 2 and 6: mean 3, deviation sqrt(7), 4.3027 sqrt(7 / 3).
    @Test func differencesHaveIntervals() {
        let some = PairedDifference([1, 2, 6])
        #expect(some.mean == 3 && some.count == 3 && !some.isClear)
        #expect(abs((some.halfWidth ?? 0) - 4.302653 * (7.0 / 3).squareRoot()) < 1e-5)
        #expect(PairedDifference([-2]) == PairedDifference([-2]) && PairedDifference([-2]).halfWidth == nil)
        #expect(PairedDifference([-2, -2]).halfWidth == 0 && PairedDifference([-2, -2.1]).isClear)
    }

    // MARK: Arms

    @Test func armsAreRead() throws {
        let arms = try SamplerArm.list(
            " multi; {kind: sandwich, random: 2}  train.distillation={weight: 0.5, start: 0.2} ;sandwich; uniform;")
        #expect(
            arms.map(\.name) == [
                "multi", "{kind: sandwich, random: 2} train.distillation={weight: 0.5, start: 0.2}", "sandwich",
                "uniform",
            ])
        let base = try Self.inputs(train: ", optimizer: {rate: 0.002, warmup: 3}").specification
        let run = try arms[1].specification(base, steps: 100, recipe: SamplerRecipe(rate: 0.01, batch: 2))
        let train = try #require(run.train)
        #expect(train.sampler.kind == "sandwich" && train.distillation?.weight == 0.5 && train.steps == 100)
        // Three of 30 steps, and four shards of at most two examples.
        #expect(train.optimizer.warmup == 10 && train.batch == 2 && train.shards == 2 && train.optimizer.rate == 0.01)
        let own = try SamplerArm.list("uniform train.batch=8 train.optimizer.warmup=1")[0]
        let kept = try #require(try own.specification(base, steps: 7, recipe: .init(rate: nil, batch: nil)).train)
        #expect(kept.batch == 8 && kept.shards == 4 && kept.optimizer.warmup == 1 && kept.optimizer.rate == 0.002)
        #expect(run.search == nil)
    }

    @Test(arguments: [
        ("", "expected a sampler, found nothing"), ("{kind: multi", "do not close"), ("multi}", "do not close"),
        ("multi batch=3", "found 'batch=3'"), ("multi train.steps=3", "train.steps is not the arm's"),
        ("multi train.sampler.ends=true", "train.sampler.ends is not"), ("multi; multi", "named twice"),
    ]) func whatIsNoArmIsRefused(text: String, reason: String) {
        let error = #expect(throws: SamplerComparisonError.self) { try SamplerArm.list(text) }
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    }

    @Test func whatCannotBeComparedIsRefused() throws {
        for (rates, batches, share) in [
            ([0.1, 0.1], [8], 0.5), ([1, 2, 3, 4], [1, 2], 0.5), ([], [], 0), ([0], [], 1),
        ] {
            #expect(throws: SamplerComparisonError.self) {
                try SamplerComparisonSettings(multiplyAdds: 10, rates: rates, batches: batches, trialShare: share)
            }
        }
        try withDirectory { folder in
            let inputs = try Self.inputs(data: "validation: 100")
            func run(_ arms: String, _ settings: SamplerComparisonSettings, _ inputs: RunInputs) throws {
                _ = try SamplerComparison(
                    inputs, arms: try SamplerArm.list(arms), settings: settings, directory: folder,
                    pool: WorkerPool(count: 1), kernels: Kernels()
                ).run()
            }
            let little = try SamplerComparisonSettings(multiplyAdds: 1000)
            let error = #expect(throws: SamplerComparisonError.self) { try run("multi", little, inputs) }
            #expect(error == .smallBudget(arm: "multi", multiplyAdds: 1000))
            let many = try SamplerComparisonSettings(multiplyAdds: 1000, rates: [0.1, 0.2], trialExamples: 300)
            #expect(throws: SamplerComparisonError.fewExamples(training: 300, wanted: 300)) {
                try run("uniform", many, inputs)
            }
            // A sampler that learns has nothing to learn from here, and another is none.
            #expect(throws: (any Error).self) { try run("shift", little, inputs) }
            #expect(throws: (any Error).self) { try run("none", little, inputs) }
            // Without validation examples there is no search, and nothing to compare by.
            #expect(throws: (any Error).self) { try run("multi", little, Self.inputs(data: "validation: 0")) }
            try Files.write(Array("{}".utf8), folder + "/comparison.json")
            #expect(throws: SamplerComparisonError.damagedFile(path: folder + "/comparison.json")) {
                try run("multi", little, inputs)
            }
        }
    }

    // MARK: Comparisons

    private static let budget = 90_000_000

    /// A comparison of three samplers, two rates and two seeds.
    private func compare(
        _ folder: String, workers: Int = 2, seeds: Int = 2, control: RunControl = RunControl(),
        _ react: @escaping (SamplerComparison.Progress) -> Void = { _ in }
    ) throws -> SamplerComparisonReport? {
        let arms = try SamplerArm.list(
            "multi; uniform; {kind: shift, bins: 3, warm: 2, period: 6, joint: 4, samples: 32}")
        return try SamplerComparison(
            Self.inputs(), arms: arms,
            settings: SamplerComparisonSettings(
                multiplyAdds: Self.budget, seeds: seeds, rates: [0.002, 0.005], trialShare: 0.4, trialExamples: 40,
                bins: 3, perBin: 2),
            directory: folder, pool: WorkerPool(count: workers), kernels: Kernels(), control: control, report: react
        ).run()
    }

    @Test func armsSpendTheSame() throws {
        try withDirectory { folder in
            let report = try #require(try compare(folder))
            #expect(report.arms.map(\.name) == ["multi", "uniform", "shift"])
            for arm in report.arms {
                #expect(arm.trials.count == 2 && arm.records.map(\.seed) == [1, 2])
                #expect(Set(arm.trials.map(\.rate)) == [0.002, 0.005])
                let losses = arm.trials.map { $0.mean("loss", on: "choice") }
                let best = losses[0] <= losses[1] ? arm.trials[0] : arm.trials[1]
                for record in arm.trials + arm.records {
                    let limit = record.isTrial ? Self.budget * 2 / 5 : Self.budget
                    #expect(record.rateFactor == 1 && record.steps > 0)
                    // No step takes more than the largest subnet does, 99,056 multiply-adds an example.
                    if arm.name == "shift" {
                        // A measurement may be dearer than the dearest before it: of two panels of three bins.
                        #expect(record.multiplyAdds <= limit + 2 * 3 * 32 * 99_056)
                    } else {
                        #expect(record.steps == record.plannedSteps && record.multiplyAdds <= limit)
                        #expect(record.multiplyAdds > limit - 48 * 99_056)
                    }
                    #expect(record.scores.allSatisfy { $0.values.keys.contains("choice") == record.isTrial })
                }
                #expect(arm.records.allSatisfy { $0.rate == best.rate && $0.scores.count == best.scores.count })
            }
            // The same subnets for all, each mean by hand.
            let genomes = report.arms.flatMap(\.records).map { $0.scores.map(\.genome) }
            #expect(Set(genomes).count == 1 && Set(genomes[0]).count == genomes[0].count)
            #expect(report.parts == [.validation, .test] && report.metrics == [.loss, .accuracy])
            #expect(report.tables.count == 4 && report.filledBins.count >= 2)
            let table = report.tables[0]
            let bin = report.filledBins[1]
            func mean(_ record: SamplerRecord) -> Double {
                let own = record.scores.filter { $0.bin == bin }.map { $0.values["validation"]?["loss"] ?? .nan }
                return own.reduce(0, +) / Double(own.count)
            }
            let (first, second) = (report.arms[0].records.map(mean), report.arms[1].records.map(mean))
            #expect(abs(table.means[0][1] - (first[0] + first[1]) / 2) < 1e-12)
            let difference = table.differences[0][1]
            let apart = [second[0] - first[0], second[1] - first[1]]
            #expect(abs(difference.mean - (apart[0] + apart[1]) / 2) < 1e-12)
            #expect(abs((difference.halfWidth ?? 0) - 12.7062 * abs(apart[0] - apart[1]) / 2) < 1e-4)
            #expect(table.means[0].count == report.filledBins.count + 1)
            let lines = String(decoding: report.csv(), as: UTF8.self).split(separator: "\r\n")
            #expect(lines.count == 1 + 3 * 2 * report.filledBins.count)
            #expect(
                lines[0]
                    == "arm,seed,bin,fromMultiplyAdds,toMultiplyAdds,subnets,rate,batch,steps,multiplyAdds,"
                    + "validationLoss,validationAccuracy,testLoss,testAccuracy")
        }
    }

    /// Stopped after an arm, killed in a training, with other workers: the same figures.
    @Test func interruptionsChangeNothing() throws {
        try withDirectory { folder in
            let whole = try #require(try compare(folder + "/whole", workers: 1)).csv()

            // Asked to stop within the fourth training or trial, and again in the ninth.
            let stopped = folder + "/stopped"
            for wanted in [4, 9] {
                let control = RunControl()
                var done = 0
                let report = try compare(stopped, control: control) { progress in
                    switch progress {
                    case .done: done += 1
                    case .training(_, _, _, let step, _): if done == wanted - 1, step == 5 { control.ask(.stop) }
                    }
                }
                #expect(report == nil && done == wanted - 1)
                let names = try FileManager.default.contentsOfDirectory(atPath: stopped)
                #expect(names.count { $0.hasSuffix(".safetensors") } == 1, "\(names)")
            }
            #expect(try compare(stopped)?.csv() == whole)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: stopped).sorted() == ["comparison.json", "lock"])

            // What a kill in the eighth training would have left, behind a checkpoint.
            let killed = folder + "/killed"
            var done = 0, hasCopy = false
            _ = try compare(folder + "/other") { progress in
                switch progress {
                case .done: done += 1
                case .training(_, _, _, let step, _):
                    guard done == 7, step == 12, !hasCopy else { return }
                    hasCopy = true
                    try? FileManager.default.copyItem(atPath: folder + "/other", toPath: killed)
                }
            }
            #expect(hasCopy)
            var first: Int?
            let report = try compare(killed) { progress in
                if case .training(_, _, _, let step, _) = progress, first == nil { first = step }
            }
            #expect(report?.csv() == whole && first == 11)
        }
    }

    /// More seeds go on from those that there are, and nothing is done again.
    @Test func seedsCanBeAdded() throws {
        try withDirectory { folder in
            let one = try #require(try compare(folder, seeds: 1))
            var trained: Set<Int> = []
            let two = try #require(
                try compare(folder) { progress in
                    if case .training(_, _, let seed, _, _) = progress { trained.insert(seed) }
                })
            #expect(trained == [2])
            #expect(zip(one.arms, two.arms).allSatisfy { $0.records[0] == $1.records[0] && $0.trials == $1.trials })
            #expect(one.tables[0].differences[0][0].halfWidth == nil)
        }
    }

    /// Examples to choose on are training examples, a function of the seed.
    @Test func choicesAreTrainingExamples() throws {
        let split = try Split(count: 50, validation: 10, sampler: 5, seed: 3)
        let choice = split.choice(20, seed: 3)
        #expect(choice.count == 20 && Set(choice).isSubset(of: split.train) && Set(choice).count == 20)
        #expect(choice == split.choice(20, seed: 3) && choice != split.choice(20, seed: 4))
        #expect(split.choice(100, seed: 3).sorted() == split.train)
        #expect(Array(choice.prefix(5)) == split.choice(5, seed: 3))
    }
}
