/// Cuts a log that comes in parts into its lines, and knows how far it was read.
struct LogTail {
    /// Bytes read so far, where the next request goes on.
    private(set) var offset = 0
    private var open: [UInt8] = []

    /// The most bytes of a line that is held back until it is complete.
    static let longestLine = 1 << 20

    /// Takes the next part and returns the lines that it completes.
    mutating func push(_ part: UnsafeRawBufferPointer) -> [String] {
        offset += part.count
        var lines: [String] = []
        for byte in part {
            if byte == 0x0A || open.count >= Self.longestLine {
                lines.append(String(decoding: open, as: UTF8.self))
                open.removeAll(keepingCapacity: true)
            }
            if byte != 0x0A { open.append(byte) }
        }
        return lines
    }

    /// What came behind the last line end; nil when nothing did.
    var rest: String? { open.isEmpty ? nil : String(decoding: open, as: UTF8.self) }
}
