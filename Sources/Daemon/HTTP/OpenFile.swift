internal import CSystemCalls
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
        var descriptor = nasd_open_nameless(folder)
        if descriptor < 0 {
            // Not every file system has files without names; the start removes what a kill leaves of this.
            var template = Array("\(folder)/.spool-XXXXXX".utf8CString)
            descriptor = mkstemp(&template)
            if descriptor >= 0 {
                unlink(template)
                _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            }
        }
        guard descriptor >= 0 else { throw Self.problem(errno) }
        do {
            try write { bytes in
                let code = nasd_write_all(descriptor, bytes, bytes.count)
                if code != 0 { throw Self.problem(code) }
            }
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        start = 0
        size = Int(lseek(descriptor, 0, SEEK_END))
    }

    /// What keeps the daemon from writing a file.
    private static func problem(_ code: Int32) -> Problem {
        switch code {
        case ENOSPC, EDQUOT: Problem(507, "no room for the export on the daemon's disk")
        default: Problem(503, "the daemon cannot write the export at present")
        }
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
