import GRDB
import TestSupport
import Testing

@testable import Store

/// What workers have answered, and events of evaluators.
@Suite struct AnswerTests {
    let scene = Scene()

    @Test func theFirstAnswerStays() throws {
        let run: RunID
        do {
            let store = try scene.open()
            run = try scene.makeRun(store)
            try store.recordAnswers(
                run, [.init(question: "search 0 a", answer: "1"), .init(question: "b", answer: "2")])
            try store.recordAnswers(run, [.init(question: "b", answer: "3"), .init(question: "c", answer: "4")])
            #expect(
                try store.answers(run, to: ["search 0 a", "b", "c", "d"]) == ["search 0 a": "1", "b": "2", "c": "4"])
            for sql in ["UPDATE answers SET answer = 'x'", "DELETE FROM answers"] {
                #expect(throws: DatabaseError.self) { try store.writer.write { try $0.execute(sql: sql) } }
            }
            try store.close()
        }
        #expect(try scene.open().answers(run, to: ["b"]) == ["b": "2"])
    }

    /// Every bit of what is kept of an answer, and the question that it is kept for: another answer is never read.
    @Test func aTurnedBitIsNoticed() throws {
        let store = try scene.open(), run = try scene.makeRun(store)
        let one = StoredAnswer(question: "search 0 a", answer: #"{"samples":0,"values":{"accuracy":0.75}}"#)
        try store.recordAnswers(run, [one])
        let kept = try #require(
            try store.writer.read { try String.fetchOne($0, sql: "SELECT answer FROM answers") })
        #expect(kept == one.kept(of: run) && kept.hasPrefix(one.answer + "\n"))
        try store.writer.write { try $0.execute(sql: "DROP TRIGGER answers_keep") }
        let separator = one.answer.utf8.count
        for bit in 0..<8 * kept.utf8.count where bit / 8 != separator {
            var bytes = Array(kept.utf8)
            bytes[bit / 8] ^= 1 << (bit % 8)
            // A text that is none is another error of the same kind.
            guard let text = String(validating: bytes, as: UTF8.self), !text.contains("\0") else { continue }
            try store.writer.write { try $0.execute(sql: "UPDATE answers SET answer = ?", arguments: [text]) }
            #expect(throws: StoreError.self, "bit \(bit)") { try store.answers(run, to: [one.question]) }
        }
        try store.writer.write {
            try $0.execute(sql: "UPDATE answers SET question = 'b', answer = ?", arguments: [kept])
        }
        #expect(throws: StoreError.self) { try store.answers(run, to: ["b"]) }
        // Those that were written before there were digests.
        try store.writer.write { try $0.execute(sql: "UPDATE answers SET answer = 'old'") }
        #expect(try store.answers(run, to: ["b"]) == ["b": "old"])
        try store.close()
    }

    /// Events that an earlier version wrote are there as they were, and those of evaluators can be added.
    @Test func eventsOutliveTheUpgrade() throws {
        let run: RunID, before: [Event]
        do {
            let old = try RunStore(DataDirectory(owning: scene.path), migrations: Array(Migration.all[..<6]))
            run = try scene.makeRun(old)
            try old.appendEvent(
                run, EventDraft(.searchRound, data: "{\"round\":0}", key: "round-0"), time: .init(milliseconds: 5))
            before = try old.events(run, after: 0, limit: 10)
            try old.close()
        }
        let reader = try RunReader(DataDirectory(reading: scene.path))
        #expect(try reader.answers(run, to: ["a"]).isEmpty && reader.events(run, after: 0, limit: 10) == before)
        try reader.source.close()
        let store = try scene.open()
        #expect(try store.events(run, after: 0, limit: 10) == before && !before.isEmpty)
        try store.appendEvent(run, EventDraft(.evaluatorDegraded, data: "{\"slot\":1}"), time: .init(milliseconds: 6))
        let last = try #require(try store.events(run, after: 0, limit: 10).last)
        #expect(last.content.type == .evaluatorDegraded && last.sequence == before.count + 1)
        #expect(throws: DatabaseError.self) {
            try store.writer.write { try $0.execute(sql: "UPDATE events SET data = '{}'") }
        }
    }
}
