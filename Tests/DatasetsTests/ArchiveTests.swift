import Foundation
import TestSupport
import Testing

@testable import Datasets

/// Archives of NumPy arrays, and names of classes beside arrays and records.
@Suite struct ArchiveTests {
    private static func fixture(_ name: String) throws -> [UInt8] {
        let folder = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
        return [UInt8](try Data(contentsOf: folder.appending(path: "arrays/\(name)")))
    }

    private static func source(_ file: String = "a.npz", images: String = "x_train", labels: String = "y_train")
        -> ImageSource
    {
        .archive(file: file, images: images, labels: labels)
    }

    @Test(arguments: ["stored.npz", "packed.npz"]) func arrays(name: String) throws {
        try withDirectory { directory in
            try Files.write(Self.fixture(name), directory + "/a.npz")
            let folder = DataFolder(directory)
            #expect(
                try Self.source().layout(in: folder, classes: 3)
                    == .init(count: 4, height: 2, width: 2, channels: 3, valueBytes: 1))
            let train = try Self.source().read(in: folder, classes: 3)
            #expect(train.pixels == .bytes((0..<48).map { UInt8($0) }) && train.labels == [0, 1, 2, 0])
            let test = try Self.source(images: "x_test.npy", labels: "y_test").read(in: folder, classes: 3)
            #expect(test.pixels == .bytes((48..<72).map { UInt8($0) }) && test.labels == [1, 2])
            #expect {
                try Self.source(images: "train").read(in: folder, classes: 3)
            } throws: {
                "\($0)".contains("expected an array called train, found 'x_train', 'y_train', 'x_test', 'y_test'")
            }
            // Within a root of a daemon, too.
            #expect(try Self.source().read(in: DataFolder(".", beneath: directory), classes: 3).pixels == train.pixels)
        }
    }

    /// Cut anywhere or with a byte changed: what it was or an error, never other data.
    @Test(arguments: ["stored.npz", "packed.npz"]) func damaged(name: String) throws {
        try withDirectory { directory in
            let bytes = try Self.fixture(name)
            let folder = DataFolder(directory)
            func read(_ bytes: [UInt8]) throws -> ImageSet? {
                try Files.write(bytes, directory + "/a.npz")
                return try? Self.source().read(in: folder, classes: 3)
            }
            let whole = try #require(try read(bytes))
            for count in stride(from: 1, to: bytes.count, by: 37) { #expect(try read(Array(bytes[..<count])) == nil) }
            for place in stride(from: 0, to: bytes.count, by: 3) {
                var changed = bytes
                changed[place] ^= 0x41
                if let images = try read(changed) {
                    #expect(images.pixels == whole.pixels && images.labels == whole.labels, "byte \(place)")
                }
            }
        }
    }

    @Test func hundredClasses() throws {
        try withDirectory { directory in
            var bytes: [UInt8] = []
            for (coarse, fine) in [(3, 99), (19, 0)] {
                bytes += [UInt8(coarse), UInt8(fine)]
                for channel in 0..<3 { bytes += [UInt8](repeating: UInt8(channel * 10 + fine % 7), count: 1024) }
            }
            try Files.write(bytes, directory + "/train.bin")
            try Files.write(Array((0..<100).map { "name\($0)\n" }.joined().utf8), directory + "/fine_label_names.txt")
            let folder = DataFolder(directory), source = ImageSource.cifar100(["train.bin"])
            #expect(try source.layout(in: folder).count == 2)
            let images = try source.read(in: folder)
            #expect(images.labels == [99, 0] && images.classes == 100 && images.classNames?[99] == "name99")
            var expected: [UInt8] = []
            for shade in [UInt8(1), 0] { for _ in 0..<1024 { expected += [shade, 10 + shade, 20 + shade] } }
            #expect(images.pixels == .bytes(expected))
            let cases: [(place: Int, value: UInt8, said: String)] = [
                (0, 20, "label 20 of sample 0 is outside 0..<20"), (3075, 100, "outside 0..<100"),
            ]
            for (place, value, said) in cases {
                var bad = bytes
                bad[place] = value
                try Files.write(bad, directory + "/bad.bin")
                #expect {
                    try ImageSource.cifar100(["bad.bin"]).read(in: folder)
                } throws: {
                    "\($0)".contains(said)
                }
            }
            try Files.write(Array(bytes.dropLast()), directory + "/bad.bin")
            #expect(throws: DatasetError.self) { try ImageSource.cifar100(["bad.bin"]).layout(in: folder) }
        }
    }

    /// Names come from classes.txt, and from the file of the published set where there is none; another number of them is told.
    @Test func namesOfClasses() throws {
        try withDirectory { directory in
            try Files.write(Files.cifar([3, 1, 9]), directory + "/a.bin")
            let folder = DataFolder(directory), source = ImageSource.cifar10(["a.bin"])
            #expect(try source.read(in: folder).classNames == nil)
            try Files.write(Array((0..<10).map { "old\($0)\n" }.joined().utf8), directory + "/batches.meta.txt")
            #expect(try source.read(in: folder).classNames?[9] == "old9")
            try Files.write(Array((0..<10).map { "new\($0)\n" }.joined().utf8), directory + "/classes.txt")
            #expect(try source.read(in: folder).classNames?[9] == "new9")
            try Files.write(Array("a\nb".utf8), directory + "/classes.txt")
            let images = try source.read(in: folder)
            #expect(
                images.classNames == nil && images.notes == [.otherNames(file: "classes.txt", names: 2, classes: 10)])
        }
    }
}
