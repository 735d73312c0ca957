import Foundation

/// The folder that holds the database and the files of every run.
///
/// Layout: `nasd.sqlite`, `lock`, `cache/`, `runs/ID/{run.yaml, manifest.json, checkpoints/, models/, log.jsonl}`.
/// An owner holds `flock` on `lock` for as long as this object lives; readers take no lock.
public final class DataDirectory: Sendable {
    /// The folder.
    public let path: String
    /// Whether this object holds the lock and may write.
    public var isOwned: Bool { lock >= 0 }

    private let lock: Int32
    /// The folder itself, locked as well: a file can be removed and made anew, under which its lock is another's.
    private let folder: Int32

    /// Creates the folder where it is missing and takes the lock.
    ///
    /// - Throws: ``StoreError/locked(directory:)`` when another owner lives (exit code 5).
    public init(owning path: String) throws(StoreError) {
        let path = Self.plain(path)
        self.path = path
        try Self.createFolders(path)
        try Self.createFolders(path + "/runs")
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw StoreError(errno: errno, path: path, doing: "open") }
        // Some file systems lock no folders, such as those of networks: the file is all there is then.
        if Self.take(folder) == EWOULDBLOCK {
            close(folder)
            throw .locked(directory: path)
        }
        let file = path + "/lock"
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let code = errno
            close(folder)
            throw StoreError(errno: code, path: file, doing: "open")
        }
        if let code = Self.take(descriptor) {
            close(descriptor)
            close(folder)
            throw code == EWOULDBLOCK ? .locked(directory: path) : StoreError(errno: code, path: file, doing: "flock")
        }
        // The process id is for people; writing it also shows early that the disk takes writes.
        let text = Array("\(getpid())\n".utf8)
        guard ftruncate(descriptor, 0) == 0, write(descriptor, text, text.count) == text.count else {
            let code = errno
            close(descriptor)
            close(folder)
            throw StoreError(errno: code, path: file, doing: "write")
        }
        lock = descriptor
        self.folder = folder
    }

    /// Takes the lock; the error's number when somebody else has it.
    ///
    /// A child between fork and exec holds what its parent has just let go of: for some milliseconds that is no owner.
    private static func take(_ descriptor: Int32) -> Int32? {
        for attempt in 0..<500 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return nil }
            guard errno == EWOULDBLOCK || errno == EINTR else { return errno }
            // Whoever only reads an archive of another's has a shared lock, and not for long.
            if attempt >= 30, flock(descriptor, LOCK_SH | LOCK_NB) != 0 { break }
            usleep(10_000)
        }
        return EWOULDBLOCK
    }

    /// Opens an existing folder for reading, beside a live owner or without one.
    public init(reading path: String) throws(StoreError) {
        let path = Self.plain(path)
        self.path = path
        lock = -1
        folder = -1
        guard access(path, R_OK | X_OK) == 0 else { throw StoreError(errno: errno, path: path, doing: "open") }
        guard access(databasePath, R_OK) == 0 else {
            throw StoreError(errno: errno, path: databasePath, doing: "open")
        }
    }

    deinit {
        if lock >= 0 { close(lock) }
        if folder >= 0 { close(folder) }
    }

    /// A path that SQLite does not take for an address.
    private static func plain(_ path: String) -> String { path.hasPrefix("file:") ? "./" + path : path }

    /// The database file.
    public var databasePath: String { path + "/nasd.sqlite" }
    /// The file that exists while an owner has the database open; found at start-up, it tells of an unclean stop.
    var markerPath: String { path + "/nasd.sqlite.open" }

    /// The folder of what was made of data, which is made again where it is not there.
    public static func cacheDirectory(of path: String) -> String { path + "/cache" }

    /// The folder of all runs.
    public var runsDirectory: String { path + "/runs" }
    /// The folder of a run.
    public func runDirectory(_ run: RunID) -> String { runsDirectory + "/" + run.text }
    /// How earlier versions marked the folder of a run that was to go.
    public func deletionMark(_ run: RunID) -> String { runDirectory(run) + "/.deleted" }
    /// The folder of a run's checkpoints.
    public func checkpointDirectory(_ run: RunID) -> String { runDirectory(run) + "/checkpoints" }
    /// The folder of a run's exported networks.
    public func modelDirectory(_ run: RunID) -> String { runDirectory(run) + "/models" }

    /// The ids of the runs that have a folder, whether the database knows them or not.
    static func runs(in folder: String) throws -> [RunID] {
        try FileManager.default.contentsOfDirectory(atPath: folder + "/runs").compactMap { RunID($0) }
    }

    /// Creates the folders of a run where they are missing.
    public func createRunDirectory(_ run: RunID) throws(StoreError) {
        try Self.createFolders(checkpointDirectory(run))
        try Self.createFolders(modelDirectory(run))
    }

    /// Creates a folder, with those above it, where it is missing.
    ///
    /// - Parameter isOwn: Whether those that are there were made or synced by this process, and so are durable.
    static func createFolders(_ path: String, isOwn: Bool = false) throws(StoreError) {
        var prefix = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            prefix += "/" + part
            let isNew = mkdir(prefix, 0o750) == 0
            if !isNew && errno != EEXIST {
                let code = errno
                var status = stat()
                guard stat(prefix, &status) == 0 else { throw StoreError(errno: code, path: path, doing: "create") }
            }
            // The name of a folder is durable before anything in it is relied upon. One that is there may have been made by a
            // process that was killed before it synced; what this process may not write, none of ours has made.
            if isNew || !isOwn && access(AtomicFile.folder(of: prefix), R_OK | W_OK) == 0 {
                try AtomicFile.syncFolder(of: prefix)
            }
        }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw .notAccessible(path: path, reason: "create: it exists and is not a folder")
        }
    }
}

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
