import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Datasets

/// Whoever looks on while data are read may end it, between any two pictures and any two pieces of a file.
@Suite struct ReadingWatchTests {
    /// Ends reading once it was looked at so often, and notes how often it was and what it was told.
    private final class Onlooker: Sendable {
        private let left: Mutex<Int>
        private let seen = Mutex<(looks: Int, told: [[Int]])>((0, []))

        init(endsAfter looks: Int = .max) { left = Mutex(looks) }

        var looks: Int { seen.withLock { $0.looks } }
        var told: [[Int]] { seen.withLock { $0.told } }
        var watch: ReadingWatch {
            ReadingWatch(progress: { done, all in self.seen.withLock { $0.told.append([done, all]) } }) {
                self.seen.withLock { $0.looks += 1 }
                return self.left.withLock { left in
                    left -= left == .max ? 0 : 1
                    return left < 0
                }
            }
        }
    }

    private func write(_ count: Int, to directory: String) throws -> ImageFolderSource {
        let picture = try PictureFixtures.bytes("grey8.png")
        for index in 0..<count {
            try PictureFixtures.write(["data/\(index % 2 == 0 ? "a" : "b")/\(index).png": picture], to: directory)
        }
        return ImageFolderSource(
            folder: ".", trainFolder: ".", part: .all, height: 4, width: 4, channels: 1, fit: .crop, isStrict: false)
    }

    /// A folder of pictures is looked at between any two; what is cut short leaves nothing, and what is not tells of each.
    @Test func picturesAreDecodedUntilToldOtherwise() throws {
        try withDirectory { directory in
            let source = try write(12, to: directory)
            let folder = DataFolder(directory + "/data").caching(in: directory + "/cache")
            let whole = Onlooker()
            let images = try source.read(in: folder.watched(by: whole.watch), classes: 2)
            #expect(images.count == 12 && whole.told == (0...12).map { [$0, 12] })
            try FileManager.default.removeItem(atPath: directory + "/cache")
            for looks in 0..<whole.looks {
                let onlooker = Onlooker(endsAfter: looks)
                #expect(throws: DatasetError.stopped, "after \(looks)") {
                    try source.read(in: folder.watched(by: onlooker.watch), classes: 2)
                }
                #expect(onlooker.looks == looks + 1 && !FileManager.default.fileExists(atPath: directory + "/cache"))
            }
            // From the cache nothing is decoded, and nobody is told.
            _ = try source.read(in: folder, classes: 2)
            let again = Onlooker()
            #expect(try source.read(in: folder.watched(by: again.watch), classes: 2).pixels == images.pixels)
            #expect(again.told.isEmpty)
        }
    }

    /// Files are looked at piece by piece, packed ones too, and so is what is generated.
    @Test func filesAreReadUntilToldOtherwise() throws {
        try withDirectory { directory in
            let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
            try Files.write(bytes, directory + "/plain")
            try Files.write(Files.gzip(bytes), directory + "/packed.gz")
            for name in ["plain", "packed.gz"] {
                let onlooker = Onlooker(endsAfter: 2)
                #expect(throws: DatasetError.stopped, "\(name)") {
                    try ByteStream(DataFolder(directory).watched(by: onlooker.watch).find(name)).read(1_000_000)
                }
                let free = Onlooker()
                #expect(
                    try ByteStream(DataFolder(directory).watched(by: free.watch).find(name)).read(1_000_000) == bytes)
                #expect(free.looks >= 3)
            }
            let onlooker = Onlooker(endsAfter: 2)
            #expect(throws: DatasetError.stopped) {
                try GlyphGenerator(seed: 0).images(.train, count: 2000, watch: onlooker.watch)
            }
        }
    }
}
