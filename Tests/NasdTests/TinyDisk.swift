import Foundation

/// A real file system of a few MiB in memory, for what happens when a disk is full.
final class TinyDisk {
    let path: String
    private var filler: String { path + "/filler" }

    /// Whether this process may mount one.
    static let isAvailable: Bool = {
        let path = NSTemporaryDirectory() + "nasd-disk-" + UUID().uuidString
        defer { rmdir(path) }
        return (try? TinyDisk(path, mebibytes: 1)) != nil
    }()

    init(_ path: String, mebibytes: Int) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(mebibytes)m") == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EPERM)
        }
    }

    deinit { umount2(path, Int32(MNT_DETACH)) }

    /// Takes all the room there is.
    func fill() {
        let descriptor = open(filler, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        defer { close(descriptor) }
        let block = [UInt8](repeating: 1, count: 4096)
        while write(descriptor, block, block.count) > 0 {}
    }

    /// Gives it back.
    func empty() { unlink(filler) }
}
