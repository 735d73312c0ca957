public import Foundation
internal import GRDB

/// What went wrong in the store: what, where, and how to mend it.
public enum StoreError: Error, Sendable, Equatable {
    /// Another process owns the data directory.
    case locked(directory: String)
    /// A file or folder cannot be created, written or read.
    case notAccessible(path: String, reason: String)
    /// The folder or file in use was removed, moved away or covered by another.
    case gone(path: String)
    /// A database was copied without the log that holds its rows.
    case copyWithoutLog(path: String)
    /// A run's log is beside a database in a folder that cannot be written, and no reader can use it.
    case unreadableLog(path: String)
    /// The disk or quota is full.
    case full(path: String)
    /// The file was written by a newer version.
    case newerSchema(path: String, found: Int, supported: Int)
    /// The file is not a database of this program.
    case foreignFile(path: String, detail: String)
    /// The database is damaged.
    case corrupt(path: String, detail: String)
    /// No run answers to the text.
    case noSuchRun(String)
    /// Several runs answer to the text.
    case ambiguousRun(String, ids: [String])
    /// No receiver of webhooks has the id.
    case noSuchEndpoint(String)
    /// A submission's key was used for another document.
    case otherSubmission(key: String, run: String)
    /// The state machine does not permit the step.
    case illegalTransition(run: String, from: String, to: String)
    /// A repeated write differs from what is stored.
    case conflictingReplay(table: String, row: String, column: String, stored: String, given: String)
    /// An argument is out of range.
    case invalid(what: String, place: String, remedy: String)
    /// Any other failure of the database.
    case database(doing: String, path: String, code: Int, message: String)

    /// What happened.
    public var what: String {
        switch self {
        case .locked: "the data directory is in use by another process"
        case .notAccessible(_, let reason): "cannot be used: \(reason)"
        case .gone: "was removed or replaced while it was in use; nothing can be kept there"
        case .copyWithoutLog:
            "holds no rows: it was copied from a live or killed run without nasd.sqlite-wal, the log that has them"
        case .unreadableLog:
            "its log (nasd.sqlite-wal) is that of a live or a killed run, and this user cannot write the folder, which "
                + "reading a log takes"
        case .full: "no space is left on the disk"
        case .newerSchema(_, let found, let supported):
            "was written by a newer version (schema \(found), this version knows up to \(supported))"
        case .foreignFile(_, let detail): "is not a nasd database: \(detail)"
        case .corrupt(_, let detail): "is damaged: \(detail)"
        case .noSuchRun(let text): "no run has the id, id prefix or name '\(text)'"
        case .ambiguousRun(let text, let ids): "'\(text)' means several runs: \(ids.joined(separator: ", "))"
        case .noSuchEndpoint(let id): "no webhook has the id '\(id)'"
        case .otherSubmission(let key, let run):
            "the key '\(key)' was used for another document, which became run \(run)"
        case .illegalTransition(_, let from, let to): "a run that is \(from) cannot \(Self.deed(to))"
        case .conflictingReplay(_, _, let column, let stored, let given):
            "a repeated write differs in column '\(column)': stored \(stored), given \(given)"
        case .invalid(let what, _, _): what
        case .database(let doing, _, let code, let message): "\(doing) failed: \(message) (SQLite code \(code))"
        }
    }

    /// Where it happened.
    public var place: String {
        switch self {
        case .locked(let directory): directory
        case .notAccessible(let path, _), .gone(let path), .copyWithoutLog(let path), .unreadableLog(let path),
            .full(let path), .newerSchema(let path, _, _), .foreignFile(let path, _),
            .corrupt(let path, _), .database(_, let path, _, _):
            path
        case .noSuchRun, .ambiguousRun, .otherSubmission: "runs"
        case .noSuchEndpoint: "webhooks"
        case .illegalTransition(let run, _, _): "run \(run)"
        case .conflictingReplay(let table, let row, _, _, _): "\(table) \(row)"
        case .invalid(_, let place, _): place
        }
    }

    /// How to mend it.
    public var remedy: String {
        switch self {
        case .locked: "stop the other process or choose another data directory"
        case .notAccessible: "check that the folder exists and that this user may read and write it"
        case .gone:
            "put it back if it was moved; otherwise stop this process and restore a copy, as Documentation/results.md says"
        case .copyWithoutLog:
            "copy nasd.sqlite, nasd.sqlite-wal and runs/ together while nothing writes them, as Documentation/results.md "
                + "says, or begin in another folder"
        case .unreadableLog:
            "read it as the user that it belongs to, or copy the whole folder to a place that this user may write"
        case .full: "free some space or move the data directory, then start again"
        case .newerSchema: "use the newer version, or a backup made before the upgrade"
        case .foreignFile: "choose another data directory or move the file away"
        case .corrupt: "move the file away or restore a backup"
        case .noSuchRun: "list the runs to see their ids"
        case .ambiguousRun: "give one of these ids"
        case .noSuchEndpoint: "list the webhooks to see their ids"
        case .otherSubmission: "give every new document a key of its own"
        case .illegalTransition(_, let from, let to): Self.remedy(from: from, to: to)
        case .conflictingReplay:
            "the run is not repeating what it did before; continue it with the same version, data and settings"
        case .invalid(_, _, let remedy): remedy
        case .database: "check the disk and the permissions of the data directory"
        }
    }
}

extension StoreError {
    /// A run whose slot has not let go of it yet, in place of its state.
    public static let comingToRest = "coming to rest"

    private static func deed(_ to: String) -> String {
        switch to {
        case "queued": "be resumed"
        case "deleted", "changed": "be \(to)"
        default: "become \(to)"
        }
    }

    /// What to do in place of what a run's state does not permit.
    private static func remedy(from: String, to: String) -> String {
        let state = RunState(rawValue: from)
        if from == comingToRest { return "it stops at the end of its step; try again in a moment" }
        switch to {
        case "deleted": return "cancel it first, and delete it once it is cancelled"
        case "changed": return "hand in another run with other settings"
        case "queued" where state == .completed: return "hand in another run with more steps or evaluations"
        case "queued" where state == .cancelled: return "hand it in again to compute it anew"
        case "queued" where state?.isLive == true:
            return "it has not stopped; where a pause was asked for, wait until it is paused"
        case "queued": return "delete it, and hand it in again"
        case "paused" where state == .paused: return "it waits already; resume takes it up again"
        case "paused" where state == .failed: return "it has stopped already; resume takes it up again"
        case "paused", "cancelled": return "it has ended already; its results stay until it is deleted"
        default: return "look at the run's state first"
        }
    }

    /// Whether the same may go well later: the system did not do what it was asked, and nothing is wrong with what it was
    /// asked for.
    public var isTransient: Bool {
        switch self {
        case .full, .notAccessible, .gone: true
        case .database(_, _, let code, _):
            // SQLITE_BUSY, LOCKED, NOMEM, INTERRUPT, IOERR, PROTOCOL.
            [5, 6, 7, 9, 10, 15].contains(code & 0xFF)
        default: false
        }
    }
}

extension StoreError: LocalizedError, CustomStringConvertible {
    /// Where, what and how to mend it, on one line.
    public var description: String { "\(place): \(what); \(remedy)" }
    /// The same line, for `localizedDescription`.
    public var errorDescription: String? { description }
}

extension StoreError {
    /// The store's error for anything thrown while using the database file at `path`.
    init(_ error: any Error, doing: String, path: String) {
        switch error {
        case let error as StoreError: self = error
        case let error as DatabaseError:
            let message = error.message ?? "unknown"
            switch error.resultCode {
            case .SQLITE_FULL: self = .full(path: path)
            case .SQLITE_NOTADB: self = .foreignFile(path: path, detail: message)
            case .SQLITE_CORRUPT: self = .corrupt(path: path, detail: message)
            case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM:
                self = .notAccessible(path: path, reason: message)
            default:
                self = .database(
                    doing: doing, path: path, code: Int(error.extendedResultCode.rawValue), message: message)
            }
        case is RowDecodingError: self = .corrupt(path: path, detail: "a row has values that it cannot have")
        default: self = .database(doing: doing, path: path, code: -1, message: "\(error)")
        }
    }

    /// The store's error for a failed system call.
    package init(errno code: Int32, path: String, doing: String) {
        if code == ENOSPC || code == EDQUOT {
            self = .full(path: path)
        } else {
            self = .notAccessible(path: path, reason: "\(doing): \(String(cString: strerror(code)))")
        }
    }
}
