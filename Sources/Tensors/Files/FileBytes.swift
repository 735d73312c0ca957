internal import Foundation
internal import Glibc

/// The bytes of a file of tensors.
enum FileBytes {
    /// Reads a regular file to its end; whatever else bears the name is none, and nobody waits for it.
    ///
    /// - Throws: `unreadable` when the system does not give what there is, and `damaged` when there is something else.
    static func read(_ path: String) throws(TensorFileError) -> Data {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(path) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .damaged(file: path, reason: "it is no regular file") }
        let size = Int(status.st_size)
        guard let memory = malloc(max(1, size)) else {
            throw .unreadable(file: path, reason: "there is no memory for its \(size) bytes")
        }
        var count = 0
        while count < size {
            let found = Glibc.read(descriptor, memory + count, size - count)
            if found < 0, errno == EINTR { continue }
            guard found >= 0 else {
                let error = failure(path)
                free(memory)
                throw error
            }
            // It was cut short under our hands: what is there is judged as it is.
            if found == 0 { break }
            count += found
        }
        return Data(bytesNoCopy: memory, count: count, deallocator: .free)
    }

    private static func failure(_ path: String) -> TensorFileError {
        let code = errno
        let reason = String(cString: strerror(code))
        // Names that lead nowhere are what is there, and no fault of reading it.
        return code == ELOOP || code == ENOTDIR
            ? .damaged(file: path, reason: reason) : .unreadable(file: path, reason: reason)
    }
}

/// What is wrong with a file of tensors.
public enum TensorFileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file cannot be opened or read.
    case unreadable(file: String, reason: String)
    /// The file ends before its contents do, or its header makes no sense.
    case damaged(file: String, reason: String)
    /// The file is whole but not what is wanted.
    case foreign(file: String, reason: String)
    /// A tensor is missing or of another shape.
    case mismatch(file: String, tensor: String, expected: String, found: String)

    /// Where, what and how to mend it.
    public var description: String {
        switch self {
        case .unreadable(let file, let reason):
            "\(file): cannot be read: \(reason); check the path and its permissions"
        case .damaged(let file, let reason):
            "\(file): damaged: \(reason); copy or write the file again"
        case .foreign(let file, let reason):
            "\(file): \(reason); name a file that nasd wrote for this purpose"
        case .mismatch(let file, let tensor, let expected, let found):
            "\(file): tensor '\(tensor)': expected \(expected), found \(found); the file belongs to another network"
        }
    }
}
