import Foundation
import Tensors
import TestSupport
import Testing

@testable import Datasets

/// Where published data sets lie, if anywhere.
private let dataDirectory = ProcessInfo.processInfo.environment["NASD_TEST_DATA"]

/// Published data sets, read from the directory that NASD_TEST_DATA names; skipped without it.
@Suite(.enabled(if: dataDirectory != nil, "set NASD_TEST_DATA to a directory with the data sets"))
struct RealDataTests {
    @Test func mnist() throws {
        let data = try ImageDataset.load(
            train: .arrays(.idx, images: "train-images-idx3-ubyte", labels: "train-labels-idx1-ubyte"),
            test: .arrays(.idx, images: "t10k-images-idx3-ubyte.gz", labels: "t10k-labels-idx1-ubyte.gz"),
            directory: DataFolder((dataDirectory ?? "") + "/mnist"), holdOut: .init(validation: 5000, sampler: 2000),
            seed: 7)
        #expect(data.train.count == 60_000)
        #expect(data.test.count == 10_000)
        #expect(data.train.shapeDescription == "28 x 28 x 1")
        #expect(data.train.classCounts() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949])
        #expect(data.test.classCounts() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
        #expect(data.split.train.count == 53_000)
        try expect(data.train, mean: [0.13066], deviation: [0.30811], within: 6e-6)
        try expect(data.test, mean: [0.13251], deviation: [0.31048], within: 6e-6)
        #expect(data.review() == [])
    }

    @Test func cifar() throws {
        let data = try ImageDataset.load(
            train: .cifar10(["train_00000_05000.bin.gz", "train_05000_10000.bin"]),
            test: .cifar10(["test_0000_1000.bin"]),
            directory: DataFolder((dataDirectory ?? "") + "/cifar10-subset"), holdOut: .init(validation: 1000), seed: 7)
        #expect(data.train.count == 10_000)
        #expect(data.test.count == 1_000)
        #expect(data.train.labels.prefix(8) == [6, 9, 9, 4, 1, 1, 2, 7])
        #expect(data.test.labels.prefix(8) == [3, 8, 8, 0, 6, 6, 1, 6])
        #expect(data.test.classCounts() == [103, 89, 100, 103, 90, 86, 112, 102, 106, 109])
        #expect(data.review() == [])
        try expect(data.test, mean: [0.4967, 0.4867, 0.4510], deviation: nil, within: 6e-5)
        let half = try Normalization(measuring: data.train, indices: (0..<5000).map { Int32($0) })
        for (found, expected) in zip(half.mean, [0.4913, 0.4814, 0.4445]) {
            #expect(abs(Double(found) - expected) < 6e-5)
        }
    }

    /// Real deflate blocks, damaged: the sum at the end lets none through.
    @Test func damagedDeflateIsRefused() throws {
        let directory = (dataDirectory ?? "") + "/mnist/"
        let packed = [UInt8](try Data(contentsOf: URL(fileURLWithPath: directory + "t10k-labels-idx1-ubyte.gz")))
        let images = directory + "t10k-images-idx3-ubyte.gz"
        try withDirectory { temporary in
            for number in 0..<300 {
                var random = CounterGenerator(seed: 5, stream: .search, step: UInt64(number))
                var bytes = packed
                let place = Int.random(in: 40..<bytes.count, using: &random)
                if number % 2 == 0 { bytes.removeSubrange(place...) } else { bytes[place] ^= 0x10 }
                try Files.write(bytes, temporary + "/labels")
                #expect(throws: DatasetError.self) {
                    try ArrayReader(.idx).read(images: DataFile(images), labels: DataFile(temporary + "/labels"))
                }
            }
        }
    }

    private func expect(_ images: ImageSet, mean: [Double], deviation: [Double]?, within bound: Double) throws {
        let all = try Normalization(measuring: images, indices: (0..<Int32(images.count)).map { $0 })
        for (found, expected) in zip(all.mean, mean) { #expect(abs(Double(found) - expected) < bound) }
        for (found, expected) in zip(all.deviation, deviation ?? []) {
            #expect(abs(Double(found) - expected) < bound)
        }
    }
}
