internal import CZlib

/// CRC-32 of bytes that come in pieces.
struct Checksum: Equatable {
    /// The sum of what was added so far.
    private(set) var value: UInt32 = 0

    /// Adds a piece.
    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        var at = 0
        while at < bytes.count {
            // zlib counts with 32 bits.
            let count = min(bytes.count - at, 1 << 30)
            let start = bytes.baseAddress.map { $0 + at }?.assumingMemoryBound(to: UInt8.self)
            value = UInt32(truncatingIfNeeded: crc32(uLong(value), start, UInt32(count)))
            at += count
        }
    }
}
