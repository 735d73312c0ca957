/// The last line with any word that a program has written to standard error: mostly why it ended.
struct LastWords {
    /// Bytes of a line that are kept.
    private static let mostBytes = 4 * WorkerMessage.mostTextCharacters

    /// The line that is being written, and the last whole one that says something.
    private var line: [UInt8] = [], whole: [UInt8] = []

    /// Takes what was written next. A return of the carriage ends a line too, as those of bars of progress do.
    mutating func append(_ bytes: [UInt8]) {
        let parts = bytes.split(omittingEmptySubsequences: false) {
            $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r")
        }
        for (place, part) in parts.enumerated() {
            if place > 0 {
                if Self.says(line) { whole = line }
                line = []
            }
            line.append(contentsOf: part.prefix(max(0, Self.mostBytes - line.count)))
        }
    }

    /// The line, short and with nothing that a terminal obeys; nil where nothing was written.
    var text: String? {
        let last = Self.says(line) ? line : whole
        guard let first = last.firstIndex(where: Self.isWord), let end = last.lastIndex(where: Self.isWord) else {
            return nil
        }
        return WorkerMessage.told(String(decoding: last[first...end], as: UTF8.self))
    }

    private static func says(_ line: [UInt8]) -> Bool { line.contains(where: isWord) }
    private static func isWord(_ byte: UInt8) -> Bool { byte != 0x20 && !(0x09...0x0D).contains(byte) }
}
