import Testing

@testable import Datasets

@Suite struct GlyphTests {
    @Test func imagesAreTheSameBytes() throws {
        let first = try GlyphGenerator(seed: 3).images(.train, count: 50)
        let longer = try GlyphGenerator(seed: 3).images(.train, count: 80)
        guard case .bytes(let few) = first.pixels, case .bytes(let many) = longer.pixels else {
            Issue.record("glyphs are bytes")
            return
        }
        #expect(few == Array(many[..<few.count]))
        #expect(GlyphGenerator(seed: 3).image(.train, index: 77) == Array(many[(77 * 784)..<(78 * 784)]))
        #expect(GlyphGenerator(seed: 4).image(.train, index: 77) != Array(many[(77 * 784)..<(78 * 784)]))
        #expect(GlyphGenerator(seed: 3).image(.test, index: 77) != Array(many[(77 * 784)..<(78 * 784)]))
        #expect(first.classCounts() == [Int](repeating: 5, count: 10))
    }

    /// The bytes are part of what identifies a run's data; a change here changes every run on glyphs.
    @Test func bytesArePinned() throws {
        let digest = fnv(try GlyphGenerator(seed: 0).images(.train, count: 100))
        #expect(digest == GlyphTests.pinned)
    }

    static let pinned: UInt64 = 4_582_718_813_284_142_481

    @Test func defaultsAreBalanced() throws {
        let data = try ImageDataset.glyphs(holdOut: .init(validation: 2000, sampler: 500), seed: 1)
        #expect(data.train.count == 12_000)
        #expect(data.test.count == 2_000)
        #expect(data.train.classCounts() == [Int](repeating: 1200, count: 10))
        #expect(data.split.train.count == 9_500)
        #expect(data.normalization.mean[0] > 0.05 && data.normalization.mean[0] < 0.4)
    }

    @Test(arguments: [0, -1, ImageSet.mostImages + 1])
    func countsOutOfRangeAreRefused(count: Int) {
        #expect(throws: DatasetError.self) { try GlyphGenerator(seed: 0).images(.train, count: count) }
    }

    /// A linear classifier learns something, but far from all.
    @Test func linearClassifierStaysBehind() throws {
        let data = try ImageDataset.glyphs(holdOut: .init(validation: 0), seed: 1)
        let accuracy = try LinearClassifier.accuracy(data, epochs: 6)
        print("linear classifier on glyphs: \(accuracy)")
        #expect(accuracy > 0.2)
        #expect(accuracy < 0.8)
    }
}

/// FNV-1a over the digest bytes.
func fnv(_ images: ImageSet) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    images.withDigestBytes { for byte in $0 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 } }
    return hash
}

/// Softmax regression by plain gradient steps, as a yardstick.
enum LinearClassifier {
    static func accuracy(_ data: ImageDataset, epochs: Int) throws -> Double {
        let size = data.train.imageSize
        let classes = data.train.classes
        let batch = 50
        var weights = [Float](repeating: 0, count: classes * (size + 1))
        var source = try data.batches(of: batch, seed: 5)
        let filled = ExampleBatch(capacity: batch, shape: data.shape)
        var scores = [Float](repeating: 0, count: classes)
        let steps = epochs * data.split.train.count / batch
        for step in 0..<steps {
            try source.fill(filled, step: UInt64(step))
            let pixels = filled.inputs, labels = filled.labels
            let rate = 0.003 * (1 - Float(step) / Float(steps))
            for image in 0..<batch {
                predict(weights, pixels, image, size, &scores)
                let top = scores.max() ?? 0
                for index in 0..<classes { scores[index] = exponential(scores[index] - top) }
                let sum = scores.reduce(0, +)
                for index in 0..<classes {
                    let slope = (scores[index] / sum - (Int(labels[image]) == index ? 1 : 0)) * rate
                    for at in 0..<size { weights[index * (size + 1) + at] -= slope * pixels[image * size + at] }
                    weights[index * (size + 1) + size] -= slope
                }
            }
        }
        var right = 0
        for start in stride(from: 0, to: data.test.count - batch + 1, by: batch) {
            let indices = (start..<(start + batch)).map { Int32($0) }
            try data.testExamples.fill(filled, with: indices[...])
            let pixels = filled.inputs, labels = filled.labels
            for image in 0..<batch {
                predict(weights, pixels, image, size, &scores)
                let best = scores.indices.max { scores[$0] < scores[$1] }
                if best == Int(labels[image]) { right += 1 }
            }
        }
        return Double(right) / Double(data.test.count / batch * batch)
    }

    private static func predict(
        _ weights: [Float], _ pixels: UnsafeBufferPointer<Float>, _ image: Int, _ size: Int, _ scores: inout [Float]
    ) {
        for index in scores.indices {
            var sum = SIMD8<Float>()
            for at in stride(from: 0, to: size, by: 8) {
                for lane in 0..<8 {
                    sum[lane] += weights[index * (size + 1) + at + lane] * pixels[image * size + at + lane]
                }
            }
            scores[index] = sum.sum() + weights[index * (size + 1) + size]
        }
    }

    /// e to the value for values of at most 0, by repeated squaring; exact enough for a yardstick.
    private static func exponential(_ value: Float) -> Float {
        var result = max(0, 1 + value / 1024)
        for _ in 0..<10 { result *= result }
        return result
    }
}
