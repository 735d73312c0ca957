/// A 128-bit FNV-1a hash that is the same on every machine and in every release.
///
/// It names things in stores and files. It is not cryptographic: whoever chooses the input can find collisions.
public struct StableHash: Sendable, Hashable {
    private var state: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d

    /// Creates the hash of nothing.
    public init() {}

    /// Takes in bytes.
    public mutating func combine(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { combine(byte) }
    }

    /// Takes in a byte.
    public mutating func combine(_ byte: UInt8) {
        let prime: UInt128 = (1 << 88) + 0x13b
        state = (state ^ UInt128(byte)) &* prime
    }

    /// Takes in bytes of memory.
    public mutating func combine(bytes: UnsafeRawBufferPointer) {
        for byte in bytes { combine(byte) }
    }

    /// Takes in the UTF-8 bytes of a text.
    public mutating func combine(_ text: String) {
        var text = text
        text.withUTF8 { combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// Takes in memory eight bytes at a time, which is much faster than byte by byte and gives another hash.
    ///
    /// A last part of fewer than eight bytes counts as if zeros followed; the number of bytes is taken in too.
    public mutating func combine(words bytes: UnsafeRawBufferPointer) {
        let prime: UInt128 = (1 << 88) + 0x13b
        let whole = bytes.count / 8
        for index in 0..<whole {
            let word = bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self).littleEndian
            // The shift brings the word's upper half down, which the product alone would leave at the top.
            state = (state ^ UInt128(word)) &* prime
            state ^= state >> 67
        }
        var last: UInt64 = 0
        for index in whole * 8..<bytes.count { last |= UInt64(bytes[index]) << (8 * UInt64(index % 8)) }
        state = (state ^ UInt128(last)) &* prime
        state = (state ^ UInt128(UInt64(bytes.count))) &* prime
    }

    /// The hash folded to 64 bits.
    public var word: Int64 { Int64(bitPattern: UInt64(truncatingIfNeeded: state ^ (state >> 64))) }

    /// The hash as 32 lowercase hexadecimal digits.
    public var hexadecimal: String {
        let digits = String(state, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }
}
