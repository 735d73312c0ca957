internal import CSystemCalls
internal import Foundation

/// Paths of whoever runs the program.
enum DataPath {
    /// The whole path, from the root.
    static func whole(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }

    /// Whether there is a regular file, through links.
    static func isFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// The folder of a file, and its name.
    static func split(_ path: String) -> (folder: String, name: String) {
        let url = URL(fileURLWithPath: path)
        return (url.deletingLastPathComponent().path, url.lastPathComponent)
    }
}
