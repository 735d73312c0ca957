internal import API
internal import Foundation
internal import SearchSpaces

/// A run or space file that a user names on the command line.
enum UserFile {
    /// The text of a file, or a failure that says what is wrong with it.
    static func text(of path: String) throws -> String {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw Failure(code: .notFound, message: "error: there is no file \(path); check the path")
        }
        guard !isFolder.boolValue, let data = FileManager.default.contents(atPath: path) else {
            throw SearchSpaceError.unreadableFile(
                file: path, reason: "expected a YAML file, found \(isFolder.boolValue ? "a folder" : "no permission")")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw SearchSpaceError.unreadableFile(file: path, reason: "expected UTF-8 text, found other bytes")
        }
        return text
    }
}
