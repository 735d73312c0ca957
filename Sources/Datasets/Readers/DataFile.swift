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

    /// The bytes of the contents, unpacked where the file is gzip.
    ///
    /// - Throws: `DatasetError` when it cannot be read, or its packed contents are damaged.
    func unpackedBytes() throws -> Int {
        let (descriptor, size) = try openRegular()
        defer { close(descriptor) }
        var start: [UInt8] = [0, 0], end: [UInt8] = [0, 0, 0, 0]
        guard pread(descriptor, &start, 2, 0) == 2, start == [0x1F, 0x8B],
            pread(descriptor, &end, 4, off_t(size - 4)) == 4
        else { return size }
        // Gzip ends with the size of its last member, modulo 2^32; data that packing makes larger hardly grow.
        let said = end.reversed().reduce(0) { $0 << 8 | Int($1) }
        if said >= size - size / 512 - 64 { return said }
        return try countedBytes()
    }

    /// The bytes of the contents, by unpacking them all.
    private func countedBytes() throws -> Int {
        let stream = try ByteStream(self)
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
