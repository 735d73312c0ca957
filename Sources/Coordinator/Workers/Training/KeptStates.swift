internal import CSystemCalls
internal import Foundation
internal import Store
internal import Training

/// The files in which a worker keeps what its next step depends on: beside the checkpoints that name them, so that they are backed up,
/// kept and removed with these. Their bytes are the worker's own.
struct KeptStates {
    /// The folder, which every slot of the run is told.
    let folder: String

    init(_ run: RunID, in directory: DataDirectory) { folder = directory.checkpointDirectory(run) + "/worker" }

    /// What somebody calls the folder who sees the folder of all runs under a path.
    func folder(below runs: String, of run: RunID) -> String {
        let base = runs.hasSuffix("/") ? String(runs.dropLast()) : runs
        return "\(base)/\(run.text)/checkpoints/worker"
    }

    /// What the file of a step is called.
    static func name(step: Int) -> String {
        let digits = String(step)
        return "step-" + String(repeating: "0", count: max(0, 9 - digits.count)) + digits
    }

    /// Makes the folder.
    func create() throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    /// Makes a file that the worker has written durable, and notes what it is.
    ///
    /// - Throws: `TrainingSetback` where there is no such file.
    func keep(_ name: String) throws -> KeptState {
        do {
            let state = try read(name, isSynced: true)
            guard state.bytes > 0 else {
                throw TrainingSetback("the worker says that it has saved \(name), which is empty")
            }
            return state
        } catch KeptStateFault.missing {
            throw TrainingSetback("the worker says that it has saved \(name), which is no file in \(folder)")
        }
    }

    /// Holds a file against what was noted of it.
    ///
    /// - Throws: `TrainingError.damagedCheckpoint`.
    func check(_ state: KeptState) throws {
        let path = folder + "/" + state.name
        do {
            guard try read(state.name, isSynced: false) == state else {
                throw TrainingError.damagedCheckpoint(
                    file: path, reason: "its bytes are not those that the worker had saved")
            }
        } catch KeptStateFault.missing {
            throw TrainingError.damagedCheckpoint(file: path, reason: "it is not there")
        }
    }

    /// Removes all but the files of some steps.
    func remove(except steps: Set<Int>) {
        let names = Set(steps.map(Self.name))
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where !names.contains(name) {
            unlink(folder + "/" + name)
        }
    }

    private enum KeptStateFault: Error { case missing }

    private func read(_ name: String, isSynced: Bool) throws -> KeptState {
        let path = folder + "/" + name
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ELOOP { throw KeptStateFault.missing }
            throw StoreError(errno: errno, path: path, doing: "open")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw KeptStateFault.missing }
        if isSynced {
            guard fsync(descriptor) == 0 else { throw StoreError(errno: errno, path: path, doing: "sync") }
            try AtomicFile.syncFolder(of: path)
        }
        let hash = SHA256()
        var size = 0
        var block = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = block.withUnsafeMutableBytes { Foundation.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw StoreError(errno: errno, path: path, doing: "read") }
            if count == 0 { break }
            block.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            size += count
        }
        return KeptState(name: name, bytes: size, sha256: hash.finish())
    }
}

/// A training by a worker that has to go back to its last checkpoint, since the worker has lost what it had learned since.
struct TrainingSetback: Error, Equatable {
    /// Why, in a few words.
    let reason: String

    init(_ reason: String) { self.reason = reason }
}
