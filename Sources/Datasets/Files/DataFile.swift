internal import CSystemCalls
internal import Foundation

/// A data file: one that is named by its path, or one that was found inside a confined folder and is open already.
public struct DataFile: Sendable {
    /// What errors name.
    public let path: String
    /// What may be looked at to tell how much is in it; nil for all.
    let budget: LookBudget?
    /// Where in the file its contents lie; nil for all of it.
    private(set) var member: ZipArchive.Member?
    /// Who looks on while it is read.
    private(set) var watch = ReadingWatch.nobody
    private var archivePath: String?
    private let opened: OpenFile?

    /// Names a file, which is opened when it is read.
    public init(_ path: String) {
        self.init(path, budget: nil)
    }

    init(_ path: String, budget: LookBudget?) {
        self.path = path
        self.budget = budget
        opened = nil
    }

    /// The file, with who looks on while it is read.
    func watched(by watch: ReadingWatch) -> DataFile {
        var file = self
        file.watch = watch
        return file
    }

    /// A file within an archive.
    init(_ member: ZipArchive.Member, of archive: DataFile) {
        path = "\(archive.path)/\(member.name)"
        budget = archive.budget
        opened = archive.opened
        self.member = member
        archivePath = archive.path
        watch = archive.watch
    }

    /// Takes over an open descriptor.
    init(_ path: String, descriptor: Int32, budget: LookBudget?) {
        self.path = path
        self.budget = budget
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
        let descriptor = Foundation.open(archivePath ?? path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
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
        return try stream.forEachPiece { _ in }.bytes
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

/// The folder that names of data files are relative to.
public struct DataFolder: Sendable {
    /// The folder; relative to the root where it is confined.
    public let path: String
    /// The folder that no file may lie outside of; nil for none.
    public let root: String?
    private var budget: LookBudget?
    /// Where what was made of its files is kept; nil for nowhere.
    private(set) var cache: String?
    /// Who looks on while its files are read.
    private(set) var watch = ReadingWatch.nobody

    /// A folder of whoever runs the program: absolute names and links may lead anywhere.
    public init(_ path: String) {
        self.path = path
        root = nil
    }

    /// A folder that somebody else names: nothing outside of `root` is ever opened, whatever the path, a name, or a link
    /// says (openat2 with RESOLVE_BENEATH).
    public init(_ path: String, beneath root: String) {
        self.path = path
        self.root = root
    }

    /// The folder whose files are looked at within a budget, to tell how much they hold; they are read as ever.
    public func looking(within budget: LookBudget) -> DataFolder {
        var folder = self
        folder.budget = budget
        return folder
    }

    /// The folder, with a folder of a data directory in which what is made of its files is kept, to be made once only.
    public func caching(in cache: String) -> DataFolder {
        var folder = self
        folder.cache = cache
        return folder
    }

    /// The folder, with who looks on while its files are read.
    public func watched(by watch: ReadingWatch) -> DataFolder {
        var folder = self
        folder.watch = watch
        return folder
    }

    /// Opens the folder itself.
    ///
    /// - Throws: `DatasetError.missingFile` where there is none, and `outside` where it leads out of its root.
    func open() throws -> OpenFolder {
        let full = root.map { "\($0)/\(path)" } ?? path
        if let root {
            guard let opened = try Self.open(path, beneath: root, O_RDONLY | O_DIRECTORY) else {
                throw DatasetError.missingFile(name: path, tried: [full])
            }
            return OpenFolder(full, descriptor: opened, watch: watch)
        }
        guard !path.utf8.contains(0) else { throw DatasetError.missingFile(name: path, tried: [full]) }
        let opened = Foundation.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else {
            guard errno != ENOENT, errno != ENOTDIR else { throw DatasetError.missingFile(name: path, tried: [full]) }
            throw DatasetError.unreadable(file: full, reason: String(cString: strerror(errno)))
        }
        return OpenFolder(full, descriptor: opened, watch: watch)
    }

    /// Whether the folder exists and, where it is confined, lies within its root.
    ///
    /// - Throws: `DatasetError.unreadable` when the system does not say.
    public func exists() throws -> Bool {
        guard let root else { return try Self.status(of: path).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false }
        do {
            guard let descriptor = try Self.open(path, beneath: root, O_RDONLY | O_DIRECTORY) else { return false }
            close(descriptor)
            return true
        } catch DatasetError.outside {
            return false
        }
    }

    /// What there is at a path; nil for nothing.
    private static func status(of path: String) throws -> stat? {
        guard !path.utf8.contains(0) else { return nil }
        var status = stat()
        if stat(path, &status) == 0 { return status }
        switch errno {
        case ENOENT, ENOTDIR: return nil
        default: throw DatasetError.unreadable(file: path, reason: String(cString: strerror(errno)))
        }
    }

    /// How many lines and bytes a file has, unpacked; an estimate where the folder has a budget that these exceed.
    ///
    /// - Throws: `DatasetError` for one that cannot be read.
    public func textSize(of name: String) throws -> (lines: Int, bytes: Int) {
        let size = try find(name).textLines()
        return (size.lines, size.bytes)
    }

    /// The first file that exists: `name`, `name` with `.gz` added, `name` with `.gz` taken off.
    func find(_ name: String) throws -> DataFile {
        guard !name.isEmpty else {
            throw DatasetError.invalidSetting(name: "file name", value: "empty", allowed: "a path")
        }
        var names = [name, name + ".gz"]
        if name.hasSuffix(".gz") { names[1] = String(name.dropLast(3)) }
        guard let root else {
            let candidates = names.map {
                $0.hasPrefix("/") ? $0 : URL(fileURLWithPath: path, isDirectory: true).appendingPathComponent($0).path
            }
            for candidate in candidates where try Self.status(of: candidate) != nil {
                return DataFile(candidate, budget: budget).watched(by: watch)
            }
            throw DatasetError.missingFile(name: name, tried: candidates)
        }
        for candidate in names {
            let place = candidate.hasPrefix("/") ? candidate : "\(path)/\(candidate)"
            if let descriptor = try Self.open(place, beneath: root, O_RDONLY | O_NONBLOCK) {
                return DataFile(place, descriptor: descriptor, budget: budget).watched(by: watch)
            }
        }
        throw DatasetError.missingFile(name: name, tried: names.map { "\(path)/\($0)" })
    }

    /// Opens a path within the root; nil when there is nothing.
    ///
    /// - Throws: `DatasetError.outside` for a path that leaves the root.
    private static func open(_ path: String, beneath root: String, _ flags: Int32) throws -> Int32? {
        // The system would open what stands before it.
        guard !path.utf8.contains(0) else { return nil }
        let folder = Foundation.open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else {
            throw DatasetError.unreadable(file: root, reason: String(cString: strerror(errno)))
        }
        defer { close(folder) }
        let descriptor = nasd_open_beneath(folder, path, flags)
        if descriptor >= 0 { return descriptor }
        switch errno {
        case ENOENT, ENOTDIR: return nil
        case EXDEV, ELOOP: throw DatasetError.outside(name: path)
        default: throw DatasetError.unreadable(file: path, reason: String(cString: strerror(errno)))
        }
    }
}
