import Tensors
import Testing

@testable import Datasets

/// Data that load and cannot be meant: what is said of them, and that nothing is said of sound ones.
@Suite struct ReviewTests {
    /// Noise about a brightness of its own for each class, as floats from 0 to about 1.
    static func values(_ count: Int, seed: UInt64, size: Int = 64, classes: Int = 4) -> [Float] {
        var random = SystemNoise(seed)
        return (0..<count * size).map { Float($0 / size % classes) * 0.2 + random.next() * 0.3 }
    }

    private struct SystemNoise {
        var generator: CounterGenerator
        init(_ seed: UInt64) { generator = CounterGenerator(seed: seed, stream: .search, step: 0) }
        mutating func next() -> Float { Float.random(in: 0..<1, using: &generator) }
    }

    static func set(_ values: [Float], labels: [Int32]? = nil, classes: Int = 4, size: Int = 64) throws -> ImageSet {
        let count = values.count / size
        return try ImageSet(
            height: 8, width: size / 8, channels: 1, pixels: .floats(values),
            labels: labels ?? (0..<Int32(count)).map { $0 % Int32(classes) }, classes: classes)
    }

    static func review(
        _ train: ImageSet, _ test: ImageSet, validation: Int = 32, sampler: Int = 0
    ) throws -> [DataWarning] {
        try ImageDataset(
            train: train, test: test, holdOut: .init(validation: validation, sampler: sampler), seed: 1
        ).review()
    }

    static func kinds(_ warnings: [DataWarning]) -> [String] {
        warnings.map { "\($0)" }.map { text in
            ["is on another scale", "scale", "all", "values up to", "of one colour", "too: test accuracy", "leaves"]
                .first { text.contains($0) } ?? text
        }
    }

    @Test func soundDataAreNotRemarkedOn() throws {
        let train = try Self.set(Self.values(128, seed: 1))
        #expect(try Self.review(train, Self.set(Self.values(32, seed: 2))) == [])
        // Few images, other noise, and images that were normalised one by one.
        for count in [4, 8, 16] {
            #expect(try Self.review(train, Self.set(Self.values(count, seed: UInt64(count) + 7))) == [])
        }
        func normalised(_ count: Int, seed: UInt64) -> [Float] {
            let values = Self.values(count, seed: seed)
            return (0..<count).flatMap { image -> [Float] in
                let part = values[image * 64..<(image + 1) * 64]
                let mean = part.reduce(0, +) / 64
                let deviation = (part.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 64).squareRoot()
                return part.map { ($0 - mean) / deviation }
            }
        }
        #expect(try Self.review(Self.set(normalised(128, seed: 1)), Self.set(normalised(32, seed: 2))) == [])
        for seed in 0..<4 as Range<UInt64> {
            let glyphs = try ImageDataset.glyphs(train: 400, test: 100, holdOut: .init(validation: 100), seed: seed)
            #expect(glyphs.review() == [])
        }
    }

    @Test(arguments: [255, 1 / 255, 8, 0.1] as [Float]) func anotherScale(factor: Float) throws {
        let train = try Self.set(Self.values(128, seed: 1))
        let test = try Self.set(Self.values(32, seed: 2).map { $0 * factor })
        let found = try Self.review(train, test)
        guard found.count == 1, case .otherScale(let there, let here) = found[0] else {
            Issue.record("\(found)")
            return
        }
        #expect(abs(there.high / here.high - factor) < factor / 5)
        #expect("\(found[0])".contains("prepare both in the same way"))
    }

    @Test func offsetsAndBytesOfAnotherScale() throws {
        let train = Self.values(128, seed: 1), test = Self.values(32, seed: 2)
        #expect(try Self.review(Self.set(train), Self.set(test.map { $0 * 2 - 1 })).count == 1)
        #expect(try Self.review(Self.set(train), Self.set(test.map { 1 - $0 - 3 })).count == 1)
        func bytes(_ values: [Float], _ factor: Float) throws -> ImageSet {
            try ImageSet(
                height: 8, width: 8, channels: 1, pixels: .bytes(values.map { UInt8($0 * factor) }),
                labels: (0..<Int32(values.count / 64)).map { $0 % 4 }, classes: 4)
        }
        #expect(try Self.review(bytes(train, 255), bytes(test, 255)) == [])
        #expect(try Self.review(bytes(train, 255), bytes(test, 8)).count == 1)
    }

    @Test func labelsThatLackClasses() throws {
        let values = Self.values(128, seed: 1), test = try Self.set(Self.values(32, seed: 2))
        let one = try Self.review(Self.set(values, labels: [Int32](repeating: 2, count: 128)), test)
        #expect(one.first == .oneClass(label: 2, count: 96, classes: 4))
        let three = try Self.review(Self.set(values, labels: (0..<128).map { Int32($0 % 3) }), test)
        #expect(three == [.missingClasses(.training, missing: ["3"], classes: 4, count: 96)])
        #expect("\(three[0])".hasPrefix("class 3 of the 4 there are has none of the 96 training examples"))
        // Two images of class 3: the parts cannot all have one.
        let rare = try Self.set(values, labels: (0..<128).map { $0 < 2 ? 3 : Int32($0 % 3) })
        let found = try Self.review(rare, test, validation: 32, sampler: 16)
        #expect(!found.isEmpty)
        for warning in found {
            guard case .missingClasses(let part, ["3"], classes: 4, let count) = warning else {
                Issue.record("\(warning)")
                continue
            }
            #expect(count == (part == .training ? 80 : part == .validation ? 32 : 16))
        }
        let other = try Self.set(Self.values(32, seed: 2), labels: (0..<32).map { Int32($0 % 2) })
        #expect(
            try Self.review(Self.set(values), other)
                == [.missingClasses(.test, missing: ["2", "3"], classes: 4, count: 32)])
        let many = try ImageSet(
            height: 8, width: 8, channels: 1, pixels: .floats(values), labels: (0..<128).map { Int32($0 % 4) },
            classes: 1000)
        let first = try #require(Self.review(many, test).first)
        #expect("\(first)".hasPrefix("classes 4, 5, 6, 7, 8 and 991 more of the 1000 there are have none"))
    }

    @Test(arguments: [3e38, -3e38, 1e6] as [Float]) func outliers(value: Float) throws {
        var train = Self.values(128, seed: 1), test = Self.values(32, seed: 2)
        train[100] = value
        let inTraining = try Self.review(Self.set(train), Self.set(test))
        guard inTraining.count == 1,
            case .outliers(.training, images: 1, count: 96, first: 1, let found, _) = inTraining[0]
        else {
            Issue.record("\(inTraining)")
            return
        }
        #expect(found == abs(value))
        test[700] = value
        let inTest = try Self.review(Self.set(Self.values(128, seed: 1)), Self.set(test))
        guard inTest.count == 1, case .outliers(.test, images: 1, count: 32, first: 10, _, _) = inTest[0] else {
            Issue.record("\(inTest)")
            return
        }
        #expect(try Self.review(Self.set(train), Self.set(test)).count == 2)
    }

    /// Blank images do not hide what is usual.
    @Test func outliersAmongBlankImages() throws {
        var train = Self.values(128, seed: 1)
        for index in 0..<(96 * 64) { train[index] = 0 }
        let data = try ImageDataset(
            train: Self.set(train), test: Self.set(Self.values(32, seed: 2)), holdOut: .init(validation: 32), seed: 1)
        let place = try #require(data.split.train.first)
        train[Int(place) * 64] = 3e38
        let found = try Self.review(Self.set(train), Self.set(Self.values(32, seed: 2)))
        #expect(
            found.contains {
                if case .outliers(.training, images: 1, count: 96, first: Int(place), 3e38, _) = $0 {
                    true
                } else {
                    false
                }
            })
    }

    /// What images are normalised by is measured on those that are trained on, and so others do not spoil it.
    @Test func outliersInTheHoldOut() throws {
        let test = try Self.set(Self.values(32, seed: 2))
        let split = try Split(count: 128, validation: 32, sampler: 16, seed: 1)
        for (part, places) in [(DataWarning.Part.validation, split.validation), (.sampler, split.sampler)] {
            var train = Self.values(128, seed: 1)
            train[Int(places[3]) * 64] = 3e38
            let found = try Self.review(Self.set(train), test, validation: 32, sampler: 16)
            guard found.count == 1, case .outliers(part, images: 1, let count, let first, 3e38, _) = found[0] else {
                Issue.record("\(found)")
                continue
            }
            #expect(count == places.count && first == Int(places[3]))
            #expect("\(found[0])".contains("what is measured on them means nothing"))
            #expect(!"\(found[0])".contains("normalised"))
        }
    }

    @Test func imagesWithoutContent() throws {
        var train = Self.values(128, seed: 1)
        for index in 0..<192 { train[index] = 0.5 }
        let test = Self.values(32, seed: 2)
        #expect(
            try Self.review(Self.set(train), Self.set(test)) == [.constantImages(.training, images: 3, count: 128)])
        let same = Array(repeating: Self.values(1, seed: 3), count: 128).flatMap { $0 }
        #expect(try Self.review(Self.set(same), Self.set(test)).contains(.sameImages(count: 128)))
    }

    @Test func imagesOfBothParts() throws {
        let train = Self.values(128, seed: 1)
        let found = try Self.review(Self.set(train), Self.set(Array(train[..<(4 * 64)]) + Self.values(28, seed: 2)))
        #expect(found == [.sharedImages(images: 4, count: 32)])
    }

    @Test func whatIsHeldOut() throws {
        let train = try Self.set(Self.values(128, seed: 1)), test = try Self.set(Self.values(32, seed: 2))
        #expect(
            try Self.review(train, test, validation: 110).contains(.littleLeft(training: 18, count: 128, classes: 4)))
        #expect(try Self.review(train, test, validation: 64) == [])
    }
}
