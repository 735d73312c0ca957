import Tensors
import Testing

@testable import Datasets

@Suite struct BatchTests {
    struct Filled: Equatable {
        var pixels: [Float]
        var labels: [Int32]
    }

    static func training(_ source: inout TrainingBatches, _ step: UInt64) throws -> Filled {
        let batch = ExampleBatch(capacity: source.batch, shape: source.examples.shape)
        try source.fill(batch, step: step)
        return Filled(pixels: Array(batch.inputs), labels: Array(batch.labels))
    }

    static func small(_ augmentation: Augmentation = .none) throws -> ImageDataset {
        try ImageDataset.glyphs(
            train: 100, test: 20, holdOut: .init(validation: 20, sampler: 10), seed: 3, augmentation: augmentation)
    }

    @Test func stepAloneDecides() throws {
        let data = try Self.small(try Augmentation(shift: 3, flip: true))
        var forward = try data.batches(of: 32, seed: 9)
        let steps: [UInt64] = [0, 1, 2, 3, 4, 5, 6, 7, 1000]
        let expected = try steps.map { try Self.training(&forward, $0) }
        for (step, batch) in zip(steps, expected).reversed() {
            var fresh = try data.batches(of: 32, seed: 9)
            #expect(try Self.training(&forward, step) == batch)
            #expect(try Self.training(&fresh, step) == batch)
        }
        var other = try data.batches(of: 32, seed: 10)
        #expect(try Self.training(&other, 0) != expected[0])
    }

    @Test func eachEpochTakesEachImageOnce() throws {
        let indices: [Int32] = [3, 5, 8, 13, 21, 34, 55]
        var order = TrainingOrder(indices: indices, seed: 1)
        var epochs: [[Int32]] = []
        for epoch in 0..<5 { epochs.append((0..<7).map { order.example(at: UInt64(epoch * 7 + $0)) }) }
        for epoch in epochs { #expect(epoch.sorted() == indices) }
        #expect(Set(epochs).count > 1)
    }

    @Test func batchMayExceedTheSet() throws {
        let data = try Self.small()
        var source = try data.batches(of: 200, seed: 1)
        let filled = try Self.training(&source, 3)
        #expect(filled.pixels.allSatisfy { $0.isFinite })
        _ = try Self.training(&source, .max)
    }

    @Test func movesPadWithBackground() throws {
        let images = try ImageSet(
            height: 2, width: 3, channels: 1, pixels: .bytes([10, 20, 30, 40, 50, 60]), labels: [0], classes: 1)
        let plain = try Normalization(mean: [0.5], deviation: [0.25])
        var source = try TrainingBatches(
            of: 1,
            from: ImageExamples(images, normalization: plain, augmentation: Augmentation(shift: 1, flip: true)),
            train: [0], seed: 2)
        let augmentation = try Augmentation(shift: 1, flip: true)
        var seen = Set<Int>()
        for step in 0..<200 {
            let move = augmentation.move(.init(seed: 2, stream: .augmentation), step: UInt64(step), index: 0)
            seen.insert((move.down + 1) * 6 + (move.right + 1) * 2 + (move.flipped ? 1 : 0))
            let filled = try Self.training(&source, UInt64(step))
            for row in 0..<2 {
                for column in 0..<3 {
                    let from = (row - move.down, column - move.right)
                    var byte: Float = 0
                    if (0..<2).contains(from.0), (0..<3).contains(from.1) {
                        byte = Float(from.0 * 3 + (move.flipped ? 2 - from.1 : from.1)) * 10 + 10
                    }
                    #expect(filled.pixels[row * 3 + column] == (byte / 255 - 0.5) / 0.25)
                }
            }
        }
        #expect(seen.count == 18)
    }

    @Test func trainingPartHasMeanZero() throws {
        let data = try Self.small()
        let count = data.split.train.count
        let batch = ExampleBatch(capacity: count, shape: data.shape)
        try data.trainingExamples.fill(batch, with: data.split.train[...])
        let pixels = batch.inputs
        let mean = pixels.reduce(0.0) { $0 + Double($1) } / Double(pixels.count)
        let square = pixels.reduce(0.0) { $0 + Double($1 * $1) } / Double(pixels.count)
        #expect(abs(mean) < 1e-5)
        #expect(abs(square - 1) < 1e-4)
        #expect(Array(batch.labels) == data.split.train.map { $0 % 10 })
    }

    @Test func floatsAreMeasuredPerChannel() throws {
        let images = try ImageSet(
            height: 1, width: 2, channels: 2, pixels: .floats([1, 7, 3, 7, 5, 7, 7, 7]), labels: [0, 1])
        let measured = try Normalization(measuring: images, indices: [0, 1])
        #expect(measured.mean == [4, 7])
        #expect(measured.deviation == [Double(Float(5.0.squareRoot())), 1])
        let one = try Normalization(measuring: images, indices: [1])
        #expect(one.mean == [6, 7])
    }

    @Test func wrongRoomAndIndicesAreRefused() throws {
        let data = try Self.small()
        let batch = ExampleBatch(capacity: 1, shape: data.shape)
        for indices: [Int32] in [[100], [-1], [0, 1]] {
            #expect(throws: DatasetError.self) { try data.trainingExamples.fill(batch, with: indices[...]) }
        }
        let narrow = ExampleBatch(capacity: 1, shape: ExampleShape(inputs: 783, labels: 1))
        #expect(throws: DatasetError.self) { try data.trainingExamples.fill(narrow, with: [0]) }
        #expect(throws: DatasetError.self) { try data.batches(of: 0, seed: 1) }
        #expect(throws: DatasetError.self) { try Augmentation(shift: -1, flip: false) }
        #expect(throws: DatasetError.self) { try Normalization(measuring: data.train, indices: [100]) }
        #expect(throws: DatasetError.self) { try Normalization(mean: [0], deviation: [0]) }
    }

    @Test func digestSeesEveryPart() throws {
        func images(_ pixels: [UInt8], _ labels: [Int32], width: Int) throws -> ImageSet {
            try ImageSet(
                height: 2 / width, width: width, channels: 1, pixels: .bytes(pixels), labels: labels, classes: 3)
        }
        let digests = try [
            fnv(images([1, 2], [0], width: 2)), fnv(images([1, 3], [0], width: 2)),
            fnv(images([1, 2], [1], width: 2)), fnv(images([1, 2], [0], width: 1)),
        ]
        #expect(Set(digests).count == 4)
    }
}
