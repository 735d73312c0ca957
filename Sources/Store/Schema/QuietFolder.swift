import Foundation

/// A database in a folder that this process cannot write and nobody else has open for writing: an archive, a mount for
/// reading only, somebody else's finished run.
///
/// SQLite reads a database with a log only beside files that it makes there. Without a log the file alone is the database,
/// and is read as one that does not change, which is right as long as no owner opens it: a shared lock keeps owners out for
/// as long as this object lives.
final class QuietFolder: Sendable {
    /// The database's address for SQLite, which says that it does not change.
    let address: String
    private let lock: Int32

    /// Takes the lock; nil where the folder can be written, or an owner lives: the usual way is right then.
    ///
    /// - Throws: ``StoreError/unreadableLog(path:)`` where there is a log that cannot be read.
    init?(ofDatabase path: String) throws(StoreError) {
        let place = AtomicFile.folder(of: path)
        guard access(place, W_OK) != 0, access(path, R_OK) == 0 else { return nil }
        lock = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard lock >= 0 else { return nil }
        var isOwned = false
        // Some file systems lock no folders: whether there is an owner cannot be known there.
        while flock(lock, LOCK_SH | LOCK_NB) != 0 {
            isOwned = errno == EWOULDBLOCK
            if errno != EINTR { break }
        }
        var log = stat()
        let hasLog = stat(path + "-wal", &log) == 0 && log.st_size > 0
        guard isOwned || hasLog else {
            address = Self.address(of: path)
            return
        }
        close(lock)
        // The files that a writer shares with readers are there already.
        if isOwned || (access(path + "-shm", R_OK) == 0 && access(path + "-wal", R_OK) == 0) { return nil }
        throw .unreadableLog(path: path)
    }

    private static func address(of path: String) -> String {
        var allowed = CharacterSet.urlPathAllowed
        allowed.remove(charactersIn: "?#%;")
        let absolute = URL(fileURLWithPath: path).path
        return "file:\(absolute.addingPercentEncoding(withAllowedCharacters: allowed) ?? absolute)?immutable=1"
    }

    deinit { close(lock) }
}
