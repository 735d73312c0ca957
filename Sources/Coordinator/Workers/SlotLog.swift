internal import CSystemCalls
internal import Foundation

/// What the processes of a slot write to standard error: the last of it, in a file of a bounded size and the one before it.
final class SlotLog {
    /// Bytes of a file; there are two at most.
    static let mostBytes = 512 << 10

    private let path: String
    private var descriptor: Int32 = -1
    private var size = 0

    init(_ path: String) { self.path = path }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Adds bytes; a disk that takes none loses them.
    func write(_ bytes: some Collection<UInt8>) {
        if descriptor < 0 || size >= Self.mostBytes { begin() }
        let bytes = Array(bytes)
        guard descriptor >= 0, nasd_write_all(descriptor, bytes, bytes.count) == 0 else { return }
        size += bytes.count
    }

    private func begin() {
        if descriptor >= 0 { close(descriptor) }
        if size >= Self.mostBytes { rename(path, path + ".1") }
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
        var status = stat()
        size = descriptor >= 0 && fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
        if size >= Self.mostBytes, descriptor >= 0 {
            rename(path, path + ".1")
            close(descriptor)
            descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
            size = 0
        }
    }
}
