import Foundation

/// The bytes of a file from its start, unpacked on the way if the file is gzip by its first two bytes.
///
/// Readers ask for the header first and for the body once its size is known, so nothing is ever held twice.
final class ByteStream {
    /// What errors name.
    let file: String
    /// No more bytes than this can come out, whatever a header says.
    let most: Int
    /// Bytes handed out so far.
    private(set) var position = 0

    private let handle: FileHandle
    private let inflater: Inflater?
    private var input: [UInt8] = []
    private var inputStart = 0

    private static let chunk = 1 << 18

    /// The largest contents a file may have; larger sets do not fit the memory this program plans with.
    static let largest = 1 << 31

    /// Opens a regular, non-empty file.
    init(_ source: DataFile) throws {
        file = source.path
        let descriptor = try source.open()
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw DatasetError.unreadable(file: file, reason: "not a regular file")
        }
        let size = Int(status.st_size)
        guard size > 0 else { throw DatasetError.empty(file: file) }
        self.handle = handle
        let first: Data
        do {
            first = try handle.read(upToCount: Self.chunk) ?? Data()
        } catch {
            throw DatasetError.unreadable(file: file, reason: error.localizedDescription)
        }
        input = [UInt8](first)
        let packed = input.count >= 2 && input[0] == 0x1F && input[1] == 0x8B
        inflater = packed ? try Inflater(file: file) : nil
        // Deflate packs at most 1032 to 1, so a packed size bounds the contents too.
        let (unpacked, over) = size.multipliedReportingOverflow(by: packed ? 1032 : 1)
        most = over ? Self.largest : min(unpacked, Self.largest)
    }

    /// Refuses a size that cannot be true before memory is taken for it.
    ///
    /// A plain file that is merely short is told from a header that makes no sense.
    func checkClaim(_ size: Int, _ claim: String) throws {
        guard size > most else { return }
        if inflater == nil, size <= Self.largest, size / 64 <= most {
            throw DatasetError.truncated(file: file, expected: position + size, found: most)
        }
        throw DatasetError.tooLarge(file: file, claimed: claim, most: most)
    }

    /// Reads exactly `count` bytes; throws `truncated` if the contents end before.
    func read(_ count: Int) throws -> [UInt8] {
        guard count >= 0, count <= most else {
            throw DatasetError.tooLarge(file: file, claimed: "\(count) bytes", most: most)
        }
        var found = 0
        let bytes = try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            found = try fill(UnsafeMutableRawBufferPointer(buffer))
            initialized = found
        }
        position += found
        guard found == count else {
            throw DatasetError.truncated(file: file, expected: position - found + count, found: position)
        }
        return bytes
    }

    /// Reads what is left, up to `limit` bytes; throws if there is more.
    func readAll(limit: Int) throws -> [UInt8] {
        var all: [UInt8] = []
        var part = [UInt8](repeating: 0, count: Self.chunk)
        while true {
            let found = try part.withUnsafeMutableBytes { try fill($0) }
            if found == 0 { return all }
            position += found
            guard all.count + found <= limit else {
                throw DatasetError.tooLarge(file: file, claimed: "more than \(limit) bytes", most: limit)
            }
            all.append(contentsOf: part[..<found])
        }
    }

    /// Throws if anything follows; checks the sum at the end of gzip data.
    func expectEnd() throws {
        var extra: UInt8 = 0
        let found = try withUnsafeMutableBytes(of: &extra) { try fill($0) }
        guard found == 0 else { throw DatasetError.trailingBytes(file: file, expected: position) }
    }

    /// Fills the target as far as the contents go; returns the number of bytes written.
    private func fill(_ target: UnsafeMutableRawBufferPointer) throws -> Int {
        var written = 0
        while written < target.count {
            if inputStart == input.count { try refill() }
            let atEnd = input.isEmpty
            if let inflater {
                if atEnd {
                    try inflater.finish()
                    return written
                }
                let room = UnsafeMutableRawBufferPointer(rebasing: target[written...])
                let (used, made) = try input.withUnsafeBytes { bytes in
                    try inflater.step(UnsafeRawBufferPointer(rebasing: bytes[inputStart...]), into: room)
                }
                inputStart += used
                written += made
            } else {
                if atEnd { return written }
                let count = min(target.count - written, input.count - inputStart)
                input.withUnsafeBytes { bytes in
                    UnsafeMutableRawBufferPointer(rebasing: target[written..<(written + count)])
                        .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[inputStart..<(inputStart + count)]))
                }
                inputStart += count
                written += count
            }
        }
        return written
    }

    private func refill() throws {
        do {
            input = [UInt8](try handle.read(upToCount: Self.chunk) ?? Data())
        } catch {
            throw DatasetError.unreadable(file: file, reason: error.localizedDescription)
        }
        inputStart = 0
    }
}
