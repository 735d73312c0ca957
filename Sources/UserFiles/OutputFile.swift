internal import CSystemCalls
internal import Foundation

/// A file that a user has named for a program to write.
///
/// A regular file appears complete or not at all: written beside its place, synced, renamed; one that was there keeps its
/// permissions, and a link stays a link whose target is replaced. What is no regular file, such as `/dev/null`, a named
/// pipe or one of the program's own streams, is written as it comes, and `-` is standard output.
public final class OutputFile {
    /// What the user named.
    private let path: String
    /// Whether it is standard output, which then holds nothing else.
    public var isStandardOutput: Bool { descriptor == STDOUT_FILENO }
    /// Whether it appears complete or not at all, as a regular file does.
    public var appearsWhole: Bool { half != nil }
    private let descriptor: Int32
    private let half: String?
    private var isCommitted = false

    /// Begins a file; nothing is in its place before ``commit()``.
    ///
    /// - Throws: ``UserFileError`` when it cannot be written there.
    public init(path: String) throws(UserFileError) {
        self.path = path
        if path == "-" {
            descriptor = STDOUT_FILENO
            half = nil
            return
        }
        let place: String
        switch try OutputPlace(path) {
        case .stream(let number):
            descriptor = number == STDOUT_FILENO ? number : fcntl(number, F_DUPFD_CLOEXEC, 3)
            half = nil
            guard descriptor >= 0 else { throw .refused(path: path, code: errno) }
            return
        case .asItComes(let found):
            descriptor = try Self.openWithReader(found, named: path)
            half = nil
            return
        case .regular(let found, let mode):
            // Short, for a name of the user's may be as long as a name can be.
            place = OutputPlace.folder(of: found) + "/.nasd-\(UInt32.random(in: 0 ... .max)).part"
            half = place
            // Before there is a file: a signal between the two would leave it.
            Interruption.setHalfFile(place)
            descriptor = open(place, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode.map { $0 & 0o600 } ?? 0o666)
            let code = errno
            guard descriptor >= 0 else {
                Interruption.setHalfFile(nil)
                throw .refused(path: path, code: code)
            }
            if let mode {
                var status = stat()
                // As it was, for whoever may give files away; a program that was set to its owner's rights is none any more.
                if stat(found, &status) == 0 { _ = fchown(descriptor, status.st_uid, status.st_gid) }
                _ = fchmod(descriptor, mode & 0o777)
            }
            destination = found
        }
    }

    /// Opens what is written as it comes; waits a while for the reader of a named pipe, and not for ever.
    private static func openWithReader(_ place: String, named path: String) throws(UserFileError) -> Int32 {
        let deadline = ContinuousClock.now + patience
        while true {
            let descriptor = open(place, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
            if descriptor >= 0 {
                _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
                return descriptor
            }
            let code = errno
            guard code == ENXIO else { throw .refused(path: path, code: code) }
            guard ContinuousClock.now < deadline else { throw .noReader(path: path) }
            usleep(20_000)
        }
    }

    private static let patience = Duration.seconds(10)

    /// Where the half file goes.
    private var destination = ""

    deinit {
        if descriptor != STDOUT_FILENO { close(descriptor) }
        guard let half else { return }
        if !isCommitted { unlink(half) }
        Interruption.setHalfFile(nil)
    }

    /// Appends bytes.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(UserFileError) {
        if isStandardOutput { return try StandardStreams.write(bytes) }
        try check(nasd_write_all(descriptor, bytes.baseAddress, bytes.count))
    }

    /// Appends bytes.
    public func write(_ bytes: [UInt8]) throws(UserFileError) {
        if isStandardOutput { return try StandardStreams.write(bytes) }
        try check(nasd_write_all(descriptor, bytes, bytes.count))
    }

    /// - Parameter code: What became of a write.
    private func check(_ code: Int32) throws(UserFileError) {
        guard code == 0 else { throw .refused(path: path, code: code) }
    }

    /// Lets the file appear.
    public func commit() throws(UserFileError) {
        guard let half else { return }
        guard fsync(descriptor) == 0, rename(half, destination) == 0 else { throw .refused(path: path, code: errno) }
        isCommitted = true
        // The name is durable once its folder is; a folder that cannot be opened keeps the file all the same.
        let folder = open(OutputPlace.folder(of: destination), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
    }

    /// Writes a whole file at once.
    public static func write(_ bytes: [UInt8], to path: String) throws(UserFileError) {
        let file = try OutputFile(path: path)
        try file.write(bytes)
        try file.commit()
    }
}

/// What a path for output leads to, its links followed.
private enum OutputPlace {
    /// One of the program's own descriptors, as `/dev/stdout` is.
    case stream(Int32)
    /// A device, a pipe or a socket.
    case asItComes(String)
    /// A regular file with its permissions, or none yet.
    case regular(String, mode: mode_t?)

    private static let mostLinks = 40

    init(_ path: String) throws(UserFileError) {
        var place = path
        for _ in 0..<Self.mostLinks {
            if let number = Self.ownDescriptor(place) {
                self = .stream(number)
                return
            }
            var status = stat()
            guard lstat(place, &status) == 0 else {
                guard errno == ENOENT, !place.hasSuffix("/"), !place.isEmpty else {
                    throw .refused(path: path, code: errno)
                }
                self = .regular(place, mode: nil)
                return
            }
            switch status.st_mode & S_IFMT {
            case S_IFLNK:
                var target = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
                let count = readlink(place, &target, target.count - 1)
                guard count > 0 else { throw .refused(path: path, code: errno) }
                let text = String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
                place = text.hasPrefix("/") ? text : Self.folder(of: place) + "/" + text
            case S_IFDIR: throw .isFolder(path: path)
            case S_IFREG:
                // Renaming over it takes no permission of the file's own; its owner may have taken that away on purpose.
                guard access(place, W_OK) == 0 else { throw .refused(path: path, code: errno) }
                self = .regular(place, mode: status.st_mode & 0o7777)
                return
            default:
                self = .asItComes(place)
                return
            }
        }
        throw .refused(path: path, code: ELOOP)
    }

    /// The folder that a path lies in.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The descriptor that `/dev/stdout`, `/dev/fd/3` and `/proc/self/fd/3` lead to.
    private static func ownDescriptor(_ path: String) -> Int32? {
        guard let last = path.split(separator: "/").last, let number = Int32(last),
            let folder = realpath(folder(of: path), nil)
        else { return nil }
        defer { free(folder) }
        guard let own = realpath("/proc/self/fd", nil) else { return nil }
        defer { free(own) }
        return strcmp(folder, own) == 0 ? number : nil
    }
}
