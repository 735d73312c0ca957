import API
import Documents
import Foundation
import SearchSpaces
import TestSupport
import Testing

@testable import nas_ctl

/// What comes from elsewhere cannot command the terminal; numbers read well.
@Suite struct TextTests {
    @Test func controlCharactersAreSpeltOut() {
        #expect(
            TerminalText.escaped("a\u{1B}[31mb\rc\u{9B}d\u{202E}e\u{7F}") == #"a\u{1b}[31mb\rc\u{9b}d\u{202e}e\u{7f}"#)
        #expect(TerminalText.escaped("a\n\tb") == #"a\n\tb"#)
        #expect(TerminalText.escaped("a\n\tb", keepsLines: true) == "a\n\tb")
        #expect(TerminalText.escaped("größe 模型 👩‍👩‍👧") == "größe 模型 👩‍👩‍👧")
    }

    @Test func namesInC() {
        #expect(SourceName.nearest(to: "my net.v2") == "my_net_v2" && SourceName.nearest(to: "8x8") == "net_8x8")
        for text in ["", "模型", "_a", "a-b", String(repeating: "a", count: 200), "1"] {
            #expect(!SourceName.isOne(text) && SourceName.isOne(SourceName.nearest(to: text)), "\(text)")
        }
        #expect(SourceName.isOne("net_2") && SourceName.isOne("N"))
    }

    @Test func escapedJSONReadsBackTheSame() throws {
        let nasty = (0...0x2100).compactMap { Unicode.Scalar($0) }.map { String($0) } + ["\u{E0041}", "\u{FEFF}"]
        let text = try JSONText.document(nasty)
        #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || !TerminalText.isDangerous($0) })
        #expect(try JSONDecoder().decode([String].self, from: Data(text.utf8)) == nasty)
        #expect(JSONText.safe("{\"a\":\"\u{1B}\r\"}") == #"{"a":"\u001b\u000d"}"#)
    }

    @Test func csvFollowsTheRules() {
        #expect(Cell.text("=1+1").csv == "'=1+1" && Cell.symbol("-1").csv == "-1")
        #expect(Cell.text("a,\"b\"\n").csv == "\"a,\"\"b\"\"\n\"")
        #expect(Cell.number(0.1).csv == "0.1" && Cell.number(3).csv == "3" && Cell.number(.nan).csv.isEmpty)
        #expect(Cell.boolean(true).csv == "true" && Cell.none.csv.isEmpty)
        #expect(
            CandidateItem.listing.columns.filter(\.isInCSV).map(\.name) == [
                "candidate", "key", "genome", "origin", "round", "weightsStep", "state", "feasible", "violation",
                "accuracy", "loss", "samples", "params", "multiplyAdds", "latencyMilliseconds", "latencyKind",
                "onFront", "validationAccuracy", "testAccuracy",
            ])
    }

    @Test func numbersReadWell() {
        #expect(NumberText.fixed(0.43127) == "0.4313" && NumberText.fixed(-0.00001) == "0.0000")
        #expect(NumberText.fixed(-1.5, decimals: 0) == "-2" && NumberText.fixed(.infinity) == "inf")
        #expect(NumberText.fixed(1e300).contains("e+300") && NumberText.fixed(12.3456, decimals: 1) == "12.3")
        #expect(
            [0.97, 1, 12.5, 999, 1000, 1_234_567, 99_960, 1e15].map(NumberText.short) == [
                "0.970", "1", "13", "999", "1.00k", "1.23M", "100k", "1000T",
            ])
        #expect(
            [0.2, 89, 91, 5399, 5401, 100_000, 200_000, -5].map(NumberText.duration) == [
                "0 s", "89 s", "2 min", "90 min", "1.5 h", "28 h", "2 d", "0 s",
            ])
        #expect([12, 2048, 1 << 29, 3 << 29].map(NumberText.bytes) == ["12 B", "2.0 KiB", "512 MiB", "1.5 GiB"])
        #expect(NumberText.duration(.infinity) == "?")
        #expect(NumberText.exact(-0.0) == "0" && NumberText.fixed(-0.0) == "0.0000" && NumberText.short(-0.0) == "0")
    }

    @Test func anyJSONIsReadInWords() throws {
        let json = #"{"a":1,"b":1.5,"c":"x","d":[true,null],"e":{"f":2}}"#
        let value = try JSONDecoder().decode(JSONValue.self, from: Data(json.utf8))
        #expect(value.text == "a=1 b=1.5 c=x d=[true, -] e=f=2")
        // Numbers of logs are numbers; those of earlier versions are text.
        #expect(LogLine(#"{"message":"checkpoint","step":20}"#).fields?["step"] == .integer(20))
        let event = try #require(EventDocument(json: Samples.event(3)))
        #expect(event.fieldsText == "step=30" && event.sequence == 3 && event.timestamp == "2026-01-02T03:04:05Z")
    }

    @Test func linesOfALogAreCutWhereverItBreaks() {
        let text = #"{"level":"info","message":"a","time":"t","step":"3"}"# + "\nno json\n\nüx\nrest"
        var whole: [String] = []
        for size in 1...9 {
            var tail = LogTail()
            var lines: [String] = []
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                Array(rest.prefix(size)).withUnsafeBytes { lines += tail.push($0) }
                rest = rest.dropFirst(size)
            }
            if size == 1 { whole = lines }
            #expect(lines == whole && tail.rest == "rest" && tail.offset == text.utf8.count)
        }
        #expect(whole.dropFirst() == ["no json", "", "üx"])
        #expect(LogLine(whole[0]).fields?["step"] == .text("3") && LogLine("no json").fields == nil)
    }
}
