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

    /// A descriptor at the start of a regular file, the caller's to close, and the bytes of the file.
    func openRegular() throws -> (descriptor: Int32, bytes: Int) {
        let descriptor = try open()
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw DatasetError.unreadable(file: path, reason: "not a regular file")
        }
        return (descriptor, Int(status.st_size))
    }

    /// A descriptor at the file's start, the caller's to close.
    private func open() throws -> Int32 {
        if let opened { return try again(opened.descriptor) }
        // A named pipe would wait for a writer otherwise.
        let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure() }
        return descriptor
    }

    /// The file of a descriptor once more, with an offset of its own: several may read one file at a time.
    private func again(_ descriptor: Int32) throws -> Int32 {
        // Which file that is was settled when it was found; the link leads to no other.
        let other = Foundation.open("/proc/self/fd/\(descriptor)", O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if other >= 0 { return other }
        // Without /proc, or the right to open it anew, the offset is shared.
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw failure() }
        guard lseek(copy, 0, SEEK_SET) == 0 else {
            let error = failure()
            close(copy)
            throw error
        }
        return copy
    }

    /// The bytes of the contents; where the file is gzip, by unpacking it all.
    ///
    /// The size that gzip ends with is that of its last member, modulo 2^32, and so tells nothing.
    ///
    /// - Throws: `DatasetError` when it cannot be read, or its packed contents are damaged.
    func unpackedBytes() throws -> Int {
        let stream = try ByteStream(self)
        guard stream.isPacked else { return stream.most }
        var piece = [UInt8](repeating: 0, count: 1 << 18)
        while try piece.withUnsafeMutableBytes({ try stream.readSome(into: $0) }) == piece.count {}
        return stream.position
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
