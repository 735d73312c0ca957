import Foundation
import TestSupport
import Testing

@testable import Datasets

@Suite struct ImageFolderTests {
    private func source(
        _ folder: String = ".", train: String? = nil, _ part: ImageFolderSource.Part = .all, channels: Int = 3,
        strict: Bool = false
    ) -> ImageFolderSource {
        ImageFolderSource(
            folder: folder, trainFolder: train ?? folder, part: part, height: 4, width: 4, channels: channels,
            fit: .crop,
            isStrict: strict)
    }

    private func message(_ body: () throws -> Void) -> String {
        do {
            try body()
            return ""
        } catch {
            return "\(error)"
        }
    }

    /// A folder a class, pictures of either format in the order of their paths.
    @Test func aFolderAClass() throws {
        try withDirectory { directory in
            try PictureFixtures.write(
                [
                    "train/cat/b.png": PictureFixtures.bytes("colour8.png"),
                    "train/cat/a/deep.jpg": PictureFixtures.bytes("colour444.jpg"),
                    "train/ant/1.JPEG": PictureFixtures.bytes("grey.jpg"), "train/ant/.hidden.png": [1],
                    "train/ant/notes.txt": [2], "test/ant/x.png": PictureFixtures.bytes("grey8.png"),
                    "train/above.png": [3],
                ], to: directory)
            let folder = DataFolder(directory), train = source("train")
            #expect(try train.layout(in: folder, classes: 2).count == 3)
            let images = try train.read(in: folder, classes: 2)
            #expect(images.labels == [0, 1, 1] && images.classNames == ["ant", "cat"])
            #expect(images.shapeDescription == "4 x 4 x 3")
            #expect(
                images.notes == [
                    .unsortedPictures(count: 1, first: "above.png"), .otherFiles(count: 1, kinds: [".txt: 1"]),
                ])
            // The test part has the classes of the training part, whether it has pictures of them or not.
            let test = try source("test", train: "train").read(in: folder, classes: 2)
            #expect(test.labels == [0] && test.classNames == ["ant", "cat"])
            #expect(
                message { _ = try train.layout(in: folder, classes: 3) }.contains(
                    "expected 3 classes, as the space has, found 2 folders ('ant', 'cat')"))
            try FileManager.default.createDirectory(atPath: directory + "/test/dog", withIntermediateDirectories: true)
            #expect(
                message { _ = try source("test", train: "train").read(in: folder, classes: 2) }.contains(
                    "one more ('dog')"))
            #expect(message { _ = try source("nowhere").read(in: folder, classes: 2) }.contains("not found"))
        }
    }

    @Test func namesOfClasses() throws {
        #expect(ClassNames.ordered(["10", "9", "1"]) == ["1", "9", "10"])
        #expect(ClassNames.ordered(["b", "a", "10", "B"]) == ["10", "B", "a", "b"])
        #expect(ClassNames.ordered(["1", "01"]) == ["01", "1"])
        try withDirectory { directory in
            let picture = try PictureFixtures.bytes("grey8.png")
            try PictureFixtures.write(
                ["ant/a.png": picture, "bee/b.png": picture, "classes.txt": Array("bee\r\nant\nwasp\n\n".utf8)],
                to: directory)
            let images = try source().read(in: DataFolder(directory), classes: 3)
            #expect(images.classNames == ["bee", "ant", "wasp"] && images.labels == [0, 1])
            for (text, said) in [
                ("bee\nbee\n", "line 2: 'bee' is there twice"), ("\nant\nbee", "line 1: expected a name"),
                ("a\u{7}\n", "line 1: expected a name"), ("\n\n", "holds no samples"), ("bee\n", "one more ('ant')"),
            ] {
                try Files.write(Array(text.utf8), directory + "/classes.txt")
                let found = message { _ = try source().read(in: DataFolder(directory), classes: nil) }
                #expect(found.contains(said), "\(found)")
            }
        }
    }

    /// What cannot be read is named and left out, or ends it where it is to be strict.
    @Test func brokenFiles() throws {
        try withDirectory { directory in
            let png = try PictureFixtures.bytes("colour8.png"), jpeg = try PictureFixtures.bytes("colour444.jpg")
            try PictureFixtures.write(
                [
                    "a/bomb.png": PictureFixtures.bytes("bomb.png"), "a/cut.jpg": Array(jpeg[..<700]),
                    "a/empty.png": [],
                    "a/page.jpg": Array("<!DOCTYPE html><html></html>".utf8), "a/really.png": jpeg, "a/z.png": png,
                    "b/ok16.png": PictureFixtures.bytes("colour16.png"), "b/ink.jpg": PictureFixtures.bytes("cmyk.jpg"),
                ], to: directory)
            try FileManager.default.createDirectory(
                atPath: directory + "/b/folder.png", withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(
                atPath: directory + "/b/out.png", withDestinationPath: "/etc/hostname")
            try FileManager.default.createSymbolicLink(
                atPath: directory + "/b/within.png", withDestinationPath: "ok16.png")
            try FileManager.default.createSymbolicLink(
                atPath: directory + "/b/nothing.png", withDestinationPath: "gone")
            // A pipe that nobody writes to would be waited for.
            #expect(mkfifo(directory + "/b/pipe.png", 0o600) == 0)
            var wrongSum = png
            wrongSum[32] ^= 1
            try Files.write(wrongSum, directory + "/b/sum.png")
            let images = try source().read(in: DataFolder(directory), classes: 2)
            #expect(images.labels == [0, 0, 1, 1, 1])
            let notes = images.notes.map(\.description)
            for said in [
                "a/bomb.png has 100000 x 100000 pixels", "a/cut.jpg is damaged JPEG: Premature end",
                "a/empty.png is empty",
                "a/page.jpg is an HTML page, by its contents", "b/out.png is a link out of the folder of the data",
                "1 picture has the name of another format (a/really.png)", "b/nothing.png cannot be read: No such file",
                "b/pipe.png cannot be read: it is no regular file", "b/sum.png is damaged PNG: ",
            ] {
                #expect(notes.contains { $0.hasPrefix(said) }, "\(said): \(notes)")
            }
            #expect(notes.count == 9)
            let found = message { _ = try source(strict: true).read(in: DataFolder(directory), classes: 2) }
            #expect(found.contains("8 pictures cannot be read:\n  a/bomb.png has 100000"), "\(found)")
            // A network of many broken pictures is told of twenty of them.
            for index in 0..<30 { try Files.write([0], "\(directory)/a/no\(index).png") }
            #expect(
                try source().read(in: DataFolder(directory), classes: 2).notes.contains(
                    .brokenPictures(more: 18, of: 43)))
        }
    }

    @Test func nothingToRead() throws {
        try withDirectory { directory in
            #expect(
                message { _ = try source().layout(in: DataFolder(directory), classes: 2) }.contains("found no folder"))
            try PictureFixtures.write(["a/x.png": [], "b/y.txt": [1]], to: directory)
            #expect(
                message { _ = try source().read(in: DataFolder(directory), classes: 2) }.contains("a/x.png is empty"))
            try FileManager.default.removeItem(atPath: directory + "/a/x.png")
            #expect(
                message { _ = try source().layout(in: DataFolder(directory), classes: 2) }.contains("holds no samples"))
            let deep = (0..<12).map { "d\($0)" }.joined(separator: "/")
            try PictureFixtures.write(["a/\(deep)/x.png": []], to: directory)
            #expect(
                message { _ = try source().layout(in: DataFolder(directory), classes: 2) }.contains(
                    "at most 8 folders within a class's"))
            #expect(
                message { _ = try source(channels: 4).layout(in: DataFolder(directory), classes: 2) }.contains(
                    "expected 1 or 3 for pictures"))
        }
    }

    /// Nothing beside the root of a daemon is opened, whatever the folder is called or linked to.
    @Test func confinedFolders() throws {
        try withDirectory { directory in
            let picture = try PictureFixtures.bytes("grey8.png")
            try PictureFixtures.write(
                ["root/photos/a/x.png": picture, "root/photos/b/y.png": picture, "secret/a/x.png": picture],
                to: directory)
            try FileManager.default.createSymbolicLink(
                atPath: directory + "/root/linked", withDestinationPath: "../secret")
            try FileManager.default.createSymbolicLink(
                atPath: directory + "/root/photos/c", withDestinationPath: "../../secret/a")
            let images = try source().read(in: DataFolder("photos", beneath: directory + "/root"), classes: 2)
            #expect(images.count == 2)
            for name in ["linked", "../secret", "photos/../../secret"] {
                #expect(
                    message { _ = try source().read(in: DataFolder(name, beneath: directory + "/root"), classes: 2) }
                        .contains("leads out of the folder"))
            }
            #expect(
                message {
                    _ = try source("../../secret").read(
                        in: DataFolder("photos", beneath: directory + "/root"), classes: 2)
                }.contains("leads out of the folder"))
        }
    }

    /// A share of each class, the same for a seed, and each picture in one part.
    @Test func drawnTests() throws {
        try withDirectory { directory in
            var files: [String: [UInt8]] = [:]
            let picture = try PictureFixtures.bytes("grey8.png")
            for (name, count) in [("a", 20), ("b", 10), ("c", 2), ("d", 1)] {
                for index in 0..<count { files["\(name)/\(index).png"] = picture }
            }
            try PictureFixtures.write(files, to: directory)
            let folder = DataFolder(directory)
            let train = source(".", .training(testShare: 0.2, seed: 4)), test = source(".", .test(share: 0.2, seed: 4))
            #expect(try train.read(in: folder, classes: 4).classCounts() == [16, 8, 1, 1])
            #expect(try test.read(in: folder, classes: 4).classCounts() == [4, 2, 1, 0])
            #expect(try train.layout(in: folder, classes: 4).count == 26)
            #expect(try test.layout(in: folder, classes: 4).count == 7)
        }
    }

    /// Pictures are decoded once: then images come from the cache, until a file changes or the cache is damaged.
    @Test func theCache() throws {
        try withDirectory { directory in
            try PictureFixtures.write(
                [
                    "data/a/x.png": PictureFixtures.bytes("colour8.png"),
                    "data/b/y.png": PictureFixtures.bytes("colour444.jpg"),
                    "data/b/z.png": [],
                ], to: directory)
            let folder = DataFolder(directory + "/data").caching(in: directory + "/cache")
            let first = try source().read(in: folder, classes: 2)
            #expect(try source().layout(in: folder, classes: 2).cacheBytes > 96)
            let files = try FileManager.default.contentsOfDirectory(atPath: directory + "/cache")
            #expect(files.count == 1)
            let path = "\(directory)/cache/\(files[0])"
            // What the cache has is taken: the picture behind it is no picture any more, of the same size and time.
            let picture = directory + "/data/a/x.png"
            var before = stat()
            #expect(stat(picture, &before) == 0)
            let whole = try Data(contentsOf: URL(filePath: picture))
            try Data(count: whole.count).write(to: URL(filePath: picture))
            #expect(utimensat(AT_FDCWD, picture, [before.st_atim, before.st_mtim], 0) == 0)
            let second = try source().read(in: folder, classes: 2)
            #expect(second.pixels == first.pixels && second.labels == first.labels && second.notes == first.notes)
            // A change is seen by the time.
            #expect(utimensat(AT_FDCWD, picture, [before.st_atim, timespec(tv_sec: 1, tv_nsec: 1)], 0) == 0)
            #expect(try source().read(in: folder, classes: 2).labels == [1])
            // Damaged anywhere, it is made anew.
            try whole.write(to: URL(filePath: picture))
            _ = try source().read(in: folder, classes: 2)
            let good = [UInt8](try Data(contentsOf: URL(filePath: path)))
            for place in stride(from: 0, to: good.count, by: 7) {
                var bad = good
                bad[place] ^= 0x55
                try Data(bad).write(to: URL(filePath: path))
                #expect(try source().read(in: folder, classes: 2).pixels == first.pixels)
            }
            for count in [0, 5, 60, good.count - 1] {
                try Data(good[..<count]).write(to: URL(filePath: path))
                #expect(try source().read(in: folder, classes: 2).labels == first.labels)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory + "/cache").count == 1)
            // A cache that cannot be written is none.
            let nowhere = DataFolder(directory + "/data").caching(in: "/proc/nowhere")
            #expect(try source().read(in: nowhere, classes: 2).pixels == first.pixels)
        }
    }
}
