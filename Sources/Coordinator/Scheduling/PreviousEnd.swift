internal import CSystemCalls
internal import Foundation
internal import Store

/// How the process that had a data directory before came to its end.
public enum PreviousEnd: Sendable, Equatable {
    /// It stopped as it was told, or there was none.
    case clean
    /// It was killed, or the machine stopped, or it failed itself: under these runs by these signals.
    case unclean(faults: [String: String])
}

/// The file in which a process notes its own faults, for the next one to read.
public struct FaultNotes: Sendable {
    private let path: String

    /// The notes of a data directory.
    public init(directory: String) { path = directory + "/faults" }

    /// The runs under which the last process failed, with the signal, as `SIGSEGV at step 12`.
    public func read() -> [String: String] {
        let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        var faults: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count == 3, RunID(String(fields[1])) != nil else { continue }
            faults[String(fields[1])] = "\(fields[0]) at step \(fields[2])"
        }
        return faults
    }

    /// Has the faults of this process noted from here on; what was noted before is forgotten.
    ///
    /// - Returns: False when the file cannot be written: then a fault leaves no note.
    public func watch() -> Bool {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { return false }
        nasd_watch_faults(descriptor)
        return true
    }
}
