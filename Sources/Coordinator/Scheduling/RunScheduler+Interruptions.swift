internal import CSystemCalls
internal import Datasets
internal import Foundation
internal import Logging
internal import Store
internal import Tensors
internal import Training

// How runs are taken up that a process before left computing.

extension RunScheduler {
    /// The runs that go on at once after a start: those that were computing, but for those that end the process whenever they
    /// do.
    ///
    /// What a fault of the system keeps from being done is repeated until it is done or the daemon ends.
    func takeUp(after end: PreviousEnd) throws -> [RunID] {
        var delay = Self.firstDelaySeconds
        while true {
            do {
                return try interrupted(end)
            } catch  where TransientFault.isOutage(error) && !condition.withLock({ isDraining }) {
                log.error("interrupted runs cannot be taken up yet", metadata: ["reason": "\(error)"])
                Thread.sleep(forTimeInterval: delay)
                delay = min(2 * delay, 2)
            }
        }
    }

    /// Ends in a row by a fault of the process's own after which a run counts as their cause.
    static let mostFaults = 3
    /// Ends in a row of any kind but a clean stop after which it does.
    static let mostEnds = 10

    /// The runs that were computing when the last process ended, without those that keep ending it.
    private func interrupted(_ end: PreviousEnd) throws -> [RunID] {
        // Asked for while they came to rest, and not done before the process ended.
        for run in try store.runs(in: .paused, limit: .max) where run.desired == .cancelled {
            try store.transition(
                run: run.id, to: .cancelled, event: EventDraft(.runCancelled), time: Timestamp(Date()))
        }
        let found = try store.interrupted().map(\.id)
        guard case .unclean(let faults) = end else {
            try store.forgetInterruptions()
            return found
        }
        return try found.enumerated().filter { place, run in
            let fault = faults[run.text]
            // Only what had a slot may have ended the process; the others waited for one.
            guard place < settings.concurrentRuns || fault != nil else { return true }
            let interruption = try store.noteInterruption(run, fault: fault)
            let reason: String
            if interruption.faults >= Self.mostFaults {
                reason =
                    "the process ended \(interruption.faults) times in a row by its own fault (\(fault ?? "unknown"))"
            } else if interruption.ends >= Self.mostEnds {
                reason = "the process ended \(interruption.ends) times in a row"
            } else {
                return true
            }
            let text = reason + ", and the run got no further in between; look at the log, then resume it to try again"
            log.error("run failed", metadata: ["run": "\(run)", "reason": "\(text)"])
            try fail(run, reason: text)
            return false
        }.map(\.element)
    }
}

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

/// Faults of the system that may be over soon: a disk that does not answer, no descriptor, thread or memory left.
///
/// What was read and is wrong is none of them, however often it is read; but for the database, of which SQLite calls
/// damaged what it could not read, so that only the next look tells.
enum TransientFault {
    /// Whether the same may go well later.
    static func isOne(_ error: any Error) -> Bool {
        switch error {
        case StoreError.corrupt: true
        case let error as StoreError: error.isTransient
        case is ThreadError: true
        case let error as TensorFileError: if case .unreadable = error { true } else { false }
        case let error as DatasetError: if case .unreadable = error { true } else { false }
        default: false
        }
    }

    /// Whether it is waited for however long it takes, since nothing can be noted meanwhile.
    static func isOutage(_ error: any Error) -> Bool { (error as? StoreError)?.isTransient ?? false }
}
