/// How wide text is drawn, so that there is room for it.
enum TextExtent {
    /// At most so many pixels in a sans-serif font, of which none that is usual is wider than DejaVu Sans.
    ///
    /// - Parameter size: The size of the font in pixels.
    static func width(_ text: String, size: Double) -> Double { text.reduce(0) { $0 + share($1) } * size }

    /// The width of a character as a share of the size of the font.
    private static func share(_ character: Character) -> Double {
        guard character.isASCII else { return 1.25 }
        return switch character {
        case "i", "j", "l", "I", "'": 0.3
        case "f", "r", "t", " ", ".", ",", ":", ";", "!", "|", "(", ")", "[", "]", "/", "\\", "-", "\"": 0.46
        case "m", "w", "M", "W", "@", "%": 1
        case "A"..."Z", "&", "=", "+", "<", ">", "~", "#": 0.84
        default: 0.65
        }
    }
}
