/// What files of C, and what is declared in them, may be called: an identifier that begins with a letter.
public enum SourceName {
    /// The most characters, all of which a compiler of C99 tells apart.
    public static let longest = 63
    /// The rule in words.
    public static let expectation = "an identifier of C that begins with a letter, of at most \(longest) characters"

    /// Whether a text is a name.
    public static func isOne(_ text: String) -> Bool {
        text.utf8.count <= longest && text.first?.isLetter == true
            && text.allSatisfy { isPart($0) || $0 == "_" }
    }

    /// A name that a text is near to: underscores stand for what is neither a letter nor a digit.
    public static func nearest(to text: String) -> String {
        let kept = String(text.map { isPart($0) ? $0 : "_" })
        return String((kept.first?.isLetter == true ? kept : "net_" + kept).prefix(longest))
    }

    private static func isPart(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber)
    }
}
