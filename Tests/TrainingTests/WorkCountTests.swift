import Foundation
import Runs
import SearchSpaces
import Supernets
import TestSupport
import Testing

@testable import Tensors
@testable import Training

/// Executed multiply-adds by hand: 17 tokens, 16 patches of 49 values, heads of 8, 10 classes.
@Suite struct WorkCountTests {
    /// Width 24, two heads, 48 hidden units: 16 * 49 * 24 for patches, 24 * 10 for the head, 17 (4 * 24 * 16 + 2 * 17 * 16 +
    /// 2 * 24 * 48) for the first block, and 4 * 24 * 16 + 2 * 17 * 2 * 24 + 2 * 24 * 48 for what the last one computes.
    private static let largest = 18_816 + 240 + 74_528 + 5_472
    /// Width 16, one head, 16 hidden units, one block: 16 * 49 * 16 + 16 * 10 + 4 * 16 * 8 + 2 * 17 * 16 + 2 * 16 * 16.
    private static let smallest = 12_544 + 160 + 512 + 544 + 512
    /// Values under masks at full width: norms 24 (3 * 17 + 2), heads 16 (17 + 1), hidden units 48 (17 + 1), and the gates of
    /// two branches 2 * 24 (17 + 1).
    private static let masks = 1_272 + 288 + 864 + 864

    @Test func passesAreCountedByHand() throws {
        let space = try Scene().space, network = space.supernet()
        #expect(space.executedMultiplyAdds(of: space.largest) == Self.largest)
        #expect(space.executedMultiplyAdds(of: space.smallest) == Self.smallest)
        let (large, small) = (space.largest, space.smallest)
        let work = WorkCount(network, batch: 16, shards: 4, isMasked: true)
        #expect(work.multiplyAdds(of: Pass(genome: large)) == 3 * 16 * Self.largest)
        #expect(work.multiplyAdds(of: Pass([large], isTeacher: true, isForward: true)) == 16 * Self.largest)
        #expect(
            work.multiplyAdds(of: Pass([large, small, small, large])) == 3 * 4 * (2 * Self.largest + 2 * Self.smallest))
        // Whatever the genome.
        #expect(work.multiplyAdds(of: Pass(genome: small, isMasked: true)) == 3 * 16 * (Self.largest + Self.masks))
        #expect(work.multiplyAdds(measuring: [small, large], examples: 64) == 64 * (Self.smallest + Self.largest))
        #expect(
            work.multiplyAdds(of: [Pass(genome: small), Pass(genome: large)]) == 48 * (Self.smallest + Self.largest))
        // Shards of 2, 3, 2 and 3 examples.
        let uneven = WorkCount(network, batch: 10, shards: 4, isMasked: true)
        #expect(
            uneven.multiplyAdds(of: Pass([large, small, small, small])) == 3 * (2 * Self.largest + 8 * Self.smallest))
    }

    /// Every pass that a step trains is counted, and the teacher that runs forward alone.
    @Test func trainingAddsUp() throws {
        let sandwich = try Scene("sampler: {kind: sandwich, random: 0}, distillation: {weight: 0.5}").trainer(steps: 3)
        #expect(sandwich.multiplyAdds == 3 * 48 * (Self.largest + Self.smallest))
        let multi = try Scene("sampler: {kind: multi}, distillation: {weight: 0.5, start: 0.05}").trainer()
        var expected = 0
        for step in 0..<4 {
            let passes = multi.passes(of: step)
            let costs = (passes.last?.genomes ?? []).map { multi.supernet.space.executedMultiplyAdds(of: $0) }
            // A twentieth of 40 steps has no teacher.
            expected += 3 * 4 * costs.reduce(0, +) + (step < 2 ? 0 : 16 * Self.largest)
            _ = try multi.trainStep()
            #expect(multi.multiplyAdds == expected)
        }
        multi.restart()
        #expect(multi.multiplyAdds == 0)
        _ = try multi.trainStep(as: multi.supernet.space.smallest)
        #expect(multi.multiplyAdds == 48 * Self.smallest)
    }

    /// What a sampler measures is counted: one subnet of a bin on 32 examples forward, or a batch at full width under masks.
    @Test func measurementsAreCounted() throws {
        let sampled = try Scene(
            "sampler: {kind: shift, generator: table, estimator: sampled, warm: 1, period: 1, samples: 40}", sampler: 60
        ).trainer()
        let genome = sampled.passes(of: 0)[0].genomes[0]
        _ = try sampled.trainStep()
        // The first update begins a panel of one subnet, drawn from a bin.
        let passes = 48 * sampled.supernet.space.executedMultiplyAdds(of: genome)
        let measured = try #require(sampled.multiplyAdds) - passes
        #expect(measured % 32 == 0 && (32 * Self.smallest...32 * Self.largest).contains(measured))

        let probe = HeldOutProbe(
            trainer: sampled,
            evaluator: Evaluator(
                supernet: sampled.supernet, task: ClassificationTask(), pool: try WorkerPool(count: 2),
                kernels: sampled.kernels), samples: 40)
        let before = try #require(sampled.multiplyAdds)
        let space = sampled.supernet.space
        _ = try probe.losses([space.largest, space.smallest], part: 0)
        #expect(sampled.multiplyAdds == before + 32 * (Self.largest + Self.smallest))

        let literal = try Scene("sampler: {kind: shift, estimator: literal, warm: 1, period: 1}", sampler: 60).trainer()
        _ = try literal.heldOutGradients(space.smallest, indices: Array(literal.heldOut.prefix(16)))
        #expect(literal.multiplyAdds == 2 * 48 * (Self.largest + Self.masks))
    }

    @Test(arguments: [
        "{kind: uniform}", "{kind: multi}", "{kind: multi, lean: 1}", "{kind: sandwich, random: 1}",
    ])
    func budgetsAreAnsweredExactly(sampler: String) throws {
        for (teaching, start) in [("", 0.0), (", distillation: {weight: 0.5, start: 0.5}", 0.5)] {
            let scene = try Scene("sampler: \(sampler)\(teaching)")
            let trainer = try scene.trainer()
            let budget = try StepBudget(
                supernet: scene.space.supernet(), settings: scene.settings, seed: scene.seed, kernels: try Kernels())
            #expect(budget.isExact)
            /// What so many steps execute, were they all.
            func total(_ steps: Int) throws -> Int {
                let drawing = try scene.settings.sampler.sampler(
                    in: scene.space, steps: steps, shards: scene.settings.shards, seed: scene.seed, kernels: Kernels())
                return (0..<steps).reduce(0) { sum, step in
                    let own = drawing.draws(step: step).reduce(0) { sum, draw in
                        let costs = draw.genomes.map { trainer.supernet.space.executedMultiplyAdds(of: $0) }
                        return sum + 3 * costs.reduce(0, +) * 16 / costs.count
                    }
                    let isTaught =
                        start > 0 && sampler.hasPrefix("{kind: multi") && Double(step) >= start * Double(steps)
                    return sum + own + (isTaught ? 16 * Self.largest : 0)
                }
            }
            #expect(try budget.steps(within: total(1) - 1) == 0)
            for steps in [1, 2, 3, 4, 5, 6, 7, 8, 9, 60, 400] {
                for limit in try [total(steps), total(steps + 1) - 1] {
                    let told = try budget.steps(within: limit)
                    #expect(try total(told) <= limit && limit < total(told + 1))
                    #expect(sampler == "{kind: multi}" || told == steps)
                }
            }
            for _ in 0..<40 { _ = try trainer.trainStep() }
            #expect(try trainer.multiplyAdds == total(40))
        }
        let learning = try Scene("sampler: {kind: shift}", sampler: 60)
        #expect(
            try !StepBudget(
                supernet: learning.space.supernet(), settings: learning.settings, seed: 1, kernels: try Kernels()
            ).isExact)
    }

    /// Checkpoints of earlier versions did not count, and what rollbacks executed follows from no step.
    @Test func earlierCheckpointsHaveNoCount() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "count-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: path) }
        for sampler in ["{kind: uniform}", "{kind: shift, warm: 1, period: 2}"] {
            let scene = try Scene("sampler: \(sampler)", sampler: 60)
            let first = try scene.trainer(steps: 3)
            let executed = first.multiplyAdds
            first.multiplyAdds = nil
            try scene.checkpoint(first).write(to: path)
            let second = try scene.trainer()
            _ = try second.restore(from: path.path, fingerprints: scene.fingerprints)
            #expect(second.step == 3 && second.multiplyAdds == nil)
            first.multiplyAdds = executed
            try scene.checkpoint(first).write(to: path)
            _ = try second.restore(from: path.path, fingerprints: scene.fingerprints)
            #expect(second.multiplyAdds == executed)
        }
    }
}
