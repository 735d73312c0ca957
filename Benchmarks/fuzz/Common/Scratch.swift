import Foundation

/// A folder in memory, for readers that take files.
enum Scratch {
    static let folder: String = {
        let path = "/dev/shm/nasd-fuzz-\(getpid())"
        mkdir(path, 0o700)
        atexit { try? FileManager.default.removeItem(atPath: "/dev/shm/nasd-fuzz-\(getpid())") }
        return path
    }()

    /// Writes a file in place of the one of the same name; the path of it.
    static func place(_ bytes: some Collection<UInt8>, _ name: String) -> String {
        let path = "\(folder)/\(name)"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        precondition(descriptor >= 0, "the folder in memory takes files")
        let bytes = Array(bytes)
        precondition(write(descriptor, bytes, bytes.count) == bytes.count, "memory has room")
        close(descriptor)
        return path
    }
}
