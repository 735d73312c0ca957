internal import CSystemCalls
import Foundation

/// A folder that appears complete or not at all: filled beside its final name, then renamed.
///
/// Dropping an object that was not committed removes what was made; what a killed process leaves, the next one of the same name does.
final class HalfFolder {
    /// Where it is filled.
    let path: String
    private let final: String
    private var isOver = false

    /// Between the final name and nothing: no user's own folder is named so.
    private static let suffix = ".nasd-half"
    /// In the folder until it is complete; whoever owns a data directory removes it there (``AtomicFile/removeLeftovers(in:)``).
    private static let mark = "/.nasd-part-folder"
    /// The lock of the folder, so that nobody else takes it for that of a killed process.
    private let lock: Int32

    /// Begins a folder beside its final name, where something may be already.
    ///
    /// - Throws: ``StoreError/locked(directory:)`` while another process fills one of that name.
    init(of final: String) throws(StoreError) {
        self.final = final
        path = final + Self.suffix
        try DataDirectory.createFolders(AtomicFile.folder(of: final))
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        if !names.isEmpty, access(path + Self.mark, F_OK) != 0 {
            // Complete, and no longer in its place: what a process that was killed had just exchanged.
            _ = try Self.setAside(path, of: final)
        }
        try DataDirectory.createFolders(path)
        // A property only once all is well: what throws before leaves the folder of another process alone.
        let held = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard held >= 0 else { throw StoreError(errno: errno, path: path, doing: "open") }
        var own = stat(), now = stat()
        guard flock(held, LOCK_EX | LOCK_NB) == 0, fstat(held, &own) == 0, stat(path, &now) == 0,
            own.st_ino == now.st_ino
        else {
            close(held)
            throw .locked(directory: path)
        }
        do throws(StoreError) {
            try AtomicFile.write([], to: path + Self.mark)
        } catch {
            close(held)
            throw error
        }
        // Of a process that was killed.
        for name in names where "/" + name != Self.mark {
            try? FileManager.default.removeItem(atPath: path + "/" + name)
        }
        lock = held
    }

    deinit {
        guard !isOver else { return }
        try? FileManager.default.removeItem(atPath: path)
        close(lock)
    }

    /// Gives the folder its final name, which nothing else has.
    func commit() throws(StoreError) {
        // An empty folder of the name would be replaced.
        guard access(final, F_OK) != 0 else { throw StoreError(errno: EEXIST, path: final, doing: "rename") }
        guard rename(path, final) == 0 else { throw StoreError(errno: errno, path: final, doing: "rename") }
        try finish()
    }

    /// Exchanges the folder with the one that has its final name, in one step of the file system.
    ///
    /// - Returns: Where that one is now.
    func exchange() throws(StoreError) -> String {
        guard nasd_exchange(path, final) == 0 else {
            let code = errno
            guard code == EINVAL || code == ENOSYS || code == EOPNOTSUPP else {
                throw StoreError(errno: code, path: final, doing: "exchange")
            }
            throw .invalid(
                what: "this file system cannot exchange two folders in one step", place: final,
                remedy: "restore into a new folder, and name that one as the data directory")
        }
        try finish()
        return try Self.setAside(path, of: final)
    }

    private func finish() throws(StoreError) {
        isOver = true
        close(lock)
        try AtomicFile.syncFolder(of: final)
        unlink(final + Self.mark)
    }

    /// Gives a folder the first free name of those that were replaced.
    private static func setAside(_ path: String, of final: String) throws(StoreError) -> String {
        var number = 1
        while access("\(final).replaced-\(number)", F_OK) == 0 { number += 1 }
        let name = "\(final).replaced-\(number)"
        guard rename(path, name) == 0 else { throw StoreError(errno: errno, path: path, doing: "rename") }
        try AtomicFile.syncFolder(of: final)
        return name
    }

    /// Gives everything in the folder, and the folder, to a user and a group.
    func give(to user: uid_t, _ group: gid_t) throws(StoreError) {
        let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        for name in [""] + names.map({ "/" + $0 }) where lchown(path + name, user, group) != 0 {
            throw StoreError(errno: errno, path: path + name, doing: "give")
        }
    }

    // MARK: Filling

    /// Copies the files under a folder, with those of its folders.
    ///
    /// Files are opened before any is copied, so that those which their owner removes meanwhile are still there to be read; what
    /// is in the copy already stays.
    /// - Parameters:
    ///   - except: Folders in it that are left out.
    ///   - isWanted: Whether files of a name are copied.
    func copy(
        _ folder: String, from source: String, into files: inout [String: FileMark], except: Set<String> = [],
        where isWanted: (String) -> Bool = { _ in true }
    ) throws(StoreError) {
        let place = source + "/" + folder
        var opened: [(name: String, descriptor: Int32)] = []
        defer { for file in opened { close(file.descriptor) } }
        var attempts = 0
        while true {
            let (names, folders) = try Self.entries(of: place)
            var isWhole = true
            for name in names where isWanted(name) && files[folder + "/" + name] == nil {
                let descriptor = open(place + "/" + name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
                if descriptor < 0, errno == ENOENT {
                    isWhole = false
                    continue
                }
                guard descriptor >= 0 else { throw StoreError(errno: errno, path: place + "/" + name, doing: "open") }
                opened.append((name, descriptor))
            }
            attempts += 1
            if isWhole || attempts == 20 {
                if names.isEmpty, folders.isEmpty, access(place, F_OK) != 0 { return }
                try DataDirectory.createFolders(path + "/" + folder, isOwn: true)
                // First, since what lies there goes with files of this folder: less time for its owner to remove it.
                for inner in folders where !except.contains(inner) {
                    try copy(folder + "/" + inner, from: source, into: &files, where: isWanted)
                }
                for file in opened {
                    let name = folder + "/" + file.name
                    files[name] = try AtomicFile.copy(
                        file.descriptor, of: source + "/" + name, as: path + "/" + name)
                }
                return
            }
            for file in opened { close(file.descriptor) }
            opened = []
        }
    }

    /// Copies a file of the top, where there is one.
    func copy(file name: String, from source: String, into files: inout [String: FileMark]) throws(StoreError) {
        let descriptor = open(source + "/" + name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        if descriptor < 0, errno == ENOENT { return }
        guard descriptor >= 0 else { throw StoreError(errno: errno, path: source + "/" + name, doing: "open") }
        defer { close(descriptor) }
        files[name] = try AtomicFile.copy(descriptor, of: source + "/" + name, as: path + "/" + name)
    }

    /// The regular files of a folder but for half ones, and its folders; none where there is no such folder.
    private static func entries(of place: String) throws(StoreError) -> (files: [String], folders: [String]) {
        guard let stream = opendir(place) else {
            if errno == ENOENT { return ([], []) }
            throw StoreError(errno: errno, path: place, doing: "open")
        }
        defer { closedir(stream) }
        var files: [String] = [], folders: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name != ".", name != "..", !AtomicFile.isLeftover(name) else { continue }
            var status = stat()
            guard lstat(place + "/" + name, &status) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFREG: files.append(name)
            case S_IFDIR: folders.append(name)
            default: continue
            }
        }
        return (files.sorted(), folders.sorted())
    }
}
