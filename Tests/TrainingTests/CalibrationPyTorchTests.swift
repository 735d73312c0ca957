import Datasets
import Foundation
import Runs
import SearchSpaces
import TestSupport
import Testing

@testable import Supernets
@testable import Tensors
@testable import Training

/// The statistics that norms are measured to have, and a network that computes by them, against PyTorch.
///
/// `Tests/SupernetsTests/Fixtures/make_cnn_fixtures.py` makes the values.
@Suite struct CalibrationPyTorchTests {
    /// Moments of 40 images in chunks of 32 and 8, and the logits of others by these, also with the norms folded.
    @Test(arguments: [ConvolutionalFixture.inverted, .residual], 0..<4)
    func statisticsAndLogits(fixture: ConvolutionalFixture, index: Int) throws {
        let reader = try SafetensorsReader(file: fixture.file), kernels = try Kernels()
        func values(_ name: String, _ rows: Int, _ columns: Int) throws -> [Float] {
            let buffer = FloatBuffer(count: rows * columns)
            try reader.read(name, into: buffer.matrix(rows: rows, columns: columns))
            return withExtendedLifetime(buffer) { Array(buffer.values) }
        }
        let space = try SearchSpace.parse(yaml: fixture.space, file: "fixture.yaml")
        let supernet = space.supernet(), weights = FloatBuffer(count: supernet.layout.floatCount)
        for entry in supernet.layout.entries where entry.role != .statistic {
            try reader.read(entry, as: "weights." + entry.name, into: weights)
        }
        let genomes = try JSONDecoder().decode(
            [String].self, from: Data(try #require(reader.metadata["genomes"]).utf8))
        let genome = try space.genome(text: genomes[index])
        let set = try ImageSet(
            height: fixture.height, width: fixture.width, channels: 2,
            pixels: .floats(try values("calibration", 40, fixture.pixels)),
            labels: [Int32](repeating: 0, count: 40), classes: 5)
        let examples = try ImageExamples(set, normalization: Normalization(mean: [0, 0], deviation: [1, 1]))
        // Chunks are of examples in order, as the fixture has them, so the list undoes what shuffles it.
        var inOrder = [Int32](repeating: 0, count: 40)
        for (place, index) in Split.calibration(40, of: (0..<40).map { $0 }).enumerated() {
            inOrder[Int(index)] = Int32(place)
        }
        let trained = TrainedWeights(
            supernet: supernet, task: ClassificationTask(), values: weights,
            calibration: Calibration(
                examples: examples, trained: inOrder, extent: CalibrationExtent(search: 40, finalists: 40)),
            pool: try WorkerPool(count: 2), kernels: kernels)
        let model = ExtractedModel(
            genome, of: supernet, values: try trained.finishedWeights(of: genome),
            normalization: .init(mean: [0, 0], deviation: [1, 1]), measured: [:], data: "", kernels: kernels)
        let statistics = model.network.layout.entries.filter { $0.role == .statistic }
        #expect(
            reader.names.filter { $0.hasPrefix("\(index).") && $0.contains(".norm.mean") }.count * 2 == statistics.count
        )
        for entry in statistics {
            let expected = try values("\(index).\(entry.name)", 1, entry.columns)
            let found = kernels.download(entry.view(of: model.weights))
            #expect(ConvolutionalFixture.error(found, expected) < 1e-4, "\(entry.name)")
        }
        let images = FloatBuffer(count: 8 * fixture.pixels)
        kernels.upload(try values("images", 8, fixture.pixels), to: images.matrix(rows: 8, columns: fixture.pixels))
        let expected = try values("\(index).evaluated", 8, 5)
        for network in [model, model.folded(on: kernels)] {
            let tape = Tape(
                backend: kernels, arena: Arena(floats: network.network.arenaFloats(batch: 8, for: .evaluation)))
            let store = ParameterStore(values: network.weights, gradients: network.weights)
            network.network.evaluate(
                images.matrix(rows: 8, columns: fixture.pixels), as: [genome], with: store, on: tape
            ) { #expect(ConvolutionalFixture.error(kernels.download($1), expected) < 1e-4 && $0 == 0) }
        }
        withExtendedLifetime(images) {}

        // What has no norms any more is no beginning for networks that have them.
        try withDirectory { folder in
            for (network, isFolded) in [(model, false), (model.folded(on: kernels), true)] {
                let path = folder + "/\(isFolded).safetensors"
                var data = Data()
                network.write { data.append(contentsOf: $0) }
                try data.write(to: URL(fileURLWithPath: path))
                guard isFolded else {
                    _ = try StartWeights(file: path, for: supernet)
                    continue
                }
                let error = try #require(throws: TensorFileError.self) { try StartWeights(file: path, for: supernet) }
                #expect("\(error)".contains("--keep-norms"))
            }
        }
    }
}
