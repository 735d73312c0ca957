/// The lines that a text begins with and that leave no doubt what is quoted in them, such as all of a resolved file.
///
/// A line is plain when it is empty, a comment, or `key: value` with a value that is one double-quoted scalar, a list of
/// these, or text without any sign that quotes, comments, anchors or block scalars begin with. As long as every line
/// before it was so, what stands between quotes is text and nothing else.
package enum YAMLOpening {
    /// The plain lines, their quoted parts left out, and what follows them.
    package static func of(_ yaml: String) -> (lines: [String], rest: Substring) {
        var lines: [String] = []
        var rest = yaml[...]
        while !rest.isEmpty {
            let end = rest.utf8.firstIndex(of: 0x0A) ?? rest.endIndex
            guard let line = unquoted(rest[..<end]) else { break }
            lines.append(line + "\n")
            rest = end == rest.endIndex ? rest[end...] : rest[rest.utf8.index(after: end)...]
        }
        return (lines, rest)
    }

    /// A plain line without its quoted parts; nil for any other.
    private static func unquoted(_ line: Substring) -> String? {
        let bytes = Array(line.utf8)
        // Some line ends are none for libyaml, and others are that look like none here.
        guard bytes.allSatisfy({ (0x20...0x7E).contains($0) }) else { return nil }
        var place = bytes.prefix { $0 == 0x20 }.count
        let indentation = String(repeating: " ", count: place)
        guard place < bytes.count else { return indentation }
        if bytes[place] == UInt8(ascii: "#") { return indentation }
        // A hyphen would begin an item of a list, and within a key it is a sign as any other.
        let key = bytes[place...].prefix { isLetterOrDigit($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
        place += key.count
        guard let first = key.first, first != UInt8(ascii: "-"), place < bytes.count, bytes[place] == UInt8(ascii: ":")
        else { return nil }
        let kept = indentation + String(decoding: key, as: UTF8.self) + ":"
        place += 1
        guard place < bytes.count else { return kept }
        guard bytes[place] == 0x20 else { return nil }
        let value = bytes[place...].drop { $0 == 0x20 }
        if let quoted = withoutQuoted(value) { return kept + " " + quoted }
        guard !value.contains(where: { "\"'#|>&*!%@`".utf8.contains($0) }) else { return nil }
        return kept + " " + String(decoding: value, as: UTF8.self)
    }

    /// What is left of a quoted scalar, or of a list of them; nil for any other value.
    private static func withoutQuoted(_ value: ArraySlice<UInt8>) -> String? {
        var rest = value
        while rest.last == 0x20 { rest.removeLast() }
        let isList = rest.first == UInt8(ascii: "[") && rest.last == UInt8(ascii: "]") && rest.count >= 2
        if isList { rest = rest.dropFirst().dropLast() }
        if isList, rest.isEmpty { return "[]" }
        while true {
            guard rest.first == UInt8(ascii: "\"") else { return nil }
            rest.removeFirst()
            while let byte = rest.first, byte != UInt8(ascii: "\"") {
                rest.removeFirst(byte == UInt8(ascii: "\\") && rest.count > 1 ? 2 : 1)
            }
            guard !rest.isEmpty else { return nil }
            rest.removeFirst()
            if rest.isEmpty { return isList ? "[]" : "" }
            guard isList, rest.starts(with: [UInt8(ascii: ","), 0x20]) else { return nil }
            rest.removeFirst(2)
        }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}

/// What the screen of a text counts.
package struct ScreenCounts {
    /// The line that is counted.
    package private(set) var line = 1
    private let mostOpeners: Int
    private var openers = 0
    private var depth = 0
    private var aliases = 0
    private var prefix = 0
    private var inPrefix = true
    private var previous: Unicode.Scalar = "\n"

    package init(mostOpeners: Int) { self.mostOpeners = mostOpeners }

    /// Takes more of the text; what is wrong with it, at ``line``, or nil.
    package mutating func take(_ scalars: some Sequence<Unicode.Scalar>) -> String? {
        for scalar in scalars {
            switch scalar {
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}":
                if !(scalar == "\n" && previous == "\r") { line += 1 }
                prefix = 0
                inPrefix = true
            case "[", "{":
                openers += 1
                depth += 1
                inPrefix = false
            case "]", "}":
                depth = max(0, depth - 1)
                inPrefix = false
            case " ", "-", "?", ":", "\t":
                if inPrefix { prefix += 1 }
            default:
                if scalar == "*", " \t\n\r[{,-?:".unicodeScalars.contains(previous) { aliases += 1 }
                inPrefix = false
            }
            if prefix > 128 { return "expected at most 128 columns of indentation" }
            if openers > mostOpeners { return "expected at most \(mostOpeners) flow lists and mappings" }
            if depth > 1024 { return "expected at most \(YAMLNode.depthLimit) levels of nesting" }
            if aliases > 16 { return "expected no aliases" }
            previous = scalar
        }
        return nil
    }
}
