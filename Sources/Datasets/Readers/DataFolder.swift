internal import CSystemCalls
import Foundation

/// The folder that names of data files are relative to.
public struct DataFolder: Sendable, Hashable {
    /// The folder; relative to the root where it is confined.
    public let path: String
    /// The folder that no file may lie outside of; nil for none.
    public let root: String?

    /// A folder of whoever runs the program: absolute names and links may lead anywhere.
    public init(_ path: String) {
        self.path = path
        root = nil
    }

    /// A folder that somebody else names: nothing outside of `root` is ever opened, whatever the path, a name, or a link
    /// says (openat2 with RESOLVE_BENEATH).
    public init(_ path: String, beneath root: String) {
        self.path = path
        self.root = root
    }

    /// Whether the folder exists and, where it is confined, lies within its root.
    ///
    /// - Throws: `DatasetError.unreadable` when the system does not say.
    public func exists() throws -> Bool {
        guard let root else { return try Self.status(of: path).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false }
        do {
            guard let descriptor = try Self.open(path, beneath: root, O_RDONLY | O_DIRECTORY) else { return false }
            close(descriptor)
            return true
        } catch DatasetError.outside {
            return false
        }
    }

    /// What there is at a path; nil for nothing.
    private static func status(of path: String) throws -> stat? {
        guard !path.utf8.contains(0) else { return nil }
        var status = stat()
        if stat(path, &status) == 0 { return status }
        switch errno {
        case ENOENT, ENOTDIR: return nil
        default: throw DatasetError.unreadable(file: path, reason: String(cString: strerror(errno)))
        }
    }

    /// The first file that exists: `name`, `name` with `.gz` added, `name` with `.gz` taken off.
    func find(_ name: String) throws -> DataFile {
        guard !name.isEmpty else {
            throw DatasetError.invalidSetting(name: "file name", value: "empty", allowed: "a path")
        }
        var names = [name, name + ".gz"]
        if name.hasSuffix(".gz") { names[1] = String(name.dropLast(3)) }
        guard let root else {
            let candidates = names.map {
                $0.hasPrefix("/") ? $0 : URL(fileURLWithPath: path, isDirectory: true).appendingPathComponent($0).path
            }
            for candidate in candidates where try Self.status(of: candidate) != nil { return DataFile(candidate) }
            throw DatasetError.missingFile(name: name, tried: candidates)
        }
        for candidate in names {
            let place = candidate.hasPrefix("/") ? candidate : "\(path)/\(candidate)"
            if let descriptor = try Self.open(place, beneath: root, O_RDONLY | O_NONBLOCK) {
                return DataFile(place, descriptor: descriptor)
            }
        }
        throw DatasetError.missingFile(name: name, tried: names.map { "\(path)/\($0)" })
    }

    /// Opens a path within the root; nil when there is nothing.
    ///
    /// - Throws: `DatasetError.outside` for a path that leaves the root.
    private static func open(_ path: String, beneath root: String, _ flags: Int32) throws -> Int32? {
        // The system would open what stands before it.
        guard !path.utf8.contains(0) else { return nil }
        let folder = Foundation.open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else {
            throw DatasetError.unreadable(file: root, reason: String(cString: strerror(errno)))
        }
        defer { close(folder) }
        let descriptor = nasd_open_beneath(folder, path, flags)
        if descriptor >= 0 { return descriptor }
        switch errno {
        case ENOENT, ENOTDIR: return nil
        case EXDEV, ELOOP: throw DatasetError.outside(name: path)
        default: throw DatasetError.unreadable(file: path, reason: String(cString: strerror(errno)))
        }
    }
}
