/// The identity of a run: 12 lower-case base32 characters.
public struct RunID: Sendable, Hashable, CustomStringConvertible {
    /// The characters.
    public let text: String

    static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567")
    static let length = 12

    /// Reads an id; nil when it is not 12 lower-case base32 characters.
    public init?(_ text: String) {
        guard text.count == Self.length, Self.isPrefix(text) else { return nil }
        self.text = text
    }

    init(stored text: String) { self.text = text }

    /// Draws an id.
    public static func random(using generator: inout some RandomNumberGenerator) -> RunID {
        RunID(stored: String((0..<length).map { _ in alphabet[Int(generator.next() >> 59)] }))
    }

    /// The id's characters.
    public var description: String { text }

    static func isPrefix(_ text: String) -> Bool {
        text.count <= length && text.allSatisfy { ("a"..."z").contains($0) || ("2"..."7").contains($0) }
    }
}
