import Testing

@testable import Coordinator

/// The last line that a program has written, of which any bytes may come in any pieces.
@Suite struct LastWordsTests {
    private func words(_ parts: String...) -> String? {
        var words = LastWords()
        for part in parts { words.append(Array(part.utf8)) }
        return words.text
    }

    @Test func theLastLineWithAWordIsTold() {
        #expect(words() == nil && words("") == nil && words("\n \t\n") == nil)
        #expect(words("one\ntwo\n") == "two" && words("one\ntwo") == "two" && words("one\n\n   \n") == "one")
        #expect(words("on", "e\ntw", "o", "\n", "\r\n") == "two" && words("one\n", "  ") == "one")
        // A bar of progress writes its line again and again.
        #expect(words("10 %\r20 %\r", "30 %\r") == "30 %")
        #expect(words("\u{1B}[31mred\n") == #"\u{1b}[31mred"#)
        #expect(words("  File \"a.py\"\nValueError: no \u{1B}[1mweights  \n") == #"ValueError: no \u{1b}[1mweights"#)
    }

    @Test func itIsBounded() {
        var words = LastWords()
        for _ in 0..<100 { words.append([UInt8](repeating: UInt8(ascii: "e"), count: 100_000)) }
        #expect(words.text == String(repeating: "e", count: 200))
        words.append([0x0A, 0xFF, 0xC3, 0x28, 0x0A])
        #expect(words.text == "\u{FFFD}\u{FFFD}(")
    }
}
