/// Several small files as one, as `tar` reads them: POSIX.1-1988 (ustar), regular files alone.
public enum TarArchive {
    /// A file.
    public struct Entry: Sendable, Hashable {
        /// Its name, without folders.
        public var name: String
        /// What it holds.
        public var bytes: [UInt8]

        /// Takes both; the name has at most 100 bytes.
        public init(name: String, bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
        }
    }

    private static let block = 512
    private static let mark = Array("ustar\0".utf8)

    /// The archive; the same bytes for the same files, whenever and by whom it is made.
    public static func bytes(_ entries: [Entry]) -> [UInt8] {
        var archive: [UInt8] = []
        for entry in entries {
            var header = [UInt8](repeating: 0, count: block)
            func put(_ text: String, at place: Int) {
                header.replaceSubrange(place..<place + text.utf8.count, with: text.utf8)
            }
            put(String(decoding: entry.name.utf8.prefix(100), as: UTF8.self), at: 0)
            put("0000644\0", at: 100)
            for place in [108, 116] { put("0000000\0", at: place) }
            put(octal(entry.bytes.count, digits: 11) + "\0", at: 124)
            put("00000000000\0", at: 136)
            put("        ", at: 148)
            put("0", at: 156)
            put("ustar\u{0}00", at: 257)
            put(octal(header.reduce(0) { $0 + Int($1) }, digits: 6) + "\0 ", at: 148)
            archive += header + entry.bytes
            archive += [UInt8](repeating: 0, count: (block - entry.bytes.count % block) % block)
        }
        return archive + [UInt8](repeating: 0, count: 2 * block)
    }

    /// The files of an archive that ``bytes(_:)`` made; nil for anything else.
    public static func entries(of archive: [UInt8]) -> [Entry]? {
        guard archive.count % block == 0 else { return nil }
        var entries: [Entry] = []
        var place = 0
        while place < archive.count, archive[place] != 0 {
            let header = archive[place..<place + block]
            func text(_ start: Int, _ count: Int) -> String {
                String(decoding: header.dropFirst(start).prefix(count).prefix { $0 != 0 }, as: UTF8.self)
            }
            guard header.dropFirst(257).starts(with: mark), text(156, 1) == "0",
                let size = Int(text(124, 12), radix: 8),
                (0...archive.count - place - block).contains(size)
            else { return nil }
            let start = place + block
            entries.append(Entry(name: text(0, 100), bytes: Array(archive[start..<start + size])))
            place = start + (size + block - 1) / block * block
        }
        // Two empty blocks end it.
        return archive.count - place == 2 * block ? entries : nil
    }

    private static func octal(_ value: Int, digits: Int) -> String {
        let text = String(value, radix: 8)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
