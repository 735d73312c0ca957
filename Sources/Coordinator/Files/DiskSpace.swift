internal import Foundation

/// Room on a disk.
public enum DiskSpace {
    /// Bytes that this user may still write where a path lies; nil when the system does not say.
    public static func freeBytes(at path: String) -> Int? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        return Int(status.f_bavail) * Int(status.f_frsize)
    }
}
