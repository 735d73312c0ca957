/// What runs and spaces may be called: one plain component of a path, since folders and files are named after them.
public enum PlainName {
    /// The longest name, in characters of Unicode.
    public static let longest = 64
    /// The longest name, in bytes: with what is added to it, a file system takes it.
    private static let mostBytes = 192
    /// The rule in words.
    public static let expectation =
        "a name of 1 to \(longest) letters, digits, '.', '_' or '-' that begins with a letter or digit"

    /// Whether a text is a name; nothing that is one leads out of a folder, is hidden, or reads as an option.
    public static func isOne(_ text: String) -> Bool {
        let scalars = text.unicodeScalars
        guard let first = scalars.first, scalars.count <= longest, text.utf8.count <= mostBytes else { return false }
        return isLetterOrDigit(first) && scalars.allSatisfy(isPart)
    }

    /// A name that a text is near to; nil when nothing of it is left.
    package static func nearest(to text: String) -> String? {
        var name = ""
        for scalar in text.unicodeScalars {
            guard name.unicodeScalars.count < longest, name.utf8.count < mostBytes - 4 else { break }
            if name.isEmpty, !isLetterOrDigit(scalar) { continue }
            name.unicodeScalars.append(isPart(scalar) ? scalar : "-")
        }
        return name.isEmpty ? nil : name
    }

    private static func isPart(_ scalar: Unicode.Scalar) -> Bool {
        if isLetterOrDigit(scalar) || ".-_".unicodeScalars.contains(scalar) { return true }
        // An accent may be a character of its own.
        return [.nonspacingMark, .spacingMark].contains(scalar.properties.generalCategory)
    }

    private static func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber: true
        default: false
        }
    }
}
