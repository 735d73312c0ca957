import Foundation

extension Backup {
    /// Puts a copy of the backup in the place of a data directory: in one step, so that whoever is killed meanwhile leaves the old
    /// one or the new one.
    ///
    /// Every file is checked before and while it is copied. The new directory belongs to whom the old one belonged, where this process
    /// may give it away.
    /// - Returns: Where the old directory is now; nil where there was none, or nothing in it.
    /// - Throws: ``StoreError/locked(directory:)`` while a process works in it.
    @discardableResult
    public func restore(to directory: String) throws(StoreError) -> String? {
        try check()
        guard let known = realpath(directory, nil) else {
            guard errno == ENOENT else { throw StoreError(errno: errno, path: directory, doing: "open") }
            let place = URL(fileURLWithPath: directory).standardizedFileURL.path
            let half = try HalfFolder(of: place)
            try fill(half)
            try half.commit()
            return nil
        }
        defer { free(known) }
        let place = String(cString: known)
        try Self.checkIsOne(place)
        let isEmpty = Self.isUnused(place)
        // Held to the end: nobody begins to work in what is about to be replaced.
        let owned = try DataDirectory(owning: place)
        let half = try HalfFolder(of: place)
        try fill(half)
        var status = stat()
        if geteuid() == 0, stat(place, &status) == 0 { try half.give(to: status.st_uid, status.st_gid) }
        let old = try half.exchange()
        withExtendedLifetime(owned) {}
        guard isEmpty else { return old }
        try? FileManager.default.removeItem(atPath: old)
        return nil
    }

    private func fill(_ half: HalfFolder) throws(StoreError) {
        try DataDirectory.createFolders(half.path + "/runs", isOwn: true)
        var files: [String: FileMark] = [:]
        for name in manifest.files.keys.sorted() {
            try DataDirectory.createFolders(AtomicFile.folder(of: half.path + "/" + name), isOwn: true)
            try half.copy(file: name, from: path, into: &files)
            guard files[name] == manifest.files[name] else {
                throw .corrupt(path: path + "/" + name, detail: "its bytes are not those that were backed up")
            }
        }
        // Folders of runs that had no files in them yet.
        for run in Set(files.keys.filter { $0.hasPrefix("runs/") }.map { $0.split(separator: "/")[1] }) {
            for folder in ["checkpoints", "models"] {
                try DataDirectory.createFolders("\(half.path)/runs/\(run)/\(folder)", isOwn: true)
            }
        }
    }

    /// Whether a folder has nothing in it but what a data directory has before its first run: all else is set aside and kept, also
    /// where the database was moved away.
    private static func isUnused(_ place: String) -> Bool {
        func names(_ folder: String) -> [String]? { try? FileManager.default.contentsOfDirectory(atPath: folder) }
        guard let all = names(place), all.allSatisfy({ ["lock", "runs"].contains($0) }) else { return false }
        return !all.contains("runs") || names(place + "/runs")?.isEmpty == true
    }

    /// Refuses what is no data directory: a folder of the user's with other things in it, or no folder.
    private static func checkIsOne(_ place: String) throws(StoreError) {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: place)
        } catch {
            throw .notAccessible(path: place, reason: "list: \(error.localizedDescription)")
        }
        guard names.isEmpty || names.contains("lock") || names.contains(databaseName) else {
            throw .invalid(
                what: "is neither empty nor a data directory", place: place, remedy: "name the one to be replaced")
        }
    }
}
