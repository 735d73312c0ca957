internal import Documents
internal import Foundation
internal import SearchSpaces

/// A file that holds a secret: others have no access to it, and its group does not change it.
public enum SecretFile {
    /// Why a file is not taken.
    public enum Fault: Error, Sendable, Hashable {
        /// The system does not open or read it.
        case unreadable(reason: String)
        /// It is a folder, a device or the like.
        case notRegular
        /// Others have access to it, or its group may change it.
        case exposed(mode: String)
    }

    /// Why a file that is exposed is not taken; the remedy is ``remedy(for:)``.
    public static let exposure = "may be read or changed by others"

    /// The command that keeps others from a file.
    public static func remedy(for path: String) -> String { TerminalText.command(["chmod", "600", path]) }

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - most: The most bytes that are read.
    ///   - acceptsPipe: Whether it may be a pipe, as a shell makes one for `<(command)`.
    public static func read(_ path: String, most: Int, acceptsPipe: Bool = false) throws(Fault) -> [UInt8] {
        func unreadable() -> Fault { .unreadable(reason: String(cString: strerror(errno))) }
        guard !path.utf8.contains(0) else { throw .unreadable(reason: "its name holds a NUL") }
        // Opened once, so that what is checked is what is read. A pipe that is none of ours must not hold the thread.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | (acceptsPipe ? 0 : O_NONBLOCK))
        guard descriptor >= 0 else { throw unreadable() }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw unreadable() }
        let type = status.st_mode & S_IFMT
        guard type == S_IFREG || (acceptsPipe && type == S_IFIFO) else { throw .notRegular }
        guard status.st_mode & 0o027 == 0 else { throw .exposed(mode: String(status.st_mode & 0o7777, radix: 8)) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4096)
        while bytes.count < most {
            let count = Foundation.read(descriptor, &part, min(part.count, most - bytes.count))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw unreadable() }
            if count == 0 { break }
            bytes += part[..<count]
        }
        return bytes
    }
}
