import Foundation
import TestSupport
import Testing

@testable import Datasets

/// Arrays of every type and shape that can be taken, in both formats, and what their headers say before they are read.
@Suite struct ArrayTests {
    static let labels = Files.npy("|u1", "(2,)", [1, 0])

    /// The values 0, 1, 2 and -5 of a type.
    static let images: [(type: String, body: [UInt8])] = [
        ("<f2", Files.little([0, 0x3C00, 0x4000, 0xC500] as [UInt16])), (">f4", bigFloats), (">f8", bigDoubles),
        ("<f4", Files.little(([0, 1, 2, -5] as [Float]).map(\.bitPattern))),
        ("<f8", Files.little(([0, 1, 2, -5] as [Double]).map(\.bitPattern))), ("|i1", [0, 1, 2, 251]),
        (">i2", [0, 0, 0, 1, 0, 2, 255, 251]), ("<i4", Files.little([0, 1, 2, -5] as [Int32])),
        (">i8", Array(Files.little([-5, 2, 1, 0] as [Int64]).reversed())),
    ]

    @Test(arguments: images.indices) func imageTypes(index: Int) throws {
        let (type, body) = Self.images[index]
        let images = try NPYTests.read(Files.npy(type, "(2, 1, 2)", body), Self.labels)
        #expect(images.pixels == .floats([0, 1, 2, -5]))
    }

    @Test(arguments: ["|b1", "<u2", ">u4", "<u8"]) func unsignedImages(type: String) throws {
        let width = Int(String(type.last ?? "1")) ?? 1
        var body: [UInt8] = []
        for value in [0, 1, 1, 0] as [UInt8] {
            let rest = [UInt8](repeating: 0, count: width - 1)
            body += type.hasPrefix(">") ? rest + [value] : [value] + rest
        }
        #expect(try NPYTests.read(Files.npy(type, "(2, 1, 2)", body), Self.labels).pixels == .floats([0, 1, 1, 0]))
    }

    @Test func whatFloatsDoNotHold() throws {
        let huge = Double(1e300).bitPattern
        for (type, body) in [
            ("<i4", Files.little([0, 16_777_217] as [Int32])), ("<f8", Files.little([0, huge])),
        ] {
            let error = #expect(throws: DatasetError.self) {
                try NPYTests.read(Files.npy(type, "(2, 1, 1)", body), Self.labels)
            }
            #expect(error?.description.contains("values that 32-bit floats hold") == true)
        }
        // A pixel is rounded to 32 bits.
        let tenths = Files.little([Double(0.1).bitPattern, Double(0.2).bitPattern])
        #expect(try NPYTests.read(Files.npy("<f8", "(2, 1, 1)", tenths), Self.labels).pixels == .floats([0.1, 0.2]))
    }

    /// The labels 1 and 0 in all shapes and types.
    static let labelled: [(type: String, shape: String, body: [UInt8])] = [
        ("|u1", "(2, 1)", [1, 0]), ("|u1", "(1, 2)", [1, 0]), ("|b1", "(2,)", [1, 0]), ("|u1", "(2L,)", [1, 0]),
        ("|u1", "(np.int64(2),)", [1, 0]), ("|u1", "(numpy.int64(2), 1L)", [1, 0]),
        ("|u1", "(2, 3)", [0, 1, 0, 1, 0, 0]), ("<f4", "(2,)", [0, 0, 0x80, 0x3F, 0, 0, 0, 0]),
        (">i2", "(2,)", [0, 1, 0, 0]),
        ("<f4", "(2, 2)", [0, 0, 0, 0, 0, 0, 0x80, 0x3F, 0, 0, 0x80, 0x3F, 0, 0, 0, 0]),
    ]

    @Test(arguments: labelled.indices) func labelShapes(index: Int) throws {
        let (type, shape, body) = Self.labelled[index]
        let images = Files.npy("|u1", "(2, 1, 1)", [5, 6])
        #expect(try NPYTests.read(images, Files.npy(type, shape, body), classes: 3).labels == [1, 0])
    }

    @Test func orderThatMakesNoDifference() throws {
        let images = Files.npy("|u1", "(2, 1, 1)", [5, 6], fortran: true)
        let labels = Files.npy("|u1", "(2, 1)", [1, 0], fortran: true)
        #expect(try NPYTests.read(images, labels).pixels == .bytes([5, 6]))
    }

    static let idxTypes: [(code: UInt32, body: [UInt8], pixels: ImageSet.Pixels)] = [
        (0x08, [0, 1, 2, 251], .bytes([0, 1, 2, 251])), (0x09, [0, 1, 2, 251], .floats([0, 1, 2, -5])),
        (0x0B, [0, 0, 0, 1, 0, 2, 255, 251], .floats([0, 1, 2, -5])),
        (0x0C, words([0, 1, 2, 0xFFFF_FFFB]), .floats([0, 1, 2, -5])),
        (0x0D, bigFloats, .floats([0, 1, 2, -5])),
        (0x0E, bigDoubles, .floats([0, 1, 2, -5])),
    ]

    @Test(arguments: idxTypes.indices) func valuesOfIDXTypes(index: Int) throws {
        let (code, body, pixels) = Self.idxTypes[index]
        let images = Self.words([code << 8 | 3, 2, 1, 2]) + body
        try withDirectory { folder in
            try Files.write(images, folder + "/x")
            try Files.write(Self.words([0x0C01, 2, 1, 0]), folder + "/y")
            let read = try ArrayReader(.idx).read(images: DataFile(folder + "/x"), labels: DataFile(folder + "/y"))
            #expect(read.pixels == pixels && read.labels == [1, 0] && read.shapeDescription == "1 x 2 x 1")
            // Channels last, and labels as a column.
            try Files.write(Self.words([code << 8 | 4, 2, 1, 1, 2]) + body, folder + "/x")
            try Files.write(Self.words([0x0802, 2, 1]) + [1, 0], folder + "/y")
            let again = try ArrayReader(.idx).read(images: DataFile(folder + "/x"), labels: DataFile(folder + "/y"))
            #expect(again.pixels == pixels && again.labels == [1, 0] && again.shapeDescription == "1 x 1 x 2")
        }
    }

    /// Headers alone say what reading takes: files of many GiB that are all hole, which nobody could read here.
    @Test func layoutsBeforeReading() throws {
        try withDirectory { folder in
            let count = 2_000_000
            for (name, shape, size) in [
                ("x", "(\(count), 224, 224, 3)", count * 224 * 224 * 3), ("y", "(\(count),)", count),
            ] {
                let header = Files.npy("|u1", shape, [])
                try Files.write(header, "\(folder)/\(name).npy")
                #expect(truncate("\(folder)/\(name).npy", off_t(header.count + size)) == 0)
            }
            let source = ImageSource.arrays(.npy, images: "x.npy", labels: "y.npy")
            let layout = try source.layout(in: DataFolder(folder))
            #expect(layout == ImageLayout(count: count, height: 224, width: 224, channels: 3, valueBytes: 1))
            #expect(layout.memoryBytes > count * 224 * 224 * 3 && layout.memoryBytes < count * 224 * 224 * 4)
            // One byte fewer is a file that was cut short.
            #expect(
                truncate(
                    "\(folder)/x.npy",
                    off_t(Files.npy("|u1", "(\(count), 224, 224, 3)", []).count + count * 150_528 - 1)) == 0)
            #expect {
                try source.layout(in: DataFolder(folder))
            } throws: {
                "\($0)".contains("cut short: expected")
            }
        }
    }

    /// Members that pack well, cut anywhere: the size that a file ends with is that of its last member alone.
    @Test(arguments: [[], [1], [3073 * 350], [200_001, 1_000_000], [3072, 3074, 999_999]])
    func packedRecordsOfMembers(cuts: [Int]) throws {
        try withDirectory { folder in
            let labels = (0..<400).map { UInt8($0 % 10) }
            let bytes = labels.flatMap { [$0] + [UInt8](repeating: $0 * 25, count: 3072) }
            let packed = zip([0] + cuts, cuts + [bytes.count]).flatMap { Files.gzipOfRuns(Array(bytes[$0..<$1])) }
            #expect(packed.count * 8 < bytes.count)
            try Files.write(packed, folder + "/x.bin.gz")
            let source = ImageSource.cifar10(["x.bin"])
            let layout = try source.layout(in: DataFolder(folder))
            #expect(layout == ImageLayout(count: 400, height: 32, width: 32, channels: 3, valueBytes: 1))
            #expect(try source.read(in: DataFolder(folder)).labels == labels.map(Int32.init))
            let data = try ImageDataset.load(
                train: source, test: source, directory: DataFolder(folder), holdOut: .init(validation: 350), seed: 1,
                layouts: (layout, layout))
            #expect(data.split.train.count == 50 && data.test.layout == layout)
        }
    }

    /// What is in a packed file is refused while it is counted, at the first record that cannot be one.
    @Test func packedRecordsThatAreNone() throws {
        try withDirectory { folder in
            for (bytes, message) in [
                (Files.cifar([1, 10, 2]), "label 10 of sample 1"),
                (Files.cifar([1]) + [0], "expected 6146 bytes, found 3074"),
                (ContentKindTests.tar("d/x.bin"), "a packed tar archive"),
            ] {
                try Files.write(Files.gzip(bytes), folder + "/x")
                #expect {
                    try ImageSource.cifar10(["x"]).layout(in: DataFolder(folder))
                } throws: {
                    "\($0)".contains(message)
                }
            }
        }
    }

    @Test func headersAndSizesThatReadingRefuses() throws {
        try withDirectory { folder in
            let images = Files.npy("|u1", "(2, 1, 1)", [5, 6]), labels = Files.npy("|u1", "(2,)", [1, 0])
            let wide = Files.npy("|u1", "(2, 4)", [0, 0, 0, 1, 1, 0, 0, 0])
            let many = ImageSet.mostImages + 1
            for (images, labels, message) in [
                (images + [7], labels, "x.npy: more bytes follow the \(images.count)"),
                (images, labels + [7], "y.npy: more bytes follow the \(labels.count)"),
                (images, wide, "found rows of 4 for 3 classes"),
            ] {
                try Files.write(images, folder + "/x.npy")
                try Files.write(labels, folder + "/y.npy")
                let source = ImageSource.arrays(.npy, images: "x.npy", labels: "y.npy")
                let asks: [() throws -> Void] = [
                    { _ = try source.layout(in: DataFolder(folder), classes: 3) },
                    { _ = try source.read(in: DataFolder(folder), classes: 3) },
                ]
                for ask in asks {
                    #expect {
                        try ask()
                    } throws: {
                        "\($0)".contains(message)
                    }
                }
            }
            for (name, shape) in [("x", "(\(many), 1, 1)"), ("y", "(\(many),)")] {
                let header = Files.npy("|u1", shape, [])
                try Files.write(header, "\(folder)/\(name).npy")
                try #require(truncate("\(folder)/\(name).npy", off_t(header.count + many)) == 0)
            }
            #expect {
                try ImageSource.arrays(.npy, images: "x.npy", labels: "y.npy").layout(in: DataFolder(folder))
            } throws: {
                "\($0)".contains("number of images is \(many)")
            }
        }
    }

    /// Two readers of one file that is open already do not move each other's place.
    @Test func readersOfOneOpenFile() throws {
        try withDirectory { folder in
            let bytes = (0..<900_000).map { UInt8(truncatingIfNeeded: $0 / 1000) }
            try Files.write(bytes, folder + "/x")
            let file = try DataFolder(".", beneath: folder).find("x")
            let first = try ByteStream(file), second = try ByteStream(file)
            for piece in 0..<3 {
                let part = Array(bytes[(piece * 300_000)..<((piece + 1) * 300_000)])
                #expect(try first.read(300_000) == part)
                #expect(try second.read(300_000) == part)
            }
        }
    }

    @Test func layoutsOfEveryKind() throws {
        try withDirectory { folder in
            try Files.write(Files.gzip(Files.cifar([1, 2]) + Files.cifar([3])), folder + "/a")
            // Two members: the size at the end is that of the last.
            try Files.write(Files.gzip(Files.cifar([1])) + Files.gzip(Files.cifar([2])), folder + "/b")
            let records = ImageSource.cifar10(["a", "b"])
            #expect(try records.layout(in: DataFolder(folder)).count == 5)
            #expect(try records.read(in: DataFolder(folder)).labels == [1, 2, 3, 1, 2])
            try Files.write(Files.gzip(Files.idxImages()), folder + "/i.gz")
            try Files.write(Files.idxLabels(), folder + "/l")
            let layout = try ImageSource.arrays(.idx, images: "i", labels: "l").layout(in: DataFolder(folder))
            #expect(layout == ImageLayout(count: 4, height: 2, width: 3, channels: 1, valueBytes: 1))
        }
        let glyphs = ImageSource.glyphs(seed: 0, .train, count: 12)
        let drawn = try glyphs.read(in: DataFolder("."))
        let layout = try glyphs.layout(in: DataFolder("."))
        #expect(layout.count == drawn.count && layout.shapeDescription == drawn.shapeDescription)
        #expect(ImageLayout(count: .max, height: .max, width: 2, channels: 1, valueBytes: 4).memoryBytes == .max)
    }

    private static let bigFloats = words(([0, 1, 2, -5] as [Float]).map(\.bitPattern))
    private static let bigDoubles = Array(Files.little(([-5, 2, 1, 0] as [Double]).map(\.bitPattern)).reversed())

    private static func words(_ values: [UInt32]) -> [UInt8] { values.flatMap { Files.big($0) } }
}
