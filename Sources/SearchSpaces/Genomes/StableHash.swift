/// A 128-bit FNV-1a hash that is the same on every machine and in every release.
///
/// It names things in stores and files. It is not cryptographic: whoever chooses the input can find collisions.
public struct StableHash: Sendable, Hashable {
    private var state: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d

    /// Creates the hash of nothing.
    public init() {}

    /// Takes in bytes.
    public mutating func combine(_ bytes: some Sequence<UInt8>) {
        let prime: UInt128 = (1 << 88) + 0x13b
        for byte in bytes { state = (state ^ UInt128(byte)) &* prime }
    }

    /// Takes in the UTF-8 bytes of a text.
    public mutating func combine(_ text: String) { combine(text.utf8) }

    /// The hash as 32 lowercase hexadecimal digits.
    public var hexadecimal: String {
        let digits = String(state, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }
}
