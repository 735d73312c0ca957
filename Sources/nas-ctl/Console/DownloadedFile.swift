internal import API
internal import Foundation

/// A file that appears complete or not at all: written beside its place, synced, renamed.
///
/// What is no ordinary file, such as `/dev/null` or a named pipe, is written as it comes.
final class DownloadedFile {
    /// Where the file appears.
    let path: String
    private let descriptor: Int32
    private let half: String?
    private var isCommitted = false

    /// Begins a file.
    ///
    /// - Throws: `Failure` when the folder cannot be written.
    init(path: String) throws(Failure) {
        // A link stays one: its target is replaced.
        let target = realpath(path, nil)
        defer { free(target) }
        let place = target.map { String(cString: $0) } ?? path
        var status = stat()
        let exists = stat(place, &status) == 0
        if exists, status.st_mode & S_IFMT == S_IFDIR {
            throw Failure(code: .usage, message: "error: \(path) is a folder; name a file in it")
        }
        if exists, status.st_mode & S_IFMT != S_IFREG {
            half = nil
            descriptor = open(place, O_WRONLY | O_CLOEXEC)
        } else {
            let name = "\(place).\(UInt32.random(in: 0 ... .max)).part"
            half = name
            // Before there is a file: a signal between the two would leave it.
            Interruption.setHalfFile(name)
            descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        }
        guard descriptor >= 0 else {
            let failure = Self.failure(path)
            Interruption.setHalfFile(nil)
            throw failure
        }
        self.path = place
    }

    deinit {
        close(descriptor)
        if let half, !isCommitted { unlink(half) }
        Interruption.setHalfFile(nil)
    }

    /// Appends bytes.
    func write(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        var sent = 0
        while sent < bytes.count {
            let count = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent)
            if count >= 0 {
                sent += count
            } else if errno != EINTR {
                throw Self.failure(path)
            }
        }
    }

    /// Lets the file appear.
    func commit() throws(Failure) {
        guard let half else { return }
        guard fsync(descriptor) == 0, rename(half, path) == 0 else { throw Self.failure(path) }
        isCommitted = true
        // The name is durable once its folder is; a folder that cannot be opened keeps the file all the same.
        let folder = open((path as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
    }

    private static func failure(_ path: String) -> Failure {
        let code: ExitStatus = errno == ENOENT ? .notFound : errno == EACCES ? .notPermitted : .failure
        return Failure(code: code, message: "error: \(path): \(String(cString: strerror(errno)))")
    }
}
