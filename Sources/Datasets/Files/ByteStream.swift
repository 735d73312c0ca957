internal import CZlib
internal import Foundation

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

    /// Bytes of the file, or of what of it is read, and how many of them were taken.
    private let size: Int
    private var taken = 0
    private let member: ZipArchive.Member?
    private var sum = Checksum()
    private let handle: FileHandle
    private let watch: ReadingWatch
    private let inflater: Inflater?
    private var input: [UInt8] = []
    private var inputStart = 0

    private static let chunk = 1 << 18

    /// Deflate packs at most so many bytes to one, so a packed size bounds the contents too.
    private static let mostRatio = 1032

    /// Opens a regular, non-empty file.
    init(_ source: DataFile) throws {
        file = source.path
        let (descriptor, bytes) = try source.openRegular()
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        member = source.member
        watch = source.watch
        let size = source.member?.packedBytes ?? bytes
        guard size > 0 else { throw DatasetError.empty(file: file) }
        self.handle = handle
        self.size = size
        let first: Data
        do {
            if let member { try handle.seek(toOffset: UInt64(member.start)) }
            first = try handle.read(upToCount: min(Self.chunk, size)) ?? Data()
        } catch {
            throw DatasetError.unreadable(file: file, reason: error.localizedDescription)
        }
        input = [UInt8](first)
        taken = input.count
        // What an archive says of its members settles how they are packed.
        let packed = source.member?.isDeflated ?? (input.count >= 2 && input[0] == 0x1F && input[1] == 0x8B)
        inflater = packed ? try Inflater(file: file, isBare: source.member != nil) : nil
        let (unpacked, over) = size.multipliedReportingOverflow(by: packed ? Self.mostRatio : 1)
        most = min(over ? .max : unpacked, source.member?.bytes ?? .max)
    }

    /// Whether the file is packed.
    var isPacked: Bool { inflater != nil }

    /// Bytes of the contents: those of the file, and of a packed one an estimate, as if all of it packed as well as what was
    /// handed out.
    var likelyBytes: Int {
        let packed = isPacked ? max(1, taken - (input.count - inputStart)) : position,
            rest = Double(max(0, size - packed))
        let likely = isPacked ? rest * Double(position) / Double(packed) : rest
        return position + Int(min(likely, Look.most).rounded(.up))
    }

    /// Refuses a size of all that follows that cannot be true, before memory is taken for it.
    ///
    /// A plain file that is merely short is told from a header that makes no sense.
    func checkClaim(_ size: Int, _ claim: String) throws {
        guard size > most - position else {
            guard isPacked || size == most - position else {
                throw DatasetError.trailingBytes(file: file, expected: position + size)
            }
            return
        }
        if !isPacked, size / 64 <= most {
            throw DatasetError.truncated(file: file, expected: position + size, found: most)
        }
        throw DatasetError.tooLarge(file: file, claimed: claim, most: most)
    }

    /// Reads exactly `count` bytes; throws `truncated` if the contents end before.
    func read(_ count: Int) throws -> [UInt8] {
        guard count >= 0, count <= most else {
            throw DatasetError.tooLarge(file: file, claimed: "\(count) bytes", most: most)
        }
        try Checked.room(count, file: file)
        return try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            try read(into: UnsafeMutableRawBufferPointer(buffer))
            initialized = count
        }
    }

    /// Fills the whole target; throws `truncated` if the contents end before.
    func read(into target: UnsafeMutableRawBufferPointer) throws {
        let found = try readSome(into: target)
        guard found == target.count else {
            throw DatasetError.truncated(file: file, expected: position - found + target.count, found: position)
        }
    }

    /// Fills the target as far as the contents go; returns the number of bytes written.
    func readSome(into target: UnsafeMutableRawBufferPointer) throws -> Int {
        let found = try fill(target)
        position += found
        if member != nil { sum.add(UnsafeRawBufferPointer(rebasing: target[..<found])) }
        return found
    }

    /// Throws if anything follows; checks the sum at the end of gzip data.
    func expectEnd() throws {
        var extra: UInt8 = 0
        let found = try withUnsafeMutableBytes(of: &extra) { try fill($0) }
        guard found == 0 else { throw DatasetError.trailingBytes(file: file, expected: position) }
        guard let member, position != member.bytes || sum.value != member.checksum else { return }
        throw DatasetError.badHeader(
            file: file, reason: "its contents are not those that the archive has a checksum of")
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
        try watch.check()
        do {
            input = [UInt8](try handle.read(upToCount: min(Self.chunk, size - taken)) ?? Data())
        } catch {
            throw DatasetError.unreadable(file: file, reason: error.localizedDescription)
        }
        taken += input.count
        inputStart = 0
    }
}

/// Unpacks gzip data piece by piece, also of several members one after the other (RFC 1952, section 2.2).
final class Inflater {
    private let file: String
    private let isBare: Bool
    // zlib keeps the address of its stream, so the stream lives in memory of its own.
    private let stream: UnsafeMutablePointer<z_stream>
    private var memberEnded = false

    /// Prepares for the first member of the named file.
    ///
    /// - Parameter isBare: Whether deflated data come without the wrapper of gzip, as archives have them.
    init(file: String, isBare: Bool = false) throws {
        self.file = file
        self.isBare = isBare
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 16 asks for the gzip wrapper, 15 for the largest window.
        let status = inflateInit2_(stream, isBare ? -15 : 16 + 15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else {
            throw DatasetError.unreadable(file: file, reason: "zlib did not start (status \(status))")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    /// Takes bytes from `input`, which is not empty, and writes to `output`; returns how many of each.
    ///
    /// At least one byte is taken or written, or an error thrown.
    func step(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws -> (used: Int, made: Int) {
        if memberEnded {
            guard !isBare, input[0] == 0x1F else {
                throw DatasetError.corruptGzip(file: file, reason: "bytes that are not gzip follow its end")
            }
            inflateReset(stream)
            memberEnded = false
        }
        let taken = min(input.count, 1 << 30)
        let room = min(output.count, 1 << 30)
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(taken)
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(room)
        let status = inflate(stream, Z_NO_FLUSH)
        let used = taken - Int(stream.pointee.avail_in)
        let made = room - Int(stream.pointee.avail_out)
        switch status {
        case Z_OK where used + made > 0: break
        case Z_STREAM_END: memberEnded = true
        default:
            let reason = stream.pointee.msg.map { String(cString: $0) } ?? "zlib status \(status)"
            throw DatasetError.corruptGzip(file: file, reason: reason)
        }
        return (used, made)
    }

    /// Throws unless the last member is complete.
    func finish() throws {
        guard memberEnded else {
            throw DatasetError.corruptGzip(file: file, reason: "the data end too early")
        }
    }
}
