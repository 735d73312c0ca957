import Foundation
internal import GRDB

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
