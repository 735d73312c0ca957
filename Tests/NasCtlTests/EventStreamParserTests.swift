import API
import TestSupport
import Testing

/// The parser held against the HTML Living Standard, section 9.2.
@Suite struct EventStreamParserTests {
    private func parse(_ text: String) -> [ServerSentEvent] {
        var parser = EventStreamParser()
        return parser.push(text.utf8)
    }

    @Test(arguments: ["\n", "\r", "\r\n"]) func linesEndInThreeWays(end: String) {
        let text = ["id: 7", "event: run.queued", "data: a", "data: b", "", ""].joined(separator: end)
        #expect(parse(text) == [ServerSentEvent(id: "7", type: "run.queued", data: "a\nb")])
    }

    @Test func fieldsAreReadAsTheStandardSays() {
        // One space behind the colon goes; a second stays.
        #expect(parse("data:x\n\ndata: x\n\ndata:  x\n\n").map(\.data) == ["x", "x", " x"])
        // A field without a colon is empty, and empty data is data.
        #expect(parse("data\n\n").map(\.data) == [""])
        #expect(parse("data\ndata\n\n").map(\.data) == ["\n"])
        #expect(parse("data: a\n\n").map(\.type) == ["message"])
        // Comments and unknown fields are nothing; without data there is no event, and its type is forgotten.
        #expect(parse(": hello\nfoo: bar\ndata: a\n\n").map(\.data) == ["a"])
        #expect(parse("event: x\n\ndata: a\n\n").map(\.type) == ["message"])
        // The end of the stream cuts the last event off.
        #expect(parse("data: a\n\ndata: b\n").map(\.data) == ["a"])
    }

    @Test func idsLastUntilTheNextAndARetryIsDigits() {
        var parser = EventStreamParser(lastEventID: "3")
        #expect(parser.push("data: a\n\n".utf8).map(\.id) == ["3"])
        #expect(parser.push("id: 4\ndata: b\n\ndata: c\n\n".utf8).map(\.id) == ["4", "4"])
        #expect(parser.push("id: 9\u{0}\ndata: d\n\n".utf8).map(\.id) == ["4"])
        // An id counts once its event is whole.
        _ = parser.push("id: 5\ndata: e\n".utf8)
        #expect(parser.lastEventID == "4")
        _ = parser.push("\n".utf8)
        #expect(parser.lastEventID == "5")
        _ = parser.push("id\n\n".utf8)
        #expect(parser.lastEventID == "")
        _ = parser.push("retry: 1500\nretry: 1.5\nretry: x\nretry:\n".utf8)
        #expect(parser.retryMilliseconds == 1500)
        _ = parser.push("retry: 99999999999999999999\n".utf8)
        #expect(parser.retryMilliseconds == 86_400_000)
    }

    @Test func aByteOrderMarkIsSkippedOnce() {
        #expect(parse("\u{FEFF}data: a\n\n").map(\.data) == ["a"])
        #expect(parse("\n\u{FEFF}data: a\n\n").isEmpty)
    }

    @Test func partsOfAnySizeGiveTheSame() {
        let text = "\u{FEFF}retry: 10\r\n: c\r\nid: 1\r\nevent: é\r\ndata: ü\rdata: €\n\r\n\r\ndata: last\n\n"
        let whole = parse(text)
        #expect(whole.count == 2)
        var generator = SeededGenerator(7)
        for _ in 0..<200 {
            var parser = EventStreamParser()
            var events: [ServerSentEvent] = []
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                let count = min(rest.count, Int.random(in: 1...4, using: &generator))
                events += parser.push(rest.prefix(count))
                rest = rest.dropFirst(count)
            }
            #expect(events == whole)
        }
    }

    @Test func anyBytesAreTakenAndMemoryIsBounded() {
        var generator = SeededGenerator(11)
        let alphabet = Array("data:id event\n\r\0é\u{FEFF}".utf8)
        for _ in 0..<2000 {
            var parser = EventStreamParser()
            let length = Int.random(in: 0...60, using: &generator)
            _ = parser.push((0..<length).map { _ in alphabet.randomElement(using: &generator) ?? 0 })
        }
        var parser = EventStreamParser()
        let line = Array("data: ".utf8) + [UInt8](repeating: 0x61, count: 100_000) + [0x0A]
        for _ in 0..<12 { #expect(parser.push(line).isEmpty) }
        #expect(parser.isOverlong)
        #expect(parser.push("\n\ndata: a\n\n".utf8).isEmpty)
    }
}
