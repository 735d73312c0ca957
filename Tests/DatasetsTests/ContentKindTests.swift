import Foundation
import TestSupport
import Testing

@testable import Datasets

/// One format given under the name of another: what it is, and what to do.
@Suite struct ContentKindTests {
    struct Foreign: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        let said: String
        let remedy: String
        /// The formats that it must not be taken for.
        var formats = ["idx", "npy", "cifar10"]
        var testDescription: String { name }
    }

    static let all: [Foreign] = servers + archives + pictures + arrays

    private static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static let servers: [Foreign] = [
        Foreign(
            name: "page", bytes: text("\n<!DOCTYPE html>\n<html><body>gone</body></html>"), said: "an HTML page",
            remedy: "fetch the file itself"),
        Foreign(
            name: "XML", bytes: text("<?xml version=\"1.0\"?><Error/>"), said: "an XML document",
            remedy: "fetch the file itself"),
        Foreign(
            name: "LFS", bytes: text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"),
            said: "a pointer of Git LFS", remedy: "git lfs pull"),
        Foreign(name: "annex", bytes: text("/annex/objects/MD5-s3--0\n"), said: "git-annex", remedy: "git annex get"),
        Foreign(
            name: "message", bytes: text("404: Not Found"), said: "a text file", remedy: "name the file of the data"),
        Foreign(
            name: "zeros", bytes: [UInt8](repeating: 0, count: 5000), said: "nothing but zeros",
            remedy: "fetch the file again"),
    ]

    private static let zip: [UInt8] = [0x50, 0x4B, 3, 4] + [UInt8](repeating: 0, count: 90)
    private static let npz: [UInt8] = Array(zip[..<26]) + [5, 0, 0, 0] + text("x.npy") + [1, 2, 3]

    private static let archives: [Foreign] = [
        Foreign(
            name: "tar", bytes: tar("cifar-10-batches-bin/data_batch_1.bin"),
            said: "a tar archive of cifar-10-batches-bin", remedy: "tar -xf"),
        Foreign(name: "old tar", bytes: tar("images", magic: ""), said: "a tar archive of images", remedy: "tar -xf"),
        Foreign(
            name: "tar.gz", bytes: Files.gzip(tar("d/x.bin")), said: "a packed tar archive (.tar.gz) of d",
            remedy: "tar -xf"),
        Foreign(
            name: "tar of pickles", bytes: Files.gzip(tar("cifar-10-batches-py/data_batch_1")),
            said: "of cifar-10-batches-py", remedy: "cifar-10-binary.tar.gz"),
        Foreign(name: "zip", bytes: zip, said: "a zip archive", remedy: "unzip"),
        Foreign(name: "npz", bytes: npz, said: "(.npz)", remedy: "data.format: npz"),
        Foreign(
            name: "bzip2", bytes: text("BZh91AY&SY") + [1, 2], said: "packed by bzip2", remedy: "gzip alone is read"),
        Foreign(name: "xz", bytes: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0, 0, 4], said: "packed by xz", remedy: "unxz"),
        Foreign(
            name: "gzip twice", bytes: Files.gzip(Files.gzip([1, 2, 3])), said: "gzip within gzip",
            remedy: "unpack it once"),
    ]

    private static let pictures: [Foreign] = [
        Foreign(
            name: "PNG", bytes: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0], said: "a PNG picture",
            remedy: "data.format: image-folder"),
        Foreign(
            name: "JPEG", bytes: [0xFF, 0xD8, 0xFF, 0xE0, 0, 16, 0x4A, 0x46], said: "a JPEG picture",
            remedy: "data.format: image-folder"),
        Foreign(
            name: "HDF5", bytes: [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A, 0], said: "an HDF5 file",
            remedy: "numpy.save"),
        Foreign(name: "table", bytes: text("label,p0,p1\n5,0,12\n"), said: "a table (CSV)", remedy: "data.format: csv"),
    ]

    private static let pickle: [UInt8] =
        [0x80, 0x02, 0x7D, 0x71, 0x01] + text("(U\u{0B}batch_label") + [UInt8](repeating: 9, count: 400)
    private static let cifar100: [UInt8] = {
        var bytes: [UInt8] = []
        for record in 0..<40 {
            bytes += [UInt8(record % 20), UInt8(record % 100)]
            for place in 0..<3072 { bytes.append(UInt8((place * 7 + record * 31) % 256)) }
        }
        return bytes
    }()

    private static let arrays: [Foreign] = [
        Foreign(name: "pickle", bytes: pickle, said: "a Python pickle", remedy: "cifar-10-binary.tar.gz"),
        Foreign(
            name: "pickle of Python 2", bytes: text("(dp1\nS'data'\np2\n"), said: "a Python pickle",
            remedy: "numpy.save"),
        Foreign(
            name: "CIFAR-100", bytes: cifar100, said: "CIFAR-100 records", remedy: "data.format: cifar100"),
        Foreign(
            name: "CIFAR-10", bytes: Files.cifar([3, 1, 9]), said: "CIFAR-10 records", remedy: "data.format: cifar10",
            formats: ["idx", "npy"]),
        Foreign(
            name: "array", bytes: Files.npy("|u1", "(2, 2, 3)", NPYTests.pixels), said: "a NumPy array",
            remedy: "data.format: npy", formats: ["idx", "cifar10"]),
        Foreign(
            name: "IDX", bytes: Files.idxImages(), said: "an IDX file", remedy: "data.format: idx",
            formats: ["npy", "cifar10"]),
    ]

    /// A block of a tar archive with its checksum.
    static func tar(_ name: String, magic: String = "ustar") -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 1024)
        block.replaceSubrange(0..<name.utf8.count, with: Array(name.utf8))
        block.replaceSubrange(100..<107, with: Array("0000644".utf8))
        block.replaceSubrange(257..<(257 + magic.utf8.count), with: Array(magic.utf8))
        block.replaceSubrange(148..<156, with: [UInt8](repeating: 0x20, count: 8))
        let sum = String(block[..<512].reduce(0) { $0 + Int($1) }, radix: 8)
        block.replaceSubrange(148..<154, with: Array((String(repeating: "0", count: 6 - sum.count) + sum).utf8))
        block[154] = 0
        return block
    }

    @Test(arguments: all) func isNamed(_ foreign: Foreign) throws {
        try withDirectory { folder in
            try Files.write(foreign.bytes, folder + "/x")
            try Files.write(Files.idxLabels(), folder + "/labels.idx")
            try Files.write(NPYTests.labels, folder + "/labels.npy")
            let directory = DataFolder(folder)
            for format in foreign.formats {
                let source: ImageSource =
                    switch format {
                    case "idx": .arrays(.idx, images: "x", labels: "labels.idx")
                    case "npy": .arrays(.npy, images: "x", labels: "labels.npy")
                    default: .cifar10(["x"])
                    }
                let error = #expect(throws: DatasetError.self) { try source.read(in: directory) }
                let message = error.map { "\($0)" } ?? ""
                #expect(message.contains(foreign.said) && message.contains(foreign.remedy), "\(format): \(message)")
                #expect(message.hasPrefix(folder + "/x: expected "))
            }
        }
    }

    /// Sizes, for which packed contents are unpacked to their end, are asked for only where nothing else tells, and once.
    @Test func sizesAreAskedForLast() {
        for (bytes, expected) in [
            (Self.tar("d/x.bin"), 0), (Self.zip, 0), (Self.pickle, 0), (Array("a text".utf8), 0),
            (Files.cifar([3, 1, 9]), 1), (Self.cifar100, 1),
        ] {
            var asked = 0
            let kind = ContentKind.of(bytes, isPacked: true) {
                asked += 1
                return bytes.count
            }
            #expect(kind != nil && asked == expected)
        }
    }

    /// Sound records are never looked at twice, whatever their first bytes happen to be.
    @Test func recordsThatBeginLikeSomethingElse() throws {
        try withDirectory { folder in
            var bytes = Files.cifar([0, 1])
            bytes.replaceSubrange(0..<4, with: [0, 0, 8, 3])
            try Files.write(bytes, folder + "/x")
            #expect(try CIFARReader.read(files: [DataFile(folder + "/x")]).labels == [0, 1])
        }
    }
}
