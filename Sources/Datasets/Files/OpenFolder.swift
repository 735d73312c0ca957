internal import CSystemCalls
internal import Foundation

/// A folder that is open: nothing that is named in it is opened outside of it, whatever a name or a link says.
final class OpenFolder: Sendable {
    /// What there is in a folder.
    struct Entry {
        /// What it is.
        enum Kind: Equatable {
            case folder
            /// A file of so many bytes, which was last changed at that nanosecond.
            case file(bytes: Int, changed: Int)
            /// A link that leads out of the folder that is open.
            case outside
            /// A device, a pipe, or a link to nothing.
            case other
        }

        /// Its name; nil where that is no UTF-8.
        let name: String?
        let kind: Kind
    }

    /// What errors name.
    let path: String
    /// Who looks on while it is looked through and its files are read.
    let watch: ReadingWatch
    private let descriptor: Int32

    /// Takes over a descriptor.
    init(_ path: String, descriptor: Int32, watch: ReadingWatch) {
        self.path = path
        self.descriptor = descriptor
        self.watch = watch
    }

    deinit { close(descriptor) }

    /// What lies directly in a folder within this one, in the order of the bytes of its names; nil where there is no such folder.
    /// Names that begin with a dot are left out.
    ///
    /// - Throws: `DatasetError` where it lies outside or cannot be read, and when whoever looks on ends it.
    func entries(of folder: String) throws(DatasetError) -> [Entry]? {
        let opened = open(folder, O_RDONLY | O_DIRECTORY)
        guard opened >= 0 else {
            switch errno {
            case ENOENT, ENOTDIR: return nil
            case EXDEV, ELOOP: throw .outside(name: place(folder))
            default: throw unreadable(folder)
            }
        }
        guard let stream = fdopendir(opened) else {
            let error = unreadable(folder)
            close(opened)
            throw error
        }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while true {
            if names.count % Self.looks == 0 { try watch.check() }
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: UInt8.self, capacity: 256) { bytes in
                    Array(UnsafeBufferPointer(start: bytes, count: strnlen(pointer, 256)))
                }
            }
            if name.first != UInt8(ascii: ".") { names.append(name) }
        }
        guard errno == 0 else { throw unreadable(folder) }
        names.sort { $0.lexicographicallyPrecedes($1) }
        var entries: [Entry] = []
        entries.reserveCapacity(names.count)
        for bytes in names {
            if entries.count % Self.looks == 0 { try watch.check() }
            guard let name = String(validating: bytes, as: UTF8.self) else {
                entries.append(Entry(name: nil, kind: .other))
                continue
            }
            entries.append(Entry(name: name, kind: kind(of: folder.isEmpty ? name : "\(folder)/\(name)")))
        }
        return entries
    }

    /// Names that are looked at between two looks at who looks on.
    private static let looks = 1024

    /// Whether there is anything at a place.
    func has(_ place: String) -> Bool {
        let opened = open(place, O_RDONLY | O_NONBLOCK)
        // What is there and cannot be opened is told when it is read.
        guard opened >= 0 else { return errno != ENOENT && errno != ENOTDIR }
        close(opened)
        return true
    }

    /// The bytes of a regular file within.
    ///
    /// - Throws: What is wrong with it; nothing is read of a file that has more than `most`.
    func contents(of file: String, most: Int) throws(ImageFault) -> [UInt8] {
        let opened = open(file, O_RDONLY | O_NONBLOCK)
        guard opened >= 0 else {
            if errno == EXDEV || errno == ELOOP { throw .outside }
            throw .unreadable(reason: String(cString: strerror(errno)))
        }
        return try FileContents.read(opened, most: most)
    }

    private func kind(of place: String) -> Entry.Kind {
        var status = stat()
        guard fstatat(descriptor, place, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return .other }
        if status.st_mode & S_IFMT == S_IFLNK {
            let opened = open(place, O_RDONLY | O_NONBLOCK)
            guard opened >= 0 else { return errno == EXDEV || errno == ELOOP ? .outside : .other }
            defer { close(opened) }
            guard fstat(opened, &status) == 0 else { return .other }
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return .folder
        case S_IFREG:
            let changed = Int(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int(status.st_mtim.tv_nsec)
            return .file(bytes: Int(status.st_size), changed: changed)
        default: return .other
        }
    }

    private func open(_ place: String, _ flags: Int32) -> Int32 {
        // The system would open what stands before it.
        guard !place.utf8.contains(0) else {
            errno = ENOENT
            return -1
        }
        return nasd_open_beneath(descriptor, place.isEmpty ? "." : place, flags)
    }

    private func place(_ folder: String) -> String { folder.isEmpty ? path : "\(path)/\(folder)" }

    private func unreadable(_ folder: String) -> DatasetError {
        .unreadable(file: place(folder), reason: String(cString: strerror(errno)))
    }
}

/// The bytes of a small file, all at once.
enum FileContents {
    /// Reads a regular file and closes its descriptor.
    ///
    /// - Throws: What is wrong with it; nothing is read of a file that has more than `most`.
    static func read(_ opened: Int32, most: Int) throws(ImageFault) -> [UInt8] {
        defer { close(opened) }
        var status = stat()
        guard fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(reason: "it is no regular file")
        }
        let size = Int(status.st_size)
        guard size > 0 else { throw .empty }
        guard size <= most else { throw .manyBytes(size) }
        var found = 0
        let bytes = try ImageDecoder.room(size) { (buffer) throws(ImageFault) in
            while found < size {
                let count = Foundation.read(opened, buffer.baseAddress.map { $0 + found }, size - found)
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { throw .unreadable(reason: String(cString: strerror(errno))) }
                guard count > 0 else { break }
                found += count
            }
        }
        guard found == size else { throw .unreadable(reason: "it became shorter while it was read") }
        return bytes
    }

    /// Reads a file of whoever runs the program, wherever it lies.
    static func read(_ path: String, most: Int) throws(ImageFault) -> [UInt8] {
        let opened = path.utf8.contains(0) ? -1 : open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard opened >= 0 else { throw .unreadable(reason: String(cString: strerror(errno))) }
        return try read(opened, most: most)
    }
}
