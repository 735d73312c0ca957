import GRDB
import TestSupport
import Testing

@testable import Store

/// What workers have answered, and events of evaluators.
@Suite struct AnswerTests {
    let scene = Scene()

    @Test func theFirstAnswerStays() throws {
        let store = try scene.open()
        let run = try scene.makeRun(store)
        try store.recordAnswers(run, [.init(question: "search 0 a", answer: "1"), .init(question: "b", answer: "2")])
        try store.recordAnswers(run, [.init(question: "b", answer: "3"), .init(question: "c", answer: "4")])
        #expect(try store.answers(run, to: ["search 0 a", "b", "c", "d"]) == ["search 0 a": "1", "b": "2", "c": "4"])
        for sql in ["UPDATE answers SET answer = 'x'", "DELETE FROM answers"] {
            #expect(throws: DatabaseError.self) { try store.writer.write { try $0.execute(sql: sql) } }
        }
        try store.close()
        #expect(try scene.open().answers(run, to: ["b"]) == ["b": "2"])
    }

    /// Events that an earlier version wrote are there as they were, and those of evaluators can be added.
    @Test func eventsOutliveTheUpgrade() throws {
        let old = try RunStore(DataDirectory(owning: scene.path), migrations: Array(Migration.all[..<6]))
        let run = try scene.makeRun(old)
        try old.appendEvent(
            run, EventDraft(.searchRound, data: "{\"round\":0}", key: "round-0"), time: .init(milliseconds: 5))
        let before = try old.events(run, after: 0, limit: 10)
        try old.close()
        let reader = try RunReader(DataDirectory(reading: scene.path))
        #expect(try reader.answers(run, to: ["a"]).isEmpty && reader.events(run, after: 0, limit: 10) == before)
        try reader.source.close()
        let store = try scene.open()
        #expect(try store.events(run, after: 0, limit: 10) == before && !before.isEmpty)
        try store.appendEvent(
            run, EventDraft(.evaluatorDegraded, data: "{\"slot\":1}"), time: .init(milliseconds: 6))
        let last = try #require(try store.events(run, after: 0, limit: 10).last)
        #expect(last.content.type == .evaluatorDegraded && last.sequence == before.count + 1)
        #expect(throws: DatabaseError.self) {
            try store.writer.write { try $0.execute(sql: "UPDATE events SET data = '{}'") }
        }
    }
}
