import Foundation
import TestSupport
import Testing

@testable import Datasets

@Suite struct ReaderTests {
    @Test func idxPlainAndPacked() throws {
        try withDirectory { directory in
            let images = Files.idxImages()
            try Files.write(images, directory + "/images")
            try Files.write(Files.idxLabels(), directory + "/labels")
            let plain = try ArrayReader(.idx).read(
                images: DataFile(directory + "/images"), labels: DataFile(directory + "/labels"))
            #expect(plain.count == 4 && plain.height == 2 && plain.width == 3 && plain.channels == 1)
            #expect(plain.labels == [0, 1, 2, 1])
            #expect(plain.classes == 3)
            #expect(plain.pixels == .bytes((0..<24).map { UInt8($0) }))
            // Two members one after the other are one file.
            try Files.write(Files.gzip(Array(images[..<9])) + Files.gzip(Array(images[9...])), directory + "/two")
            let packed = try ArrayReader(.idx).read(
                images: DataFile(directory + "/two"), labels: DataFile(directory + "/labels"), classes: 3)
            #expect(packed.pixels == plain.pixels)
        }
    }

    @Test func namesAreFoundWithAndWithoutSuffix() throws {
        try withDirectory { directory in
            try Files.write(Files.gzip(Files.idxImages()), directory + "/images.gz")
            try Files.write(Files.idxLabels(), directory + "/labels")
            let pair = ImageSource.arrays(.idx, images: "images", labels: "labels.gz")
            let data = try ImageDataset.load(
                train: pair, test: pair, directory: DataFolder(directory), holdOut: .init(validation: 1, sampler: 1),
                seed: 1)
            #expect(data.split.train.count == 2)
            let missing = ImageSource.arrays(.idx, images: "nowhere", labels: "labels")
            #expect {
                try ImageDataset.load(
                    train: missing, test: pair, directory: DataFolder(directory), holdOut: .init(validation: 1), seed: 1
                )
            } throws: {
                "\($0)".contains("'nowhere' not found") && "\($0)".contains("\(directory)/nowhere.gz")
            }
        }
    }

    @Test func partsMustAgree() throws {
        try withDirectory { directory in
            try Files.write(Files.idxImages(), directory + "/a")
            try Files.write(Files.idxImages(height: 3, width: 2), directory + "/b")
            try Files.write(Files.idxLabels(), directory + "/l")
            try Files.write(Files.idxLabels([0, 1, 2, 3]), directory + "/m")
            for (images, labels, message) in [("b", "l", "images of one shape"), ("a", "m", "label 3 of sample 3")] {
                #expect {
                    try ImageDataset.load(
                        train: .arrays(.idx, images: "a", labels: "l"),
                        test: .arrays(.idx, images: images, labels: labels), directory: DataFolder(directory),
                        holdOut: .init(validation: 1), seed: 1)
                } throws: {
                    "\($0)".contains(message)
                }
            }
        }
    }

    /// What is wrong with a pair of IDX files, and what the message must say.
    static let idxFaults: [(images: [UInt8], labels: [UInt8], message: String)] = {
        let images = Files.idxImages()
        let labels = Files.idxLabels()
        let packed = Files.gzip(images)
        var damaged = packed
        damaged[damaged.count - 6] ^= 0x55
        return [
            ([], labels, "images: holds no samples"),
            (images, [], "labels: holds no samples"),
            (labels, images, "expected magic 0x00000801, found 0x00000803"),
            (images, Files.idxLabels(magic: 0xA01), "found 0x00000a01"),
            (Array(images[..<3]), labels, "images: more bytes|images: cut short|at most 3 bytes"),
            (Array(images[..<30]), labels, "images: cut short: expected 40 bytes, found 30"),
            (Files.idxImages(count: 5, pixels: 24), labels, "cut short"),
            (Files.idxImages(count: 3, pixels: 18), labels, "holds 3 images but"),
            (images + [0], labels, "images: more bytes follow the 40"),
            (images, labels + [0], "labels: more bytes follow the 12"),
            (images, Files.idxLabels(count: 5), "labels: cut short"),
            (images, Files.idxLabels([0, 1, 9, 3]), "label 9 of sample 2 is outside 0..<4"),
            (Files.idxImages(count: 0, pixels: 0), labels, "images: holds no samples"),
            (Files.idxImages(height: 0, pixels: 0), labels, "image shape 0 x 3"),
            (Files.idxImages(count: .max, height: .max, width: .max), labels, "the header claims 4294967295 x"),
            (Files.idxImages(count: .max, height: 65536, width: 1), labels, "the header claims 4294967295 x"),
            (images, Files.idxLabels(count: .max), "the header claims 4294967295 labels"),
            (Array(packed[..<(packed.count - 4)]), labels, "damaged gzip data: the data end too early"),
            (Array(packed[..<20]), labels, "damaged gzip data"),
            (damaged, labels, "damaged gzip data: incorrect data check"),
            (packed + [1, 2, 3], labels, "bytes that are not gzip follow"),
            (packed + Files.gzip([7]), labels, "more bytes follow the 40"),
        ]
    }()

    @Test(arguments: idxFaults.indices) func idxFault(index: Int) throws {
        let fault = Self.idxFaults[index]
        try withDirectory { directory in
            try Files.write(fault.images, directory + "/images")
            try Files.write(fault.labels, directory + "/labels")
            #expect {
                try ArrayReader(.idx).read(
                    images: DataFile(directory + "/images"), labels: DataFile(directory + "/labels"), classes: 4)
            } throws: { error in
                let said = fault.message.split(separator: "|").contains { "\(error)".contains($0) }
                if !said { print("fault \(index) said: \(error)") }
                return error is DatasetError && said
            }
        }
    }

    @Test func directoriesAreRefused() throws {
        try withDirectory { directory in
            #expect {
                try CIFARReader.read(files: [DataFile(directory)])
            } throws: {
                "\($0)".contains("not a regular file")
            }
        }
    }

    @Test func cifarFiles() throws {
        try withDirectory { directory in
            try Files.write(Files.cifar([3, 9]), directory + "/a")
            try Files.write(Files.gzip(Files.cifar([0])), directory + "/b")
            let images = try CIFARReader.read(files: [DataFile(directory + "/a"), DataFile(directory + "/b")])
            #expect(images.labels == [3, 9, 0])
            guard case .bytes(let pixels) = images.pixels else { return }
            #expect(Array(pixels[..<6]) == [0, 80, 160, 1, 81, 161])
            #expect(Array(pixels[(2 * 3072)..<(2 * 3072 + 3)]) == [0, 80, 160])
            let faults: [([UInt8], String)] = [
                ([], "holds no samples"), (Files.gzip([]), "holds no samples"),
                (Files.cifar([1]) + [0], "expected 6146 bytes, found 3074"),
                (Array(Files.cifar([1]).dropLast()), "expected 3073 bytes, found 3072"),
                (Files.cifar([1, 10]), "label 10 of sample 1 is outside 0..<10"),
            ]
            for (bytes, message) in faults {
                try Files.write(bytes, directory + "/c")
                #expect {
                    try CIFARReader.read(files: [DataFile(directory + "/a"), DataFile(directory + "/c")])
                } throws: {
                    "\($0)".hasPrefix(directory + "/c") && "\($0)".contains(message)
                }
            }
            #expect(throws: DatasetError.self) { try CIFARReader.read(files: []) }
        }
    }
}
