import Foundation

/// A file that appears complete or not at all: written beside its final name, synced, then renamed.
///
/// Dropping an object that was not committed removes what was written.
public final class AtomicFile {
    /// The final name.
    public let path: String

    /// Between the final name and six letters: no user's own file is named so.
    private static let mark = ".nasd-part-"

    private let temporary: String
    private var descriptor: Int32
    private var buffer: [UInt8] = []

    /// Starts a file beside `path`; a file already there stays until ``commit()``.
    public init(path: String) throws(StoreError) {
        self.path = path
        var template = Array((path + Self.mark + "XXXXXX").utf8CString)
        descriptor = mkstemp(&template)
        temporary = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard descriptor >= 0 else { throw StoreError(errno: errno, path: path, doing: "create") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fchmod(descriptor, 0o640)
    }

    deinit { discard() }

    /// Adds bytes at the end.
    public func write(_ bytes: some Sequence<UInt8>) throws(StoreError) {
        buffer.append(contentsOf: bytes)
        if buffer.count >= 1 << 16 { try flush() }
    }

    /// Syncs the file, gives it its final name and syncs the folder.
    public func commit() throws(StoreError) {
        try flush()
        guard fsync(descriptor) == 0 else { throw StoreError(errno: errno, path: path, doing: "sync") }
        guard rename(temporary, path) == 0 else { throw StoreError(errno: errno, path: path, doing: "rename") }
        close(descriptor)
        descriptor = -1
        try Self.syncFolder(of: path)
    }

    /// Writes a whole file at once.
    public static func write(_ bytes: some Sequence<UInt8>, to path: String) throws(StoreError) {
        let file = try AtomicFile(path: path)
        try file.write(bytes)
        try file.commit()
    }

    /// Gives a whole file, which nobody changes in place, a second name: by a link, or by a copy where the file system has none.
    ///
    /// A file that has the name already stays.
    public static func adopt(_ file: String, as path: String) throws(StoreError) {
        guard linkat(AT_FDCWD, file, AT_FDCWD, path, AT_SYMLINK_FOLLOW) != 0, errno != EEXIST else {
            return try syncFolder(of: path)
        }
        guard [EXDEV, EPERM, EMLINK, EOPNOTSUPP, ENOSYS, EACCES].contains(errno) else {
            throw StoreError(errno: errno, path: file, doing: "link")
        }
        try Self.copy(file, as: path)
    }

    /// Copies a file, which may change in place later.
    public static func copy(_ file: String, as path: String) throws(StoreError) {
        let source = open(file, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else { throw StoreError(errno: errno, path: file, doing: "open") }
        defer { close(source) }
        _ = try copy(source, of: file, as: path)
    }

    /// Copies an open file, as long as it is now.
    ///
    /// - Returns: The size and a digest of what was copied.
    static func copy(_ source: Int32, of file: String, as path: String) throws(StoreError) -> FileMark {
        let copy = try AtomicFile(path: path)
        let mark = try FileMark(reading: source, of: file) { bytes throws(StoreError) in try copy.write(bytes) }
        try copy.commit()
        return mark
    }

    /// Removes what killed processes left half-written in a folder; only its owner may, while it writes no file there.
    public static func removeLeftovers(in folder: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        where isLeftover(name) { unlink(folder + "/" + name) }
    }

    /// Whether a name is one that only half-written files have.
    static func isLeftover(_ name: String) -> Bool {
        name.contains(/\.nasd-part-[A-Za-z0-9]{6}$|^\.spool-[A-Za-z0-9]{6}$|^nasd\.sqlite\.backup-v[0-9]+\.part$/)
    }

    /// Makes the names in the folder of `path` durable.
    public static func syncFolder(of path: String) throws(StoreError) {
        let place = folder(of: path)
        let folder = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw StoreError(errno: errno, path: place, doing: "open") }
        defer { close(folder) }
        // Some file systems, such as those of networks, sync no folders.
        guard fsync(folder) == 0 || errno == EINVAL else { throw StoreError(errno: errno, path: place, doing: "sync") }
    }

    /// The folder that a path lies in.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private func discard() {
        guard descriptor >= 0 else { return }
        close(descriptor)
        descriptor = -1
        unlink(temporary)
    }

    private func flush() throws(StoreError) {
        guard descriptor >= 0 else {
            throw .invalid(what: "the file is already committed", place: path, remedy: "start a new one")
        }
        var offset = 0
        while offset < buffer.count {
            let count = buffer.withUnsafeBytes { bytes in
                Foundation.write(descriptor, bytes.baseAddress?.advanced(by: offset), bytes.count - offset)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw StoreError(errno: errno, path: path, doing: "write") }
            offset += count
        }
        buffer.removeAll(keepingCapacity: true)
    }
}
