/// How a file stores one number.
struct ElementType: Sendable, Equatable {
    /// What the bits mean.
    enum Kind: Sendable, Equatable {
        /// 0 or 1 in a byte.
        case boolean
        /// A whole number from 0 on.
        case unsigned
        /// A whole number in two's complement.
        case signed
        /// A number of IEEE 754.
        case float
    }

    /// What the bits mean.
    let kind: Kind
    /// Bytes of a number: 1, 2, 4 or 8.
    let width: Int
    /// Whether the highest byte comes first; of no meaning in one byte.
    var isBigEndian = false

    /// Whether pixels of it stay bytes, which count as value / 255.
    var isByte: Bool { kind == .unsigned && width == 1 }

    /// The bytes that a pixel of it takes in memory.
    var pixelBytes: Int { isByte ? 1 : 4 }
}
