import Foundation
import Runs
import SearchSpaces
import TestSupport
import Testing

@testable import Tensors
@testable import Training

/// Trainings that open kernels, then depths, then widths.
@Suite struct ShrinkingTests {
    private static func scene(_ settings: String = "", yaml: String = TinyConvolutionalSpace.yaml) throws -> Scene {
        try Scene(
            "optimizer: {name: sgd, rate: 0.1, warmup: 1, nesterov: true}, sampler: {kind: shrinking\(settings)}",
            yaml: yaml, extent: "steps: 12, batch: 64, shards: 4")
    }

    /// By the quarters of a training: the largest alone, then kernels, then depths, then all; each option as often as any other,
    /// also in blocks that a draw of the depth would have cut.
    @Test func whatIsOpen() throws {
        let scene = try Self.scene(), space = scene.space
        let sampler = ShrinkingSampler(
            space: space, settings: try #require(scene.settings.sampler.settings as? ShrinkingSettings), steps: 4000,
            shards: 4, seed: 3)
        let names = [Set<String>(), ["kernel"], ["kernel", "depth"], ["kernel", "depth", "width", "expand"]]
        for (quarter, open) in names.enumerated() {
            var counts = space.decisions.map { [Int](repeating: 0, count: $0.options.count) }
            for step in quarter * 1000..<(quarter + 1) * 1000 {
                let draws = sampler.draws(step: step)
                #expect(draws.count == 1 && draws[0].genomes.count == 4 && draws == sampler.draws(step: step))
                for genome in draws[0].genomes {
                    #expect(space.canonical(genome) == genome)
                    for place in space.decisions.indices where space.isActive(place, in: genome) {
                        counts[place][Int(genome.choices[place])] += 1
                    }
                }
            }
            for (decision, count) in zip(space.decisions, counts) {
                let total = count.reduce(0, +)
                guard open.contains(decision.name) else {
                    #expect(count.last == total, "\(decision.fullName) in \(quarter)")
                    continue
                }
                let share = Double(total) / Double(count.count)
                #expect(count.allSatisfy { abs(Double($0) - share) < 5 * share.squareRoot() }, "\(decision.fullName)")
            }
        }
        #expect((0..<4000).filter(sampler.sortsChannels) == [3000])
        // Its sums are as they are told beforehand.
        #expect(!sampler.statistics(of: 0..<8).isEmpty)
    }

    /// The same bytes for any number of workers and after a checkpoint at any step, before the sorting and after it.
    @Test(arguments: [TinyConvolutionalSpace.yaml, TinyResidualSpace.yaml])
    func bitsDependOnNothingElse(yaml: String) throws {
        let scene = try Self.scene(yaml: yaml)
        let bits = try (1...3).map { try scene.trainer(workers: $0, steps: 12).bits }
        #expect(bits[0] == bits[1] && bits[1] == bits[2])
        let plain = try Self.scene(", sort: false", yaml: yaml)
        #expect(try plain.trainer(steps: 9).bits == scene.trainer(steps: 9).bits)
        #expect(try plain.trainer(steps: 12).bits != bits[0])
        for step in [3, 9, 10] {
            let file = FileManager.default.temporaryDirectory.appending(path: "shrinking-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: file) }
            try scene.checkpoint(try scene.trainer(steps: step)).write(to: file)
            let second = try scene.trainer()
            _ = try second.restore(from: file.path, fingerprints: scene.fingerprints)
            for _ in step..<12 { _ = try second.trainStep() }
            #expect(second.bits == bits[0], "from step \(step)")
        }
    }

    /// Sorting moves no loss of the largest subnet.
    @Test func sortingIsNoStep() throws {
        let scene = try Self.scene(", kernel: 0.5, depth: 0.5, width: 0.5"),
            plain = try Self.scene(
                ", kernel: 0.5, depth: 0.5, width: 0.5, sort: false")
        let trainers = (try scene.trainer(steps: 6), try plain.trainer(steps: 6))
        let passes = [Pass(genome: scene.space.largest)]
        let losses = (try trainers.0.trainStep(passes).losses[0], try trainers.1.trainStep(passes).losses[0])
        #expect(abs(losses.0 - losses.1) < 1e-5 * losses.1 && trainers.0.bits != trainers.1.bits)
    }

    @Test func whatIsWrongIsTold() throws {
        for (settings, expected) in [
            (", kernel: 0.5, depth: 0.4", "train.sampler.depth: expected at least 0.5"),
            (", width: 1.5", "train.sampler.width: expected"), (", depths: 0.5", "found 'depths'"),
        ] {
            let found = #expect(throws: (any Error).self) { try Self.scene(settings) }
            #expect("\(String(describing: found))".contains(expected), "\(String(describing: found))")
        }
        let tokens = try Scene("sampler: {kind: shrinking}")
        let settings = try #require(tokens.settings.sampler.settings as? ShrinkingSettings)
        let error = #expect(throws: RunError.self) { try settings.check(in: tokens.space) }
        #expect("\(String(describing: error))".contains("not known to be kernels"))
    }
}
