import Foundation
import Testing

@testable import Datasets

/// The pictures of `Fixtures/pictures`, which `make_pictures.py` made, with what Pillow sees in them.
enum PictureFixtures {
    struct Shown: Decodable {
        let height: Int
        let width: Int
        let pixels: [UInt8]
    }

    static var folder: URL {
        get throws {
            try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil)).appending(path: "pictures")
        }
    }

    static func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: folder.appending(path: name))) }

    static func shown(_ name: String) throws -> Shown {
        let all = try JSONDecoder().decode(
            [String: Entry].self, from: Data(contentsOf: folder.appending(path: "expected.json")))
        return try #require(all[name]?.shown)
    }

    static func resized(_ name: String) throws -> [UInt8] {
        let all = try JSONDecoder().decode(
            [String: Entry].self, from: Data(contentsOf: folder.appending(path: "expected.json")))
        return try #require(all["resized"]?.sizes?[name])
    }

    private struct Entry: Decodable {
        let shown: Shown?
        let sizes: [String: [UInt8]]?

        init(from decoder: any Decoder) throws {
            shown = try? Shown(from: decoder)
            sizes = shown == nil ? try [String: [UInt8]](from: decoder) : nil
        }
    }

    /// A folder of pictures: names of fixtures and of files below the folder, or bytes.
    static func write(_ files: [String: [UInt8]], to directory: String) throws {
        for (path, bytes) in files {
            let url = URL(filePath: "\(directory)/\(path)")
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: url)
        }
    }
}
