import Foundation
import Runs
import SearchSpaces
import TestSupport
import Testing

@testable import Coordinator

/// What a worker sends, read without trust.
@Suite struct WorkerMessageTests {
    private func json(_ text: String) -> WorkerJSON? { WorkerJSON(Array(text.utf8)) }

    @Test func valuesAreRead() {
        #expect(
            json(#" {"a": [1, -2.5e3, true, null, "x\n\u00e9\ud83d\ude00"], "b": {}} "#)
                == .object([
                    "a": .list([.number(1), .number(-2500), .truth(true), .null, .text("x\né😀")]), "b": .object([:]),
                ]))
        #expect(json("0") == .number(0) && json("-0.5") == .number(-0.5) && json("Infinity") == .number(.infinity))
        #expect(json("-Infinity") == .number(-.infinity) && json("NaN")?.number?.isNaN == true)
        #expect(json("1e999")?.number?.isFinite == false && json("3")?.integer == 3 && json("3.5")?.integer == nil)
        #expect(
            json("1e300")?.integer == nil && json(#"["a","b"]"#)?.texts == ["a", "b"] && json(#"["a",1]"#)?.texts == nil
        )
    }

    @Test(arguments: [
        "", " ", "{", "}", "[1,]", "{\"a\":1,}", "{\"a\":1 \"b\":2}", "{\"a\":1,\"a\":2}", "{a:1}", "01", "+1", ".5",
        "1.", "1e",
        "nul", "tru", "\"", "\"\\x\"", "\"\\ud800\"", "\"\\u12\"", "\"\\u+123\"", "\"a\u{1}\"", "1 2", "[1][2]", "'a'",
        "--1", "nan",
    ]) func whatIsNoJSONIsNone(text: String) { #expect(json(text) == nil, "\(text)") }

    @Test func depthIsBounded() {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(json(nested(WorkerJSON.mostDepth + 1)) != nil && json(nested(WorkerJSON.mostDepth + 2)) == nil)
        #expect(json(nested(100_000)) == nil && WorkerJSON([0x22, 0xFF, 0x22]) == nil)
    }

    /// Any bytes are read or refused, and nothing else.
    @Test func randomBytesAreRefused() {
        var random = SeededGenerator(3)
        let signs = Array("{}[]\",:0123456789.eE+-\\utrfalsn NIy\n".utf8)
        for _ in 0..<20_000 {
            let line = (0..<Int.random(in: 0..<40, using: &random)).map { _ in
                Int.random(in: 0..<9, using: &random) == 0
                    ? UInt8.random(in: 0...255, using: &random) : signs.randomElement(using: &random) ?? 0
            }
            if let value = WorkerJSON(line), case .object = value { _ = try? WorkerReply(line) }
        }
    }

    @Test func repliesAreRead() throws {
        func reply(_ text: String) throws -> WorkerReply { try WorkerReply(Array(text.utf8)) }
        guard case .result(7, _) = try reply(#"{"type":"result","id":7,"metrics":{}}"#),
            case .error(8, "no \\u{1b}room", true) = try reply(
                #"{"type":"error","id":8,"message":"no \u001broom","retry":true}"#),
            case .error(9, "error", false) = try reply(#"{"type":"error","id":9}"#),
            case .progress = try reply(#"{"type":"progress"}"#)
        else {
            Issue.record("a reply is read as another")
            return
        }
        for text in [
            "x", "[]", "3", "{}", #"{"type":3}"#, #"{"type":"result"}"#, #"{"type":"result","id":"7"}"#,
            #"{"type":"result","id":1.5}"#, #"{"type":"hello"}"#,
        ] {
            let fault = #expect(throws: WorkerFault.self) { try reply(text) }
            guard case .garbage? = fault else {
                Issue.record("\(text): \(String(describing: fault))")
                continue
            }
        }
    }

    @Test func hellosAreHeldAgainstWhatIsAsked() throws {
        let accuracy = Metric.accuracy, energy = Metric(name: "energy", kind: .quality, goal: .minimize, range: 0...1e9)
        func hello(_ fields: String) throws -> WorkerHello {
            let message = try #require(json(#"{"type":"hello","protocol":"nasd-worker/1"\#(fields)}"#))
            return try WorkerHello(message, asking: [accuracy, energy], at: [.search, .test])
        }
        let metrics = #""metrics":{"accuracy":{"goal":"maximize"},"energy":{}}"#
        let plain = try hello(#","can":["evaluate"],\#(metrics)"#)
        #expect(plain.capacity == 1 && !plain.isDeterministic && plain.heartbeat == nil)
        let full = try hello(
            #","can":["evaluate","train"],\#(metrics),"capacity":8,"deterministic":true,"heartbeat":2.5,"device":"cuda:0","versions":{"torch":"2.9"}"#
        )
        #expect(
            full.capacity == 8 && full.isDeterministic && full.heartbeat == 2.5 && full.remark == "cuda:0, torch 2.9")
        for (fields, reason) in [
            (#","can":["train"],\#(metrics)"#, "it cannot evaluate"),
            (#","can":["evaluate"]"#, "expected metrics, an object"),
            (#","can":["evaluate"],"metrics":{"accuracy":{}}"#, "it measures no energy"),
            (
                #","can":["evaluate"],"metrics":{"accuracy":{"goal":"minimize"},"energy":{}}"#,
                "its goal of accuracy is to minimize, the run's to maximize"
            ),
            (#","can":["evaluate"],\#(metrics),"stages":["search"]"#, "it measures nothing at the stage test"),
            (#","can":["evaluate"],\#(metrics),"capacity":0"#, "expected capacity, a whole number from 1 to 1024"),
            (
                #","can":["evaluate"],\#(metrics),"heartbeat":"often""#,
                "expected heartbeat, a number of seconds from 0.1 to 3600"
            ),
        ] {
            let fault = #expect(throws: WorkerFault.self) { try hello(fields) }
            #expect(fault == .hello(reason))
        }
    }

    @Test func linesAreBounded() throws {
        var lines = LineBuffer(most: 10)
        lines.append(Array("ab\n\n0123456789\n012".utf8))
        #expect(try lines.next().map { Array($0) } == Array("ab".utf8) && lines.next()?.isEmpty == true)
        #expect(try lines.next()?.count == 10 && lines.next() == nil && lines.count == 3)
        lines.append(Array("34567890".utf8))
        #expect(throws: WorkerFault.longLine) { try lines.next() }
        var other = LineBuffer(most: 10)
        other.append(Array("0123456789a\n".utf8))
        #expect(throws: WorkerFault.longLine) { try other.next() }
    }

    @Test func genomesAreToldByDecision() throws {
        let space = try SearchSpace.parse(
            yaml: """
                apiVersion: nasd/v1
                kind: SearchSpace
                name: words
                family: external
                decisions:
                  - {name: depth, options: [1, 2.5]}
                  - {name: op, count: 2, options: [skip, conv]}
                """, file: "s")
        let text = EventData.object(["genome": WorkerMessage.genome(Genome([1, 0, 1]), in: space)])
        #expect(text == #"{"genome":{"depth":2.5,"op.0":"skip","op.1":"conv"}}"#)
        let hello = WorkerMessage.hello(space, run: "r", seed: 1, slot: 2, metrics: [.accuracy], folder: "/f")
        #expect(json(hello)?["space"]?["decisions"] != nil && json(hello)?["protocol"]?.text == "nasd-worker/1")
    }
}
