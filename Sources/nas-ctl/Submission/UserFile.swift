internal import API
internal import Foundation
internal import SearchSpaces

/// A file that a user names on the command line.
enum UserFile {
    /// The text of a file, or of standard input for `-`.
    ///
    /// - Throws: `Failure` when there is none, `SearchSpaceError.unreadableFile` when it is no text.
    static func text(of path: String) throws -> String {
        var isFolder: ObjCBool = false
        if path != "-" {
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                throw Failure(code: .notFound, message: "error: there is no file \(path); check the path")
            }
        }
        let name = path == "-" ? "standard input" : path
        guard !isFolder.boolValue, let handle = path == "-" ? .standardInput : FileHandle(forReadingAtPath: path),
            let data = try? read(handle)
        else {
            throw SearchSpaceError.unreadableFile(
                file: name, reason: "expected a YAML file, found \(isFolder.boolValue ? "a folder" : "no permission")")
        }
        guard data.count <= RunFile.longest else {
            throw SearchSpaceError.unreadableFile(file: name, reason: "expected at most 1 MiB")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw SearchSpaceError.unreadableFile(file: name, reason: "expected UTF-8 text, found other bytes")
        }
        return text
    }

    // No more than tells that it is too long: the name may be that of an endless device.
    private static func read(_ handle: FileHandle) throws -> Data {
        var data = Data()
        while data.count <= RunFile.longest, let part = try handle.read(upToCount: 1 << 16), !part.isEmpty {
            data += part
        }
        return data
    }
}
