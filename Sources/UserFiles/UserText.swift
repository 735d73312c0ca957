internal import Documents
internal import Foundation
internal import SearchSpaces

/// The text of a file that a user names on a command line.
public enum UserText {
    /// The longest text that is read, in bytes; the limit of a submission.
    public static let longest = 1 << 20

    /// What faults of a path are reported under.
    public static func name(of path: String) -> String { path == "-" ? "standard input" : path }

    /// Reads a file, or standard input for `-`.
    ///
    /// - Throws: ``UserFileError/missing(path:)`` when there is none, `DocumentError.unreadableFile` when it is no text.
    public static func read(_ path: String) throws -> String {
        let descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        let code = errno
        defer { if descriptor >= 0 { close(descriptor) } }
        if descriptor < 0, code == ENOENT || code == ENOTDIR { throw UserFileError.missing(path: path) }
        func unreadable(_ reason: String) -> DocumentError { .unreadableFile(file: name(of: path), reason: reason) }
        guard descriptor >= 0 else {
            throw unreadable("expected a text file, found none to read: \(String(cString: strerror(code)))")
        }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        // No more than tells that it is too long: the name may be that of an endless device.
        while bytes.count <= longest {
            let count = Glibc.read(descriptor, &part, part.count)
            if count == 0 { break }
            if count > 0 {
                bytes += part[..<count]
            } else if errno != EINTR {
                throw unreadable(
                    errno == EISDIR
                        ? "expected a text file, found a folder" : "cannot be read: \(String(cString: strerror(errno)))"
                )
            }
        }
        guard bytes.count <= longest else { throw unreadable("expected at most 1 MiB of text") }
        return try DocumentText.decode(bytes, file: name(of: path))
    }
}
