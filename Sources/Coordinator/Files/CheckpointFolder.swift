internal import Foundation
internal import Store
internal import Training

/// The checkpoints of one run: written beside and renamed, the newest two kept, and those that are to be kept for good.
struct CheckpointFolder {
    let store: RunStore
    let run: RunID
    /// Steps whose checkpoints stay.
    var kept: Set<Int> = []

    private static let newest = 2

    /// Why a checkpoint is put out of the way.
    enum Reason: String {
        /// Its bytes are not those that were written.
        case unusable
        /// The store lacks what it builds on.
        case unmatched
    }

    private var path: String { store.directory.checkpointDirectory(run) }

    static func fileName(step: Int) -> String {
        let digits = String(step)
        return "step-" + String(repeating: "0", count: max(0, 9 - digits.count)) + digits + ".safetensors"
    }

    /// Writes the trainer's state, records it, and removes what is older than the newest two and not to be kept.
    ///
    /// - Parameters:
    ///   - results: What the store holds of the run.
    ///   - isMilestone: Which steps training may go back to; the newest of these is kept in any case.
    func write(
        _ trainer: any RunTrainer, fingerprints: Fingerprints, numerics: String, search: String?, results: ResultsMark,
        isMilestone: (Int) -> Bool
    ) throws {
        let name = Self.fileName(step: trainer.step)
        let header = try trainer.writeCheckpoint(
            to: path + "/" + name, fingerprints: fingerprints, numerics: numerics, search: search,
            results: try results.json())
        // A row of the same step belongs to a file that was torn, or that a resumed run has just made again.
        try store.removeCheckpoint(run, step: header.step)
        try store.recordCheckpoint(run, CheckpointRecord(step: header.step, file: name, digest: header.digest))
        let known = try store.checkpoints(run)
        // Files, since one whose row was lost is as good.
        let goal = try files().compactMap(Self.step).first(where: isMilestone)
        for old in known.dropFirst(Self.newest) where old.step != goal && !kept.contains(old.step) {
            // The row first: whoever looks for a checkpoint to search goes by rows.
            try store.removeCheckpoint(run, step: old.step)
            unlink(path + "/" + old.file)
        }
        try removeLeftovers(except: goal)
    }

    /// The checkpoint files there are, newest first; a file counts whether its row was written or not.
    ///
    /// - Throws: `StoreError` when the folder cannot be read, which does not mean that it is empty.
    func files() throws(StoreError) -> [String] {
        try names().compactMap { name in Self.step(of: name).map { (step: $0, name: name) } }
            .sorted { $0.step > $1.step }.map { path + "/" + $0.name }
    }

    /// The step of a checkpoint file; nil for another name.
    static func step(of file: String) -> Int? {
        file.split(separator: "/").last?.firstMatch(of: /^step-([0-9]+)\.safetensors$/).flatMap { Int($0.1) }
    }

    /// Removes checkpoints past a step, and rows of such that have no file any more: training takes another way.
    func remove(past step: Int) throws {
        for row in try store.checkpoints(run) where row.step > step {
            try store.removeCheckpoint(run, step: row.step)
        }
        for file in try files() {
            if let own = Self.step(of: file), own > step { unlink(file) }
        }
    }

    /// Takes a checkpoint out of the way, so that it neither counts as one of the newest nor is tried again; it is kept
    /// until the run is over.
    func setAside(_ file: String, _ reason: Reason) throws {
        guard rename(file, "\(file).\(reason.rawValue)") == 0 else {
            throw StoreError(errno: errno, path: file, doing: "rename")
        }
        if let step = Self.step(of: file) { try store.removeCheckpoint(run, step: step) }
    }

    /// Removes what was set aside, once nobody can need it.
    func removeAside() throws {
        for name in try names() where name.hasSuffix(".\(Reason.unusable)") || name.hasSuffix(".\(Reason.unmatched)") {
            unlink(path + "/" + name)
        }
    }

    /// Removes files that have no row any more, but for one of a step.
    private func removeLeftovers(except goal: Int?) throws {
        let known = Set(try store.checkpoints(run).map(\.file))
        for name in try names() where !known.contains(name) {
            if let step = Self.step(of: name), step != goal, !kept.contains(step) { unlink(path + "/" + name) }
        }
    }

    private func names() throws(StoreError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw .notAccessible(path: path, reason: "list: \(error.localizedDescription)")
        }
    }
}

extension ResultsMark {
    /// As a checkpoint holds it.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    init(json: String) throws { self = try JSONDecoder().decode(Self.self, from: Data(json.utf8)) }
}

extension Trainer {
    /// Writes the training state to a file, complete or not at all.
    ///
    /// - Returns: The header, which has the digest of what was written.
    @discardableResult
    func writeCheckpoint(
        to path: String, fingerprints: Fingerprints, numerics: String, search: String?, results: String? = nil
    ) throws -> CheckpointHeader {
        let header = checkpointHeader(fingerprints: fingerprints, numerics: numerics, search: search, results: results)
        let file = try AtomicFile(path: path)
        try writeCheckpoint(header) { bytes throws(StoreError) in try file.write(bytes) }
        try file.commit()
        return header
    }
}
