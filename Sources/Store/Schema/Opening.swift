import Foundation
internal import GRDB

/// Opens the database of an owned folder: checks, sets a damaged file aside, backs up and migrates.
struct Opening {
    /// The writing connection.
    let writer: DatabaseQueue
    /// What a user should be told.
    let notices: [String]
    /// Whether the last owner did not close it.
    let wasLeftOpen: Bool

    init(_ directory: DataDirectory, migrations: [Migration]) throws {
        let path = directory.databasePath
        let supported = migrations.last?.version ?? 0
        try Connections.rollBack(path)
        var notices: [String] = []
        var version = 0
        let unclean = access(directory.markerPath, F_OK) == 0
        if access(path, F_OK) != 0 { try Self.finishSettingAside(path) }
        if access(path, F_OK) == 0 {
            if unclean, let fault = try Self.damage(of: path) {
                let name = try Self.setAside(path)
                notices.append(
                    "\(path) was damaged by an unclean stop (\(fault)); it was set aside as \(name) and a new one begun"
                        + (Backup.newest(of: directory.path).map {
                            "; the newest backup is \($0.path): stop this process, then nasd restore \($0.path) "
                                + "\(directory.path) --replace"
                        } ?? "")
                )
            } else {
                version = try Connections.version(of: path, migrations: migrations)
            }
        }
        try AtomicFile.write(Array("\(getpid())\n".utf8), to: directory.markerPath)
        try Self.closeToOthers(path)
        let writer = try Connections.writer(path)
        if version > 0, version < supported {
            let backup = "\(path).backup-v\(version)"
            try Self.backUp(writer, to: backup)
            notices.append("\(path) was upgraded to schema \(supported); a backup is in \(backup)")
        }
        for migration in migrations where migration.version > version {
            try writer.write { db in
                try db.execute(sql: migration.sql)
                try db.execute(
                    sql: """
                        PRAGMA application_id = \(Migration.applicationID);
                        PRAGMA user_version = \(migration.version);
                        """)
            }
            version = migration.version
        }
        self.writer = writer
        wasLeftOpen = unclean
        self.notices = notices
    }

    /// Creates the database where it is missing, for its owner and group alone; SQLite's files beside it become like it.
    private static func closeToOthers(_ path: String) throws(StoreError) {
        if access(path, F_OK) != 0 {
            let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
            guard descriptor >= 0 else { throw StoreError(errno: errno, path: path, doing: "create") }
            close(descriptor)
        }
        for suffix in ["", "-wal", "-shm"] {
            var status = stat()
            guard stat(path + suffix, &status) == 0, status.st_mode & 0o7777 & ~0o640 != 0 else { continue }
            // Somebody else's file, as after a change of users, stays as it is.
            chmod(path + suffix, status.st_mode & 0o640)
        }
    }

    /// What is wrong with the file; nil when its pages are in order.
    ///
    /// SQLite calls damaged what it could not read. So damage is what is found again after every byte could be read.
    /// - Throws: ``StoreError/notAccessible(path:reason:)`` when not every byte can.
    private static func damage(of path: String) throws -> String? {
        guard fault(of: path) != nil else { return nil }
        for suffix in ["", "-wal"] { try readThrough(path + suffix) }
        return fault(of: path)
    }

    private static func readThrough(_ path: String) throws(StoreError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0, errno == ENOENT { return }
        guard descriptor >= 0 else { throw StoreError(errno: errno, path: path, doing: "open") }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count == 0 { return }
            guard count > 0 || errno == EINTR else { throw StoreError(errno: errno, path: path, doing: "read") }
        }
    }

    /// What a check finds wrong with the file; nil when its pages are in order.
    private static func fault(of path: String) -> String? {
        do {
            let probe = try Connections.reader(path)
            defer { try? probe.close() }
            let answer = try probe.read { db in try String.fetchOne(db, sql: "PRAGMA quick_check(1)") }
            return answer == "ok" ? nil : answer ?? "no answer"
        } catch let error as DatabaseError {
            // Only damage counts: a file that cannot be opened may be whole.
            guard [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode) else { return nil }
            return error.message ?? "unreadable"
        } catch {
            return nil
        }
    }

    /// Renames the database and its side files to the first free `.corrupt-<n>`.
    private static func setAside(_ path: String) throws -> String {
        let name = asideName(path, number: asideCount(path) + 1)
        // The database first and for good: without its log, which may have most of it, it would be taken for an older one.
        guard rename(path, name) == 0 else { throw StoreError(errno: errno, path: path, doing: "rename") }
        try AtomicFile.syncFolder(of: path)
        try moveSideFiles(of: path, to: name)
        return name
    }

    /// Takes the log of a database that was set aside to it, where a kill came in between: beside a new database it would be
    /// removed.
    private static func finishSettingAside(_ path: String) throws {
        let name = asideName(path, number: asideCount(path))
        guard access(name, F_OK) == 0 else { return }
        try moveSideFiles(of: path, to: name)
    }

    private static func moveSideFiles(of path: String, to name: String) throws {
        for suffix in ["-wal", "-shm"] where access(path + suffix, F_OK) == 0 && access(name + suffix, F_OK) != 0 {
            guard rename(path + suffix, name + suffix) == 0 else {
                throw StoreError(errno: errno, path: path + suffix, doing: "rename")
            }
        }
        try AtomicFile.syncFolder(of: path)
    }

    private static func asideName(_ path: String, number: Int) -> String { "\(path).corrupt-\(number)" }

    /// How many databases were set aside, from the first on.
    private static func asideCount(_ path: String) -> Int {
        var count = 0
        while access(asideName(path, number: count + 1), F_OK) == 0 { count += 1 }
        return count
    }

    /// Copies the whole database into a file of its own, checked, complete or not at all.
    static func backUp(_ source: DatabaseQueue, to path: String) throws {
        let temporary = path + ".part"
        unlink(temporary)
        let target = try DatabaseQueue(path: temporary)
        try source.backup(to: target)
        let answer = try target.read { db in try String.fetchOne(db, sql: "PRAGMA integrity_check(1)") }
        try target.close()
        guard answer == "ok" else {
            unlink(temporary)
            throw StoreError.corrupt(path: path, detail: "the copy fails its check: \(answer ?? "no answer")")
        }
        let descriptor = open(temporary, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StoreError(errno: errno, path: temporary, doing: "open") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0, rename(temporary, path) == 0 else {
            throw StoreError(errno: errno, path: path, doing: "sync")
        }
        try AtomicFile.syncFolder(of: path)
    }
}
