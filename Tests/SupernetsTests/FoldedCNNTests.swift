import Foundation
import SearchSpaces
import TestSupport
import Testing

@testable import Supernets
@testable import Tensors

/// Convolutional networks cut out, with their norms and with these folded.
@Suite struct FoldedCNNTests {
    private static func model(_ network: CNNSupernetTests.Network, _ genome: Genome) throws -> ExtractedModel {
        ExtractedModel(
            genome, of: network.net, values: network.store.values,
            normalization: .init(mean: [0, 0], deviation: [1, 1]),
            measured: ["testAccuracy": 0.5], data: "format: glyphs\n", kernels: network.tape.backend)
    }

    private static func read(_ model: ExtractedModel) throws -> (ExtractedModel, SafetensorsReader) {
        let file = FileManager.default.temporaryDirectory.appending(path: "model-\(UUID().uuidString).safetensors")
        defer { try? FileManager.default.removeItem(at: file) }
        var data = Data()
        model.write { data.append(contentsOf: $0) }
        try data.write(to: file)
        return (try ExtractedModel(file: file.path), try SafetensorsReader(file: file.path))
    }

    private static func logits(_ model: ExtractedModel, _ images: MatrixView) throws -> [Float] {
        let floats = model.network.arenaFloats(batch: images.rows, for: .evaluation)
        let tape = Tape(backend: try Kernels(), arena: Arena(floats: floats))
        var result: [Float] = []
        let store = ParameterStore(values: model.weights, gradients: model.weights)
        model.network.evaluate(images, as: [model.genome], with: store, on: tape) { result = tape.backend.download($1) }
        return result
    }

    /// Written and read, the network has the subnet's bits; folded it has its outputs to rounding, from weights and biases alone.
    @Test(arguments: CNNSupernetTests.kinds) func theFoldedNetworkEqualsTheSubnet(kind: String) throws {
        let space = try CNNSupernetTests.space(kind)
        for genome in CNNSupernetTests.genomes(space, 20) {
            let network = try CNNSupernetTests.Network(space)
            let expected = network.evaluated([genome])[0]
            let (whole, _) = try Self.read(try Self.model(network, genome))
            #expect(try Self.logits(whole, network.images) == expected && whole.description.isFolded == nil)

            let (folded, reader) = try Self.read(whole.folded(on: network.tape.backend))
            let scale = expected.map(abs).max() ?? 0
            for (left, right) in zip(try Self.logits(folded, network.images), expected) {
                #expect(abs(left - right) < 1e-5 * scale, "\(space.text(of: genome))")
            }
            #expect(!reader.names.contains { $0.contains("norm") } && folded.description.isFolded == true)
            #expect(folded.description.params == space.cost(of: genome).params && folded.isVerified)
            // A byte for each weight, four for each bias, and four for the scale of each output channel.
            let entries = folded.network.layout.entries
            let bytes = entries.reduce(0) { sum, entry in
                sum + entry.rows * entry.columns * (entry.role == .bias ? 4 : 1)
                    + (entry.role == .weight ? 4 * entry.shape[0] : 0)
            }
            #expect(bytes == space.cost(of: genome)[.flashBytes])
            // Once more changes nothing.
            #expect(folded.folded(on: network.tape.backend).description == folded.description)
        }
    }

    /// Files have convolutions as (out, in, height, width), whatever the order that they are computed in.
    @Test func filesHaveTheUsualLayout() throws {
        let space = try CNNSupernetTests.elastic.get(), network = try CNNSupernetTests.Network(space)
        let (model, reader) = try Self.read(try Self.model(network, space.largest))
        let layout = model.network.layout
        func values(_ name: String) throws -> (shape: [Int], file: [Float], own: MatrixView) {
            let entry = try #require(layout.entries.first { $0.name == name })
            let shape = try #require(reader.shape(of: name))
            let file = FloatBuffer(count: shape.reduce(1, *))
            try reader.read(name, into: file.matrix(rows: shape[0], columns: file.count / shape[0]), shape: shape)
            return (shape, withExtendedLifetime(file) { Array(file.values) }, entry.view(of: model.weights))
        }
        let stem = try values("stem.weight")
        #expect(stem.shape == [8, 2, 3, 3])
        for place in stem.file.indices {
            let (out, input, tap) = (place / 18, place / 9 % 2, place % 9)
            #expect(stem.file[place] == stem.own.row(out)[tap * 2 + input])
        }
        let depthwise = try values("blocks.2.depthwise.weight")
        #expect(depthwise.shape == [48, 1, 7, 7])
        // The centre is the first of the rings, the corner above on the left the first of the last.
        for channel in 0..<48 {
            #expect(depthwise.file[channel * 49 + 24] == depthwise.own.row(0)[channel])
            #expect(depthwise.file[channel * 49] == depthwise.own.row(25)[channel])
            #expect(depthwise.file[channel * 49 + 48] == depthwise.own.row(48)[channel])
        }
        #expect(try values("blocks.2.expand.weight").shape == [48, 16, 1, 1])
        #expect(try values("blocks.3.squeeze.weight").shape.count == 2)
    }

    /// A forward of one example holds what `activationBytes` says, value for value, and multiplies as often as the exact cost
    /// counts; of published networks, too, that are not trained here.
    @Test(arguments: [
        ("cnn-mnist", 61_152), ("cnn-cifar", 319_488), ("cnn-mcu-32", 0), ("cnn-mcu", 0), ("cnn-ofa-mbv3", 1_505_280),
        ("cnn-ofa-proxyless", 0), ("cnn-bignas", 0), ("cnn-ofa-resnet50", 1_756_160), ("cnn-resnet-cifar", 0),
        ("inverted", 0), ("residual", 0), ("resampled", 0),
    ])
    func liveValuesAreTheCost(name: String, largestBytes: Int) throws {
        let space =
            CNNSupernetTests.kinds.contains(name)
            ? try CNNSupernetTests.space(name)
            : try SearchSpace.parse(
                yaml: String(
                    contentsOf: Repository.root.appending(path: "SearchSpaces/\(name).yaml"), encoding: .utf8),
                file: name)
        let family = try #require(space.cnn)
        for genome in CNNSupernetTests.genomes(space, 40) {
            let network = FoldedCNN(family, space: space, of: genome)
            let backend = CountingBackend(tracksValues: true)
            let tape = Tape(backend: backend, arena: backend.makeArena())
            let values = backend.makeBuffer(count: network.layout.floatCount)
            let images = backend.makeBuffer(count: space.signature.inputCount)
            network.evaluate(
                images.whole, as: [genome], with: ParameterStore(values: values, gradients: values), on: tape
            ) { _, _ in }
            let cost = space.cost(of: genome)
            #expect(4 * backend.peakLiveValues == cost[.activationBytes], "\(name) \(space.text(of: genome))")
            #expect(backend.peakLiveValues == cost[.sramBytes])
            #expect(backend.multiplyAdds == Double(cost.multiplyAdds))
            if genome == space.largest, largestBytes > 0 { #expect(backend.peakLiveValues == largestBytes) }
        }
    }
}
