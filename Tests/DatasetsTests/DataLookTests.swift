import Foundation
import TestSupport
import Testing

@testable import Datasets

/// What is found out by looking at data that somebody has.
@Suite struct DataLookTests {
    private func look(_ path: String, target: String? = nil) throws -> DataLook {
        try DataLook.find(
            at: path, seed: 1,
            table: .init(target: target, missing: ["", "?", "NA", "nan"], missingNumbers: ["NaN", "null"]))
    }

    private func value(_ look: DataLook, _ key: String) -> DataLook.Key.Value? {
        look.keys.first { $0.name == key }?.value
    }

    @Test func folders() throws {
        try withDirectory { directory in
            var files: [String: [UInt8]] = [:]
            for (folder, picture) in [("ant", "grey8.png"), ("bee", "grey16.png"), ("cow", "grey.jpg")] {
                for index in 0..<10 {
                    files["\(folder)/\(index).\(picture.suffix(3))"] = try PictureFixtures.bytes(picture)
                }
            }
            try PictureFixtures.write(files, to: directory)
            let drawn = try look(directory)
            #expect(drawn.format == "image-folder" && drawn.classes == 3 && drawn.count == 24 && drawn.testCount == 6)
            #expect(drawn.input == .image(height: 28, width: 28, channels: 1) && drawn.validation == 4)
            #expect(value(drawn, "train") == .section([.init("folder", .text("."))]))
            try withDirectory { other in
                for (path, bytes) in files {
                    try PictureFixtures.write(["train/\(path)": bytes, "test/\(path)": bytes], to: other)
                }
                try PictureFixtures.write(["train/ant/big.png": PictureFixtures.bytes("resized.png")], to: other)
                let parts = try look(other)
                #expect(parts.count == 31 && parts.testCount == 30)
                #expect(parts.input == .image(height: 28, width: 28, channels: 3))
                #expect(value(parts, "test") == .section([.init("folder", .text("test"))]))
            }
        }
    }

    @Test func arrays() throws {
        try withDirectory { directory in
            let folder = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
            try Files.write(
                [UInt8](Data(contentsOf: folder.appending(path: "arrays/packed.npz"))), directory + "/a.npz")
            for path in [directory, directory + "/a.npz"] {
                let archive = try look(path)
                #expect(archive.format == "npz" && archive.classes == 3 && archive.count == 4 && archive.testCount == 2)
                #expect(
                    value(archive, "test")
                        == .section([
                            .init("file", .text("a.npz")), .init("images", .text("x_test")),
                            .init("labels", .text("y_test")),
                        ]))
            }
        }
        try withDirectory { directory in
            for name in ["train", "t10k"] {
                try Files.write(Files.idxImages(), "\(directory)/\(name)-images-idx3-ubyte")
                try Files.write(Files.idxLabels(), "\(directory)/\(name)-labels-idx1-ubyte")
            }
            let idx = try look(directory)
            #expect(idx.format == "idx" && idx.input == .image(height: 2, width: 3, channels: 1) && idx.classes == 3)
        }
        try withDirectory { directory in
            for name in ["data_batch_1.bin", "test_batch.bin"] {
                try Files.write(Files.cifar([3, 1, 9]), "\(directory)/\(name)")
            }
            let records = try look(directory)
            #expect(records.format == "cifar10" && records.classes == 10 && records.count == 3)
            #expect(value(records, "train") == .section([.init("files", .list(["data_batch_1.bin"]))]))
        }
    }

    @Test func tables() throws {
        try withDirectory { directory in
            let kinds = ["red", "green"]
            let rows = (0..<100).map { "\($0),\(kinds[$0 % 2]),\($0 % 3)" }
            try Files.write(Array((["size,colour,species"] + rows).joined(separator: "\n").utf8), directory + "/t.csv")
            let classes = try look(directory)
            #expect(classes.format == "csv" && classes.classes == 3 && classes.input == .numbers(3))
            #expect(classes.count == 80 && classes.testCount == 20)
            #expect(value(classes, "target") == .text("species") && value(classes, "categorical") == .list(["colour"]))
            let numbers = try look(directory + "/t.csv", target: "size")
            #expect(numbers.classes == nil && value(numbers, "target") == .text("size"))
            #expect {
                try look(directory, target: "weight")
            } throws: {
                "\($0)".contains("'size', 'colour', 'species'")
            }
            // A file that is named is meant, whatever lies beside it.
            for folder in ["ant", "bee"] {
                let bytes = try PictureFixtures.bytes("grey8.png")
                try PictureFixtures.write(["\(folder)/1.png": bytes, "\(folder)/2.png": bytes], to: directory)
            }
            #expect(try look(directory + "/t.csv").format == "csv" && look(directory).format == "image-folder")
            for folder in ["ant", "bee"] { try FileManager.default.removeItem(atPath: "\(directory)/\(folder)") }
            // Columns that are counted have no other name.
            let counted = rows.map { row in "\(kinds[row.count % 2]),\(row.prefix(1)),1,2,3" }
            try Files.write(Array((["kind,1,2,3,4"] + counted).joined(separator: "\n").utf8), directory + "/t.csv")
            let named = try look(directory)
            #expect(value(named, "header") == .plain("true") && value(named, "target") == .text("kind"))
            // Without a header the only column of texts is told, or else the last: as a number where some value is rare.
            try Files.write(Array(rows.joined(separator: "\n").utf8), directory + "/t.csv")
            let bare = try look(directory)
            #expect(
                value(bare, "header") == .plain("false") && value(bare, "target") == .text("c2") && bare.classes == 2)
            let plain = (0..<100).map { "\($0 * 7 % 13),\($0 == 5 ? 9 : $0 % 3)" }
            try Files.write(Array(plain.joined(separator: "\n").utf8), directory + "/t.csv")
            let rare = try look(directory)
            #expect(value(rare, "target") == .text("c2") && rare.classes == nil)
        }
    }

    @Test func nothingThatIsKnown() throws {
        try withDirectory { directory in
            #expect {
                try look(directory)
            } throws: {
                "\($0)".contains("found nothing")
            }
            try Files.write([1, 2, 3], directory + "/weights.pt")
            #expect {
                try look(directory)
            } throws: {
                "\($0)".contains("found weights.pt")
            }
            #expect(throws: DatasetError.self) { try look(directory + "/nowhere") }
            try PictureFixtures.write(["only/a.png": PictureFixtures.bytes("grey8.png")], to: directory)
            #expect {
                try look(directory)
            } throws: {
                "\($0)".contains("a folder for each of two classes or more")
            }
        }
    }
}
