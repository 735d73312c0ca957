import Foundation

/// Whether a file or folder that is in use still is what its path names.
///
/// One that was removed, moved away or covered by a mount goes on to take writes of whoever has it open, and they are lost.
final class FilePresence: Sendable {
    private let path: String
    private let descriptor: Int32

    /// `O_PATH`, which Swift does not see in <fcntl.h>: closing such a descriptor takes no lock of SQLite's away.
    private static let pathOnly: Int32 = 0o10000000

    /// Remembers what a path names now.
    init(_ path: String) throws(StoreError) {
        self.path = path
        descriptor = open(path, Self.pathOnly | O_CLOEXEC)
        guard descriptor >= 0 else { throw StoreError(errno: errno, path: path, doing: "open") }
    }

    deinit { close(descriptor) }

    /// Whether the path names something else now, or nothing.
    var isLost: Bool {
        var now = stat(), then = stat()
        guard fstat(descriptor, &then) == 0 else { return false }
        guard stat(path, &now) == 0 else { return errno == ENOENT || errno == ENOTDIR }
        return now.st_dev != then.st_dev || now.st_ino != then.st_ino
    }
}
