import Foundation
import SearchSpaces
import Supernets
import Testing

@testable import Tensors

/// The vision transformer against PyTorch: logits, loss, every gradient, and 20 AdamW steps.
///
/// `Fixtures/make_vit_fixtures.py` makes the values.
@Suite struct PyTorchTests {
    private static let space = Result {
        try SearchSpace.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: SearchSpace
                name: fixture
                family: vit
                input: {height: 12, width: 12, channels: 2, patch: 4, classes: 5}
                headWidth: 4
                choices: {embed: [8, 12, 16], depth: [1, 2, 3], heads: [1, 2, 3], mlpRatio: [2, 3]}
                """, file: "fixture.yaml")
    }

    private final class Scene {
        let space: SearchSpace
        let net: any Supernet
        let reader: SafetensorsReader
        let values: FloatBuffer
        let gradients: FloatBuffer
        let images: FloatBuffer
        let tape: Tape
        let labels: [Int32] = (0..<8).map { $0 % 5 }

        init() throws {
            space = try PyTorchTests.space.get()
            net = space.supernet()
            let file = try #require(
                Bundle.module.url(forResource: "vit", withExtension: "safetensors", subdirectory: "Fixtures"))
            reader = try SafetensorsReader(file: file.path)
            values = FloatBuffer(count: net.layout.floatCount)
            gradients = FloatBuffer(count: net.layout.floatCount)
            images = FloatBuffer(count: 8 * 288)
            tape = Tape(backend: try Kernels(), arena: Arena(floats: net.arenaFloats(batch: 8, for: .training)))
            try reader.read("images", into: images.matrix(rows: 8, columns: 288))
            for entry in net.layout.entries {
                try reader.read(
                    "weights." + entry.name,
                    into: values.matrix(offset: entry.offset, rows: entry.rows, columns: entry.columns))
            }
        }

        /// Mean loss and logits; the gradients are those of the mean loss.
        func pass(_ genome: Genome) -> (loss: Double, logits: [Float]) {
            gradients.values.update(repeating: 0)
            tape.begin(recording: true)
            let y = net.forward(
                images.matrix(rows: 8, columns: 288), as: genome,
                with: ParameterStore(values: values, gradients: gradients), on: tape)
            let logits = (0..<40).map { y.value.base[$0] }
            var loss = 0.0
            labels.withUnsafeBufferPointer { labels in
                tape.backward(from: y) {
                    loss =
                        CrossEntropy()(
                            on: tape.backend, logits: y.value, labels: labels, gradient: $0, gradientScale: 1.0 / 8
                        ).loss
                }
            }
            return (loss / 8, logits)
        }
    }

    @Test func forwardAndGradients() throws {
        let scene = try Scene()
        let genomes = try JSONDecoder().decode(
            [String].self, from: Data(try #require(scene.reader.metadata["genomes"]).utf8))
        let losses = try JSONDecoder().decode(
            [Double].self, from: Data(try #require(scene.reader.metadata["losses"]).utf8))
        #expect(genomes.count == 4)
        for (index, text) in genomes.enumerated() {
            let genome = try scene.space.genome(text: text)
            let (loss, logits) = scene.pass(genome)
            #expect(abs(loss - losses[index]) < 1e-5 * losses[index])
            #expect(relativeError(logits, try tensor(scene, "\(index).logits", 8, 5)) < 1e-4)
            var checked = 0
            for entry in scene.net.layout.entries {
                let found = (0..<entry.rows * entry.columns).map { scene.gradients.base[entry.offset + $0] }
                let name = "\(index).gradient.\(entry.name)"
                guard scene.reader.shape(of: name) != nil else {
                    #expect(found.allSatisfy { $0 == 0 }, "\(name) is outside of the subnet")
                    continue
                }
                let expected = try tensor(scene, name, entry.rows, entry.columns)
                // A key bias moves no softmax: both sides hold rounding only.
                if entry.name.hasSuffix("key.bias") {
                    #expect(found.allSatisfy { abs($0) < 1e-6 })
                } else {
                    #expect(relativeError(found, expected) < 1e-4, "\(text) \(entry.name)")
                }
                #expect(zip(found, expected).allSatisfy { $1 != 0 || $0 == 0 || entry.name.hasSuffix("key.bias") })
                checked += 1
            }
            #expect(checked == scene.net.slices(of: genome).count)
        }
    }

    /// The largest subnet trained for 20 steps loses as in PyTorch.
    @Test func trainingLosses() throws {
        let scene = try Scene()
        let expected = try JSONDecoder().decode(
            [Double].self, from: Data(try #require(scene.reader.metadata["trained"]).utf8))
        let optimizer = AdamW(count: scene.values.count, decay: 0.05)
        let kernels = try Kernels()
        #expect(expected.count == 20)
        for (index, loss) in expected.enumerated() {
            let found = scene.pass(scene.space.largest).loss
            #expect(abs(found - loss) < 1e-3, "step \(index + 1): \(found) against \(loss)")
            optimizer.update(
                0..<scene.values.count, of: scene.values, by: scene.gradients, step: index + 1, rate: 1e-2,
                gradientScale: 1, with: kernels)
        }
    }

    private func tensor(_ scene: Scene, _ name: String, _ rows: Int, _ columns: Int) throws -> [Float] {
        let buffer = FloatBuffer(count: rows * columns)
        try scene.reader.read(name, into: buffer.matrix(rows: rows, columns: columns))
        return Array(buffer.values)
    }

    /// The largest difference over the largest expected value.
    private func relativeError(_ found: [Float], _ expected: [Float]) -> Float {
        let scale = expected.map(abs).max() ?? 0
        return (zip(found, expected).map { abs($0 - $1) }.max() ?? 0) / max(scale, 1e-12)
    }
}
