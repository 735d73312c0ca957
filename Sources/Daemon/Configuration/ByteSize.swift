/// A number of bytes as people write it: `512MiB`, `8GiB`.
public struct ByteSize: Sendable, Hashable {
    /// The bytes.
    public let bytes: Int

    /// Reads a whole number with its unit, one of KiB, MiB, GiB and TiB; nil for anything else.
    public init?(_ text: String) {
        let units = ["KiB": 10, "MiB": 20, "GiB": 30, "TiB": 40]
        let digits = text.prefix { $0.isNumber }
        guard let number = Int(digits), number > 0, number < 1 << 20,
            let shift = units[String(text.dropFirst(digits.count))]
        else { return nil }
        bytes = number << shift
    }

    /// Takes a number of bytes.
    public init(bytes: Int) { self.bytes = bytes }
}
