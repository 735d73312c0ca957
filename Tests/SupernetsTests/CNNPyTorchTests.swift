import Foundation
import SearchSpaces
import TestSupport
import Testing

@testable import Supernets
@testable import Tensors

/// The convolutional network against PyTorch: logits, loss and every gradient, with norms over the shards of a batch.
///
/// `Fixtures/make_cnn_fixtures.py` makes the values; what norms are measured to have afterwards is held against them in
/// `CalibrationPyTorchTests`.
@Suite struct CNNPyTorchTests {
    @Test(arguments: [ConvolutionalFixture.inverted, .residual])
    func forwardAndGradients(fixture: ConvolutionalFixture) throws {
        let scene = try CNNFixture(fixture), net = try #require(scene.space.supernet() as? CNNSupernet)
        let kernels = try Kernels(), count = net.layout.floatCount
        let values = FloatBuffer(count: count), gradients = FloatBuffer(count: count)
        try scene.readWeights(of: net, into: values)
        let images = try scene.images("images", 8), labels = (0..<8).map { Int32($0 % 5) }
        let tape = Tape(backend: kernels, arena: Arena(floats: net.arenaFloats(batch: 4, for: .training)))
        for (index, text) in scene.genomes.enumerated() {
            let genome = try scene.space.genome(text: text), alone = scene.space.standalone(genome)
            kernels.fill(gradients.whole, with: 0)
            var loss = 0.0, logits: [Float] = []
            // A shard is a group of the norms, and adds to the gradient.
            for shard in [0..<4, 4..<8] {
                tape.begin(recording: true)
                let y = net.forward(
                    images.block(row: shard.lowerBound, column: 0, rows: 4, columns: images.columns), as: genome,
                    with: ParameterStore(values: values, gradients: gradients), on: tape)
                logits += kernels.download(y.value)
                labels[shard].withUnsafeBufferPointer { labels in
                    tape.backward(from: y) {
                        loss +=
                            CrossEntropy()(
                                on: kernels, logits: y.value, labels: labels, gradient: $0, gradientScale: 1.0 / 8
                            ).loss / 8
                    }
                }
            }
            #expect(abs(loss - scene.losses[index]) < 1e-5 * scene.losses[index], "\(text)")
            #expect(ConvolutionalFixture.error(logits, try scene.values("\(index).logits", [8, 5])) < 1e-4)
            let slices = net.slices(of: genome).filter { $0.entry.role != .statistic }
            for (slice, entry) in zip(slices, alone.layout.entries) {
                let expected = try scene.values(entry, as: "\(index).gradient.\(entry.name)")
                let found = kernels.download(slice.view(of: gradients))
                // The next norm takes what a projection is shifted by away: both sides hold rounding only.
                if fixture.name == "cnn", entry.name.hasSuffix("project.norm.bias") {
                    #expect((found + expected).allSatisfy { abs($0) < 1e-6 }, "\(text) \(entry.name)")
                } else {
                    #expect(ConvolutionalFixture.error(found, expected) < 1e-4, "\(text) \(entry.name)")
                }
                kernels.fill(slice.view(of: gradients), with: 0)
            }
            #expect(gradients.values.allSatisfy { $0 == 0 }, "\(text) reaches beyond its slices")
            let held = scene.reader.names.filter { $0.hasPrefix("\(index).gradient.") }
            #expect(held.count == slices.count)
        }
    }
}

/// The space and the file of the values.
struct CNNFixture {
    let fixture: ConvolutionalFixture
    let space: SearchSpace
    let reader: SafetensorsReader
    let genomes: [String]
    let losses: [Double]

    init(_ fixture: ConvolutionalFixture) throws {
        self.fixture = fixture
        space = try SearchSpace.parse(yaml: fixture.space, file: "fixture.yaml")
        let reader = try SafetensorsReader(file: fixture.file)
        func list<Value: Decodable>(_ name: String) throws -> [Value] {
            try JSONDecoder().decode([Value].self, from: Data(try #require(reader.metadata[name]).utf8))
        }
        self.reader = reader
        genomes = try list("genomes")
        losses = try list("losses")
    }

    func readWeights(of net: any Supernet, into values: FloatBuffer) throws {
        for entry in net.layout.entries where entry.role != .statistic {
            try reader.read(entry, as: "weights." + entry.name, into: values)
        }
    }

    /// Rows in memory that stays for the whole process.
    func images(_ name: String, _ count: Int) throws -> MatrixView {
        let memory = Unmanaged.passRetained(FloatBuffer(count: count * fixture.pixels)).takeUnretainedValue()
        let matrix = memory.matrix(rows: count, columns: fixture.pixels)
        try reader.read(name, into: matrix)
        return matrix
    }

    func values(_ name: String, _ shape: [Int]) throws -> [Float] {
        let buffer = FloatBuffer(count: shape.reduce(1, *))
        try reader.read(name, into: buffer.matrix(rows: shape[0], columns: buffer.count / shape[0]), shape: shape)
        return withExtendedLifetime(buffer) { Array(buffer.values) }
    }

    /// Values of a parameter in the order that is computed in.
    func values(_ entry: ParameterLayout.Entry, as name: String) throws -> [Float] {
        let buffer = FloatBuffer(count: entry.rows * entry.columns)
        try reader.read(
            name, into: buffer.matrix(rows: entry.rows, columns: entry.columns), shape: entry.shape,
            arrangement: entry.arrangement)
        return withExtendedLifetime(buffer) { Array(buffer.values) }
    }
}
