internal import CZlib

/// Bytes as gzip (RFC 1952), for files that are the same for everybody: what is packed beside a secret would tell of it by its length.
enum PackedBytes {
    /// The bytes, packed as well as zlib can; nil where that saves nothing, or where it does not start.
    static func of(_ bytes: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        // 16 asks for the gzip wrapper, 15 for the largest window, 9 for the most memory.
        let size = Int32(MemoryLayout<z_stream>.size)
        return withUnsafeMutablePointer(to: &stream) { stream in
            guard
                deflateInit2_(
                    stream, Z_BEST_COMPRESSION, Z_DEFLATED, 16 + 15, 9, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK
            else { return nil }
            defer { deflateEnd(stream) }
            var source = bytes
            var packed = [UInt8](repeating: 0, count: Int(deflateBound(stream, UInt(bytes.count))))
            let isWhole = source.withUnsafeMutableBufferPointer { input in
                packed.withUnsafeMutableBufferPointer { output in
                    stream.pointee.next_in = input.baseAddress
                    stream.pointee.avail_in = UInt32(input.count)
                    stream.pointee.next_out = output.baseAddress
                    stream.pointee.avail_out = UInt32(output.count)
                    return deflate(stream, Z_FINISH) == Z_STREAM_END
                }
            }
            let count = packed.count - Int(stream.pointee.avail_out)
            return isWhole && count < bytes.count ? Array(packed[..<count]) : nil
        }
    }
}
