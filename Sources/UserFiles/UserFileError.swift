public import API
internal import Foundation

/// What keeps a program from reading or writing what its user named, and how to mend it.
public enum UserFileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// There is no such file to read.
    case missing(path: String)
    /// A folder stands where a file is to be written.
    case isFolder(path: String)
    /// Nobody reads the named pipe, or the socket cannot be written to.
    case noReader(path: String)
    /// The system refuses.
    case refused(path: String, code: Int32)

    /// What, where and how to mend it.
    public var description: String {
        switch self {
        case .missing(let path): "there is no file \(path); check the path"
        case .isFolder(let path): "\(path) is a folder; name a file in it"
        case .noReader(let path): "\(path): nobody reads from it; start what reads it first, or name a file"
        case .refused(let path, let code): "\(path): \(String(cString: strerror(code)))\(Self.remedy(code))"
        }
    }

    /// The exit code that the error ends a program with.
    public var exitStatus: ExitStatus {
        switch self {
        case .missing: .notFound
        case .isFolder: .usage
        case .refused(_, ENOENT), .refused(_, ENOTDIR): .notFound
        case .refused(_, EACCES), .refused(_, EPERM), .refused(_, EROFS): .notPermitted
        case .noReader, .refused: .failure
        }
    }

    private static func remedy(_ code: Int32) -> String {
        switch code {
        case ENOENT, ENOTDIR: "; create its folder, or name another place"
        case EACCES, EPERM, EROFS: "; name a place that this user may write"
        case ENOSPC, EDQUOT: "; free some space, or name a place on another disk"
        case EFBIG: "; raise the limit of file sizes (ulimit -f)"
        case ELOOP: "; its links go round in a circle"
        default: ""
        }
    }
}
