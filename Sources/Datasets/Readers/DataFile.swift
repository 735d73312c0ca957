import Foundation

/// A data file: one that is named by its path, or one that was found inside a confined folder and is open already.
public struct DataFile: Sendable {
    /// What errors name.
    public let path: String
    private let opened: OpenFile?

    /// Names a file, which is opened when it is read.
    public init(_ path: String) {
        self.path = path
        opened = nil
    }

    /// Takes over an open descriptor.
    init(_ path: String, descriptor: Int32) {
        self.path = path
        opened = OpenFile(descriptor)
    }

    /// A descriptor at the file's start, the caller's to close.
    func open() throws -> Int32 {
        if let opened {
            let descriptor = fcntl(opened.descriptor, F_DUPFD_CLOEXEC, 0)
            guard descriptor >= 0, lseek(descriptor, 0, SEEK_SET) == 0 else { throw failure() }
            return descriptor
        }
        // A named pipe would wait for a writer otherwise.
        let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure() }
        return descriptor
    }

    private func failure() -> DatasetError {
        .unreadable(file: path, reason: String(cString: strerror(errno)))
    }

    /// Closes its descriptor with the last copy of the file.
    private final class OpenFile: Sendable {
        let descriptor: Int32
        init(_ descriptor: Int32) { self.descriptor = descriptor }
        deinit { close(descriptor) }
    }
}
