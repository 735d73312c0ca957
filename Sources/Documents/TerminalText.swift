/// Text of a daemon, a file or a user as a terminal may safely show it.
public enum TerminalText {
    /// The text with everything that a terminal would obey, or that would reorder what stands around it, spelt out.
    ///
    /// - Parameter keepsLines: Whether line feeds and tabs stay, as in text of several lines.
    public static func escaped(_ text: String, keepsLines: Bool = false) -> String {
        // Most text is plain, and stays as it is.
        if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if !isDangerous(scalar) || (keepsLines && (scalar == "\n" || scalar == "\t")) {
                result.unicodeScalars.append(scalar)
            } else {
                switch scalar {
                case "\n": result += "\\n"
                case "\r": result += "\\r"
                case "\t": result += "\\t"
                default: result += "\\u{" + String(scalar.value, radix: 16) + "}"
                }
            }
        }
        return result
    }

    /// Whether a character controls the terminal or the direction of text.
    public static func isDangerous(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0: true
        case 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0x061C, 0xFEFF, 0xE0000...0xE007F: true
        default: false
        }
    }

    /// A command line that a shell reads as these arguments.
    public static func command(_ arguments: [String]) -> String {
        arguments.map { argument in
            let isPlain =
                !argument.isEmpty
                && argument.utf8.allSatisfy { byte in
                    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                        || "/._-+,:=@%".utf8.contains(byte)
                }
            return isPlain ? argument : "'" + argument.replacing("'", with: "'\\''") + "'"
        }.joined(separator: " ")
    }
}
