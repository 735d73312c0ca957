public import Foundation
internal import GRDB

extension Backup {
    /// Copies a data directory, also beside a process that works in it; the copy appears complete or not at all.
    ///
    /// Checkpoints first, then one snapshot of the database, then everything else: so the database is never behind a checkpoint that
    /// it is needed for, and a run that it calls completed has its networks. Checkpoints that were written between the first two
    /// steps follow; the copy of the database knows none that is not in the copy.
    /// - Parameters:
    ///   - place: The folder to make; must not exist.
    ///   - version: The version of the program.
    /// - Throws: ``StoreError``; ``StoreError/invalid(what:place:remedy:)`` where the place is taken.
    @discardableResult
    public static func make(
        of directory: DataDirectory, at place: String, version: String, time: Date
    ) throws(StoreError) -> Backup {
        let place = URL(fileURLWithPath: place).standardizedFileURL.path
        guard access(place, F_OK) != 0 else {
            throw .invalid(what: "exists already", place: place, remedy: "choose a place where nothing is")
        }
        let half = try HalfFolder(of: place)
        let source = directory.path
        // Known before anything is copied: a folder in which a database is damaged is not backed up at all.
        try check(database: directory.databasePath)
        var files: [String: FileMark] = [:]
        let begun = try runs(in: source)
        for run in begun {
            for folder in ["checkpoints", "finalists"] {
                try half.copy("runs/\(run)/\(folder)", from: source, into: &files)
            }
        }
        let database = half.path + "/" + databaseName
        let rows: [CheckpointRow], known: Set<String>
        do {
            let reader = try Connections.reader(directory.databasePath)
            defer { try? reader.close() }
            try Opening.backUp(reader, to: database)
            let copy = try Connections.reader(database)
            defer { try? copy.close() }
            (known, rows) = try copy.read { db in
                (Set(try String.fetchAll(db, sql: "SELECT id FROM runs")), try CheckpointRow.all(db))
            }
        } catch {
            throw StoreError(error, doing: "backup", path: directory.databasePath)
        }
        for run in try runs(in: source) where known.contains(run) {
            // The weights that a run begins with are there before its row says that it has begun.
            let isNew = !begun.contains(run)
            // Processes of workers belong to the original alone, and so do their folders.
            let left: Set<String> = isNew ? ["workers"] : ["workers", "checkpoints", "finalists"]
            try half.copy("runs/\(run)", from: source, into: &files, except: left)
            guard !isNew else { continue }
            let named = Set(rows.filter { $0.run == run }.map(\.stem))
            try half.copy("runs/\(run)/checkpoints", from: source, into: &files) { file in
                named.contains(CheckpointRow.stem(file))
            }
        }
        try forget(rows.filter { files["runs/\($0.run)/checkpoints/\($0.file)"] == nil }, in: database)
        for suffix in ["-wal", "-shm"] { unlink(database + suffix) }
        files[databaseName] = try FileMark(database)
        for run in begun where !known.contains(run) {
            // Deleted meanwhile.
            files = files.filter { !$0.key.hasPrefix("runs/\(run)/") }
            try? FileManager.default.removeItem(atPath: "\(half.path)/runs/\(run)")
        }
        for name in ["results.csv", "front.csv"] { try half.copy(file: name, from: source, into: &files) }
        let manifest = Manifest(
            version: version, schema: try check(database: database), time: time, files: files)
        for suffix in ["-wal", "-shm"] { unlink(database + suffix) }
        let json: Data
        do {
            json = try encoder.encode(manifest)
        } catch {
            throw .invalid(what: "\(error)", place: place, remedy: "report this")
        }
        try AtomicFile.write(json, to: half.path + "/" + manifestName)
        try half.commit()
        return try Backup(place)
    }

    /// Removes checkpoints from a copy of a database whose files are not in the copy.
    private static func forget(_ rows: [CheckpointRow], in database: String) throws(StoreError) {
        guard !rows.isEmpty else { return }
        do {
            let queue = try DatabaseQueue(path: database)
            try queue.write { db in
                for row in rows {
                    try db.execute(
                        sql: "DELETE FROM checkpoints WHERE run = ? AND step = ?", arguments: [row.run, row.step])
                }
            }
            try queue.close()
        } catch {
            throw StoreError(error, doing: "backup", path: database)
        }
    }

    private static func runs(in source: String) throws(StoreError) -> [String] {
        do {
            return try DataDirectory.runs(in: source).map(\.text).sorted()
        } catch {
            throw .notAccessible(path: source + "/runs", reason: "list: \(error.localizedDescription)")
        }
    }
}

/// A checkpoint that a database knows.
private struct CheckpointRow {
    let run: String, file: String
    let step: Int

    /// What the names of all its files begin with, a worker's state among them.
    var stem: String { Self.stem(file) }

    static func stem(_ file: String) -> String { String(file.prefix { $0 != "." }) }

    static func all(_ db: Database) throws -> [CheckpointRow] {
        try Row.fetchAll(db, sql: "SELECT run, step, file FROM checkpoints").map {
            CheckpointRow(run: $0["run"], file: $0["file"], step: $0["step"])
        }
    }
}
