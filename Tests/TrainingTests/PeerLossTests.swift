import Datasets
import Foundation
import Runs
import SearchSpaces
import Supernets
import TestSupport
import Testing

@testable import Tensors
@testable import Training

/// A whole benchmark space against a PyTorch supernet: from its initial weights, 20 training losses agree.
///
/// `NASD_PEER_LOSSES` names a file that `Benchmarks/peer_losses.py` wrote; without it the test is skipped.
@Suite struct PeerLossTests {
    private static let file = ProcessInfo.processInfo.environment["NASD_PEER_LOSSES"]

    @Test(.enabled(if: file != nil, "set NASD_PEER_LOSSES to a file of Benchmarks/peer_losses.py"))
    func lossesAgree() throws {
        let reader = try SafetensorsReader(file: try #require(Self.file))
        let name = try #require(reader.metadata["space"])
        let space = try SpaceCatalog.load(Repository.root.appending(path: "SearchSpaces/\(name).yaml").path)
        let supernet = space.supernet()
        let values = FloatBuffer(count: supernet.layout.floatCount), gradient = FloatBuffer(count: values.count)
        for entry in supernet.layout.entries {
            try reader.read(
                entry.name, into: values.matrix(offset: entry.offset, rows: entry.rows, columns: entry.columns))
        }
        let size = space.signature.inputCount
        let images = FloatBuffer(count: 20 * 64 * size)
        try reader.read("images", into: images.matrix(rows: 20 * 64, columns: size))
        let labels = try JSONDecoder().decode([Int32].self, from: Data(try #require(reader.metadata["labels"]).utf8))
        let losses = try JSONDecoder().decode([Double].self, from: Data(try #require(reader.metadata["losses"]).utf8))
        guard case .image(let height, let width, let channels) = space.signature.input else { return }
        let examples = try ImageExamples(
            ImageSet(
                height: height, width: width, channels: channels,
                pixels: .floats(Array(images.values)), labels: labels),
            normalization: Normalization(
                mean: Array(repeating: 0, count: channels), deviation: Array(repeating: 1, count: channels))
        )
        let rate = try #require(reader.metadata["rate"].flatMap(Float.init))
        let batch = TrainingBatch(count: 64, shape: ExampleShape(inputs: size, labels: 1), backend: try Kernels())
        let kernels = try Kernels()
        let runner = PassRunner(
            supernet: supernet, task: ClassificationTask(), weights: SharedWeights(values: values, gradient: gradient),
            batch: batch, shards: 8,
            pool: try WorkerPool(count: 2), kernels: kernels)
        let optimizer = AdamW(count: values.count, decay: 0.05)
        var worst = 0.0
        for step in 0..<20 {
            let indices = (step * 64..<(step + 1) * 64).map(Int32.init)
            try batch.fill { try examples.fill($0, with: indices[...]) }
            gradient.values.update(repeating: 0)
            let loss = runner.run(Pass(genome: space.largest)).loss / 64
            worst = max(worst, abs(loss - losses[step]))
            optimizer.update(
                0..<values.count, of: values, by: gradient, step: step + 1, rate: rate, gradientScale: 1, with: kernels)
        }
        #expect(losses.count == 20 && worst < 1e-3)
        print("\(name) at rate \(rate): 20 losses from \(losses[0]) to \(losses[19]), largest difference \(worst)")
    }
}
