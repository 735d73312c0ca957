internal import Foundation

/// A file that is open for reading by place, closed with its last reference.
final class OpenFile: Sendable {
    private let descriptor: Int32
    /// Where reading starts in the file.
    private let start: Int
    /// Bytes from there on.
    let size: Int

    /// Opens a part of a regular file; nil when there is none.
    ///
    /// - Parameters:
    ///   - offset: Where the part begins; past the end, the part is empty.
    ///   - most: The most bytes of it.
    init?(path: String, offset: Int = 0, most: Int = .max) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        start = offset
        size = min(max(0, Int(status.st_size) - offset), most)
    }

    /// A nameless file in a folder, with what `write` hands out.
    init(spoolingIn folder: String, _ write: ((([UInt8]) throws -> Void)) throws -> Void) throws {
        var template = Array("\(folder)/.spool-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw Problem(507, "no room for the export on the daemon's disk") }
        unlink(template)
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
        do {
            try write { bytes in try handle.write(contentsOf: Data(bytes)) }
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        start = 0
        size = Int(lseek(descriptor, 0, SEEK_END))
    }

    deinit { close(descriptor) }

    /// Bytes at a place; fewer at the end of the file.
    func read(at offset: Int, count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            let found = pread(descriptor, buffer.baseAddress, count, off_t(start + offset))
            guard found >= 0 else { throw Problem(500) }
            initialized = found
        }
    }
}
