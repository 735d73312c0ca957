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
        // Of each run that the copy of the database knows.
        let checkpoints: [String: [CheckpointRecord]]
        do {
            let reader = try Connections.reader(directory.databasePath)
            defer { try? reader.close() }
            try Opening.backUp(reader, to: database)
            let copy = try Connections.reader(database)
            defer { try? copy.close() }
            checkpoints = try copy.read { db in
                let runs = try String.fetchAll(db, sql: "SELECT id FROM runs")
                return Dictionary(
                    uniqueKeysWithValues: try runs.map { ($0, try CheckpointRecord.all(of: $0, db)) })
            }
        } catch {
            throw StoreError(error, doing: "backup", path: directory.databasePath)
        }
        for run in try runs(in: source) {
            guard let known = checkpoints[run] else { continue }
            // The weights that a run begins with are there before its row says that it has begun.
            let isNew = !begun.contains(run)
            // Processes of workers belong to the original alone, and so do their folders.
            let left: Set<String> = isNew ? ["workers"] : ["workers", "checkpoints", "finalists"]
            try half.copy("runs/\(run)", from: source, into: &files, except: left)
            guard !isNew else { continue }
            let named = Set(known.map { stem($0.file) }), folder = "runs/\(run)/checkpoints"
            // The states of workers first: a run removes them last, so that a checkpoint that is still there has its own.
            try half.copy(folder + "/worker", from: source, into: &files) { named.contains(stem($0)) }
            try half.copy(folder, from: source, into: &files, except: ["worker"]) { named.contains(stem($0)) }
        }
        let gone = checkpoints.flatMap { run, known in
            known.filter { files["runs/\(run)/checkpoints/\($0.file)"] == nil }.map { (run: run, step: $0.step) }
        }
        try forget(gone, in: database)
        for suffix in ["-wal", "-shm"] { unlink(database + suffix) }
        files[databaseName] = try FileMark(database)
        for run in begun where checkpoints[run] == nil {
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
    private static func forget(_ checkpoints: [(run: String, step: Int)], in database: String) throws(StoreError) {
        guard !checkpoints.isEmpty else { return }
        do {
            let writer = try Connections.writer(database)
            try writer.write { db in
                for one in checkpoints { try CheckpointRecord.remove(of: one.run, step: one.step, db) }
            }
            // Closing does the same, and keeps silent where it fails.
            try writer.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
            try writer.close()
        } catch {
            throw StoreError(error, doing: "backup", path: database)
        }
    }

    /// What the names of all files of a checkpoint begin with, a worker's state among them.
    private static func stem(_ file: String) -> String { String(file.prefix { $0 != "." }) }

    private static func runs(in source: String) throws(StoreError) -> [String] {
        do {
            return try DataDirectory.runs(in: source).map(\.text).sorted()
        } catch {
            throw .notAccessible(path: source + "/runs", reason: "list: \(error.localizedDescription)")
        }
    }
}
