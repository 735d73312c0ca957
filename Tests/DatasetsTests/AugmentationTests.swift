import Foundation
import Tensors
import Testing

@testable import Datasets

@Suite struct AugmentationTests {
    private static let random = CounterRandom(seed: 5, stream: .augmentation)

    private func jittered(_ values: [Float], _ factors: ColourJitter.Factors, channels: Int, bytes: Bool = true)
        -> [Float]
    {
        var image = values
        image.withUnsafeMutableBufferPointer {
            factors.apply(
                to: $0, mean: [Float](repeating: 0, count: channels), scale: [Float](repeating: 1, count: channels),
                isOfBytes: bytes)
        }
        return image
    }

    private func expectNear(_ found: [Float], _ expected: [Float]) {
        #expect(found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) < 1e-5 }, "\(found)")
    }

    /// By hand: two pixels, red 1 0 0 with grey 0.299 and blue 0 0 0.5 with grey 0.057.
    @Test func colours() {
        let image: [Float] = [1, 0, 0, 0, 0, 0.5]
        expectNear(jittered(image, .init(), channels: 3), image)
        expectNear(jittered(image, .init(brightness: 0.5), channels: 3), [0.5, 0, 0, 0, 0, 0.25])
        expectNear(jittered(image, .init(brightness: 1.5), channels: 3), [1, 0, 0, 0, 0, 0.75])
        expectNear(jittered(image, .init(brightness: 1.5), channels: 3, bytes: false), [1.5, 0, 0, 0, 0, 0.75])
        // The mean grey is 0.178.
        expectNear(jittered(image, .init(contrast: 0), channels: 3), [Float](repeating: 0.178, count: 6))
        expectNear(jittered(image, .init(saturation: 0), channels: 3), [0.299, 0.299, 0.299, 0.057, 0.057, 0.057])
        expectNear(jittered([0.2, 0.6], .init(contrast: 0.5), channels: 1), [0.3, 0.5])
        expectNear(jittered([0.2, 0.6], .init(saturation: 0), channels: 1), [0.2, 0.6])
        // Through a normalisation.
        var normalised: [Float] = [(0.2 - 0.5) / 0.25]
        normalised.withUnsafeMutableBufferPointer {
            ColourJitter.Factors(brightness: 2).apply(to: $0, mean: [0.5], scale: [4], isOfBytes: true)
        }
        expectNear(normalised, [(0.4 - 0.5) / 0.25])
    }

    @Test func factorsStayWithinTheirReach() throws {
        let jitter = ColourJitter(brightness: 0.4, contrast: 0, saturation: 1)
        let all = try (0..<2000).map { try #require(jitter.factors(Self.random, step: 3, index: $0)) }
        #expect(
            all.allSatisfy {
                (0.6...1.4).contains($0.brightness) && $0.contrast == 1 && (0...2).contains($0.saturation)
            })
        #expect((all.map(\.brightness).min() ?? 1) < 0.61 && (all.map(\.brightness).max() ?? 1) > 1.39)
        #expect(abs(all.map(\.saturation).reduce(0, +) / 2000 - 1) < 0.05)
        #expect(ColourJitter.none.factors(Self.random, step: 0, index: 0) == nil)
    }

    @Test func erasedRectangles() throws {
        let augmentation = try Augmentation(shift: 0, flip: false, erasing: 0.25)
        let parts = (0..<4000).compactMap {
            augmentation.erased(Self.random, step: 7, index: $0, height: 32, width: 24)
        }
        // A binomial share of 0.25 within five deviations; few draws never fit.
        #expect(abs(parts.count - 1000) < 140)
        for part in parts {
            #expect(part.rows.upperBound <= 32 && part.columns.upperBound <= 24 && part.area > 0)
            #expect(Double(part.area) > 0.01 * 768 && Double(part.area) < 0.40 * 768)
        }
        #expect(Set(parts.map(\.rows.lowerBound)).count > 20 && parts.contains { $0.rows.count > 2 * $0.columns.count })
        let always = try Augmentation(shift: 0, flip: false, erasing: 1)
        #expect(always.erased(Self.random, step: 0, index: 0, height: 1, width: 1) == nil)
    }

    /// Beta(a, a) has mean 1/2 and variance 1 / (4 (2 a + 1)).
    @Test(arguments: [0.001, 0.2, 0.5, 1]) func betaDraws(parameter: Double) {
        let draws = (0..<20_000).map { step in
            Augmentation.beta(parameter) { Self.random.block(step: UInt64(step), index: .max, lane: $0) }
        }
        #expect(draws.allSatisfy { (0...1).contains($0) })
        let mean = draws.reduce(0, +) / 20_000
        let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
        #expect(abs(mean - 0.5) < 0.02 && abs(variance - 1 / (4 * (2 * parameter + 1))) < 0.006, "\(mean), \(variance)")
    }

    @Test func blending() {
        var images: [Float] = [1, 2, 10, 20, 100, 200]
        images.withUnsafeMutableBufferPointer {
            BatchMixing.blend(share: 0.75).apply(to: $0, count: 3, width: 2, channels: 1)
        }
        // The one in the middle has itself for a partner.
        #expect(images == [25.75, 51.5, 10, 20, 75.25, 150.5])
    }

    @Test func exchanging() {
        var images = (0..<24).map(Float.init)
        let part = ImageRectangle(rows: 1..<2, columns: 1..<3)
        let mixing = BatchMixing.exchange(part)
        images.withUnsafeMutableBufferPointer { mixing.apply(to: $0, count: 4, width: 3, channels: 1) }
        #expect(images == [0, 1, 2, 3, 22, 23, 6, 7, 8, 9, 16, 17, 12, 13, 14, 15, 10, 11, 18, 19, 20, 21, 4, 5])
        #expect(mixing.share(height: 2, width: 3) == 1 - 2.0 / 6)
    }

    /// What a batch says of its labels is what its images are made of, for each step, in any order of the steps.
    @Test(arguments: [(0.4, 0), (0, 1), (0.4, 1)] as [(Double, Double)]) func mixedBatches(
        mixup: Double, cutmix: Double
    ) throws {
        let images = try ImageSet(
            height: 4, width: 4, channels: 1,
            pixels: .bytes((0..<8).flatMap { [UInt8](repeating: UInt8($0 * 30), count: 16) }),
            labels: (0..<8).map { Int32($0) }, classes: 8)
        let plain = try Normalization(mean: [0], deviation: [1])
        let augmentation = try Augmentation(shift: 0, flip: false, mixup: mixup, cutmix: cutmix)
        var source = try TrainingBatches(
            of: 6, from: ImageExamples(images, normalization: plain, augmentation: augmentation),
            train: (0..<8).map { Int32($0) }, seed: 5)
        var again = source
        let batch = ExampleBatch(capacity: 6, shape: source.examples.shape)
        let other = ExampleBatch(capacity: 6, shape: source.examples.shape)
        var shares = Set<Float>()
        for step in 0..<60 {
            try source.fill(batch, step: UInt64(step))
            let mixed = try #require(batch.mixed)
            shares.insert(mixed.share)
            for example in 0..<6 {
                let pixels = batch.inputs[example * 16..<(example + 1) * 16]
                let mean = pixels.reduce(0, +) / 16
                let own = Float(batch.labels[example]) * 30 / 255, rest = Float(mixed.labels[example]) * 30 / 255
                #expect(mixed.labels[example] == batch.labels[5 - example])
                #expect(abs(mean - mixed.share * own - (1 - mixed.share) * rest) < 1e-4)
            }
            try again.fill(other, step: UInt64(59 - step))
            if step == 59 {
                try source.fill(batch, step: 0)
                #expect(Array(batch.inputs) == Array(other.inputs) && batch.mixed?.share == other.mixed?.share)
            }
        }
        #expect(shares.count > 5)
        // Examples that are measured are as they are.
        try source.examples.fill(batch, with: [0, 1])
        #expect(batch.mixed == nil && batch.inputs[16] == 30 / 255)
    }

    @Test func settingsOutOfRange() {
        #expect(throws: DatasetError.self) { try Augmentation(shift: 0, flip: false, erasing: 1.5) }
        #expect(throws: DatasetError.self) { try Augmentation(shift: 0, flip: false, mixup: -0.1) }
        #expect(throws: DatasetError.self) {
            try Augmentation(shift: 0, flip: false, colour: .init(brightness: 2, contrast: 0, saturation: 0))
        }
    }

    /// What earlier versions drew stays what it was: no other change moves a shift.
    @Test func shiftsAreThoseOfEarlierVersions() throws {
        let alone = try Augmentation(shift: 2, flip: true)
        let all = try Augmentation(
            shift: 2, flip: true, colour: .init(brightness: 1, contrast: 1, saturation: 1), erasing: 1, mixup: 1,
            cutmix: 1)
        for index in 0..<100 {
            #expect(alone.move(Self.random, step: 9, index: index) == all.move(Self.random, step: 9, index: index))
        }
    }
}
