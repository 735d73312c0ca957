import CZlib

/// Unpacks gzip data piece by piece, also of several members one after the other (RFC 1952, section 2.2).
final class Inflater {
    private let file: String
    // zlib keeps the address of its stream, so the stream lives in memory of its own.
    private let stream: UnsafeMutablePointer<z_stream>
    private var memberEnded = false

    /// Prepares for the first member of the named file.
    init(file: String) throws {
        self.file = file
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 16 asks for the gzip wrapper, 15 for the largest window.
        let status = inflateInit2_(stream, 16 + 15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
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
            guard input[0] == 0x1F else {
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
