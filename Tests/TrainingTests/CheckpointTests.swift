import Foundation
import Tensors
import TestSupport
import Testing

@testable import Training

@Suite struct CheckpointTests {
    private let file = FileManager.default.temporaryDirectory.appending(path: "checkpoint-\(UUID().uuidString)")

    /// A trainer that takes a checkpoint goes on, bit for bit, as the one that wrote it.
    @Test(arguments: [
        "", "dropout: 0.2, optimizer: {name: sgd, rate: 0.01}",
        "sampler: {kind: shift, bins: 3, warm: 1, period: 2, joint: 2, window: 3}",
        "sampler: {kind: shift, estimator: sampled, warm: 1, period: 1, joint: 2}",
        "sampler: {kind: shift, estimator: literal, warm: 1, period: 2, joint: 3}",
        "sampler: {kind: shift, generator: table, warm: 1, period: 2, window: 3}",
        "sampler: {kind: shift, estimator: progress, bins: 3, warm: 0, period: 1, joint: 2}",
        "sampler: {kind: shift, estimator: progress, generator: table, warm: 0, period: 1}",
        "sampler: {kind: multi, ends: true}", "sampler: {kind: multi, best: 0.5}",
    ]) func resumedTrainingIsTheSame(train: String) throws { try expectTheSame(Scene(train, sampler: 60)) }

    @Test(arguments: MixtureTrainingTests.mixtures) func resumedTrainingOfExpertsIsTheSame(mixture: String) throws {
        try expectTheSame(Scene(mixture: mixture))
        try expectTheSame(
            Scene(
                "sampler: {kind: shift, bins: 3, warm: 1, period: 2, joint: 2, window: 3}", mixture: mixture,
                sampler: 60))
    }

    private func expectTheSame(_ scene: Scene) throws {
        defer { try? FileManager.default.removeItem(at: file) }
        let first = try scene.trainer(steps: 5)
        first.rateFactor = 0.5
        try scene.checkpoint(first, search: "{}").write(to: file)
        for _ in 0..<5 { _ = try first.trainStep() }
        let second = try scene.trainer(steps: 2)
        let header = try second.restore(from: file.path, fingerprints: scene.fingerprints)
        #expect(header.step == 5 && header.search == "{}" && second.step == 5 && second.rateFactor == 0.5)
        for _ in 0..<5 { _ = try second.trainStep() }
        #expect(first.bits == second.bits && first.sampler.state == second.sampler.state)
        #expect(first.samplerStatistics(of: 5..<10) == second.samplerStatistics(of: 5..<10))
        #expect(scene.checkpoint(first) == scene.checkpoint(second))
    }

    /// Files of earlier versions kept the weights that the trainer remembers under the names of the sampler.
    @Test func earlierNamesAreRead() throws {
        defer { try? FileManager.default.removeItem(at: file) }
        let scene = try Scene("sampler: {kind: shift, estimator: literal, warm: 1, period: 2, joint: 3}", sampler: 60)
        let first = try scene.trainer(steps: 5)
        let now = first.checkpointHeader(fingerprints: scene.fingerprints, numerics: "n", search: nil)
        let header = CheckpointHeader(
            format: now.format, step: now.step, rateFactor: now.rateFactor, fingerprints: now.fingerprints,
            numerics: now.numerics, search: nil, sampler: now.sampler, results: nil,
            digest: first.digest(
                step: now.step, rateFactor: now.rateFactor, numerics: now.numerics, search: nil, sampler: now.sampler,
                results: nil, isEarlier: true))
        #expect(header.digest != now.digest)
        var writer = SafetensorsWriter(
            metadata: ["nasd-checkpoint": String(decoding: try JSONEncoder().encode(header), as: UTF8.self)])
        for (name, view) in first.tensors(isEarlier: true) { writer.add(name, view) }
        var bytes = Data()
        writer.write { bytes.append(contentsOf: $0) }
        try bytes.write(to: file)
        #expect(try SafetensorsReader(file: file.path).names.contains("sampler.weights"))
        let second = try scene.trainer()
        #expect(try second.restore(from: file.path, fingerprints: scene.fingerprints).step == 5)
        let whole = scene.checkpoint(first)
        #expect(second.multiplyAdds == nil)
        second.multiplyAdds = first.multiplyAdds
        #expect(scene.checkpoint(second) == whole)
        try whole.write(to: file)
        let names = try SafetensorsReader(file: file.path).names
        #expect(names.contains("remembered") && !names.contains("sampler.weights"))
    }

    @Test func tornAndForeignFilesAreRefused() throws {
        defer { try? FileManager.default.removeItem(at: file) }
        let scene = try Scene()
        let trainer = try scene.trainer(steps: 1)
        let whole = scene.checkpoint(trainer)
        for cut in [0, 7, 100, whole.count / 2, whole.count - 1] {
            try whole.prefix(cut).write(to: file)
            #expect(throws: TensorFileError.self) {
                try trainer.restore(from: file.path, fingerprints: scene.fingerprints)
            }
        }
        // One bit anywhere in the tensors.
        var random = SeededGenerator(2)
        for _ in 0..<20 {
            var broken = whole
            broken[Int.random(in: whole.count / 2..<whole.count, using: &random)] ^=
                1 << UInt8.random(in: 0..<8, using: &random)
            try broken.write(to: file)
            #expect(throws: TrainingError.self) {
                try trainer.restore(from: file.path, fingerprints: scene.fingerprints)
            }
        }
        // A header that says something else of the state.
        let executed = try #require(trainer.multiplyAdds)
        for (from, to) in [
            (#"\"step\":1"#, #"\"step\":2"#), (#"\"rateFactor\":1"#, #"\"rateFactor\":2"#),
            (#"\"multiplyAdds\":\#(executed)"#, #"\"multiplyAdds\":\#(executed + 1)"#),
        ] {
            var changed = whole
            let place = try #require(changed.firstRange(of: Data(from.utf8)))
            changed.replaceSubrange(place, with: Data(to.utf8))
            try changed.write(to: file)
            #expect(throws: TrainingError.self) {
                try trainer.restore(from: file.path, fingerprints: scene.fingerprints)
            }
        }
        try whole.write(to: file)
        for (what, other) in [
            ("space", Fingerprints(space: "x", run: "r", data: "d")),
            ("run", Fingerprints(space: "s", run: "x", data: "d")),
            ("data", Fingerprints(space: "s", run: "r", data: "x")),
        ] {
            let error = #expect(throws: TrainingError.self) {
                try trainer.restore(from: file.path, fingerprints: other)
            }
            #expect(error?.description.contains("its \(what) is") == true)
        }
        #expect(try trainer.restore(from: file.path, fingerprints: scene.fingerprints).step == 1)
    }
}
