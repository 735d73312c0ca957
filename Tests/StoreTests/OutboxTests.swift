import Foundation
import Runs
import SearchSpaces
import TestSupport
import Testing

@testable import Store

@Suite struct OutboxTests {
    let scene = Scene()

    private let draft = WebhookEndpointDraft(
        url: "https://example.org/a", secret: "s", events: ["run.*", "search.front"])

    private func makeRun(_ store: RunStore, webhook: WebhookEndpointDraft? = nil) throws -> StoredRun {
        var generator = SeededGenerator(.random(in: 0 ... .max))
        return try store.createRun(
            RunDraft(name: "r", seed: 1, runYAML: "run", spaceYAML: "space"), webhook: webhook,
            time: Timestamp(milliseconds: 1000), using: &generator)
    }

    private func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    @Test func everyEndpointGetsWhatItWantsInTheTransaction() throws {
        let store = try scene.open()
        try store.setDaemonEndpoint(WebhookEndpointDraft(url: "https://example.org/all", secret: "d", events: ["*"]))
        let run = try makeRun(store, webhook: draft)
        try store.appendEvent(run.id, EventDraft(.searchRound, data: "{\"round\":0}"), time: at(2000))
        let counts = Dictionary(uniqueKeysWithValues: try store.webhooks().map { ($0.endpoint.id, $0.pending) })
        #expect(counts == ["daemon": 2, run.id.text: 1])
        let first = try #require(try store.nextMessages().first { $0.endpoint.id == run.id.text })
        #expect(first.type == .runQueued && first.sequence == 1 && first.attempts == 0)
        #expect(
            first.body
                == "{\"data\":{\"name\":\"r\",\"run\":\"\(run.id)\",\"seq\":1},\"timestamp\":\"1970-01-01T00:00:01.000Z\",\"type\":\"run.queued\"}"
        )
    }

    /// Both or neither: an event without its message would never be told.
    @Test func anEventWhoseMessageCannotBeKeptIsNotStored() throws {
        let store = try scene.open()
        let run = try makeRun(store, webhook: draft)
        let large = EventDraft(.searchFront, data: "{\"text\":\"\(String(repeating: "a", count: 20_000))\"}")
        #expect(throws: StoreError.self) { try store.appendEvent(run.id, large, time: at(2)) }
        #expect(try store.events(run.id).map(\.sequence) == [1])
        #expect(try store.appendEvent(run.id, EventDraft(.searchFront), time: at(3)).sequence == 2)
        #expect(try store.webhooks().first?.pending == 2)
    }

    @Test func messagesOfARunComeInOrderAndKeepTheirIdentity() throws {
        let store = try scene.open()
        let run = try makeRun(store, webhook: draft)
        try store.appendEvent(run.id, EventDraft(.searchFront), time: at(2000))
        let first = try #require(try store.nextMessages().first)
        #expect(try store.nextMessages().count == 1 && first.sequence == 1)
        #expect(try store.beginAttempt(first.id)?.attempts == 1)
        try store.recordFailure(first.id, outcome: "500", time: at(3000), next: at(8000))
        let again = try #require(try store.nextMessages().first)
        #expect(again.id == first.id && again.body == first.body && again.nextAttempt == at(8000))
        try store.recordDelivery(first.id, outcome: "200", time: at(8000))
        let second = try #require(try store.nextMessages().first)
        #expect(second.sequence == 2 && second.id != first.id)
        // A dead letter releases the next and is kept.
        try store.appendEvent(run.id, EventDraft(.searchFront), time: at(9000))
        try store.recordFailure(second.id, outcome: "500", time: at(9000), next: nil)
        #expect(try store.nextMessages().first?.sequence == 3)
        #expect(try store.webhooks().first?.dead == 1)
        #expect(try store.replay(run.id.text, time: at(10_000)) == 1)
        #expect(try store.nextMessages().first?.id == second.id)
        #expect(try store.webhooks().first?.endpoint.delivered == 1)
    }

    @Test func progressThatWasNeverAttemptedIsRewrittenInPlace() throws {
        let store = try scene.open()
        let run = try makeRun(store, webhook: draft)
        let one = try store.appendEvent(run.id, EventDraft(.runProgress, data: "{\"step\":1}", key: "p1"), time: at(2))
        let identity = try store.webhooks().first?.pending
        let two = try store.appendEvent(run.id, EventDraft(.runProgress, data: "{\"step\":2}", key: "p2"), time: at(3))
        #expect(one.sequence == 2 && two.sequence == 2 && identity == 2)
        #expect(try store.events(run.id).map(\.content.data) == ["{}", "{\"step\":2}"])
        #expect(try store.webhooks().first?.pending == 2)
        // A repetition of what is stored changes nothing.
        #expect(
            try store.appendEvent(run.id, EventDraft(.runProgress, data: "{\"step\":2}", key: "p2"), time: at(9)) == two
        )
        // Once it is on its way, it stays as it is.
        let queued = try #require(try store.nextMessages().first)
        try store.recordDelivery(queued.id, outcome: "200", time: at(4))
        let progress = try #require(try store.nextMessages().first)
        #expect(try store.beginAttempt(progress.id)?.body.contains("\"step\":2") == true)
        let three = try store.appendEvent(
            run.id, EventDraft(.runProgress, data: "{\"step\":3}", key: "p3"), time: at(5))
        #expect(three.sequence == 3)
    }

    @Test func withoutAnEndpointProgressIsAdded() throws {
        let store = try scene.open()
        let run = try makeRun(store)
        for step in 1...3 {
            try store.appendEvent(run.id, EventDraft(.runProgress, data: "{\"step\":\(step)}"), time: at(2))
        }
        #expect(try store.events(run.id).count == 4)
    }

    @Test func goneEndpointGetsNothingUntilReplay() throws {
        let store = try scene.open()
        let run = try makeRun(store, webhook: draft)
        let first = try #require(try store.nextMessages().first)
        try store.recordFailure(first.id, outcome: "410", time: at(1), next: at(1), disables: true)
        #expect(try store.nextMessages().isEmpty && store.webhooks().first?.endpoint.state == .disabled)
        try store.appendEvent(run.id, EventDraft(.searchFront), time: at(2))
        _ = try store.replay(run.id.text, time: at(3))
        #expect(try store.nextMessages().first?.id == first.id && store.webhooks().first?.pending == 2)
        #expect(throws: StoreError.noSuchEndpoint("none")) { try store.replay("none", time: at(3)) }
    }

    @Test func anotherAddressStartsAnew() throws {
        let store = try scene.open()
        var draft = WebhookEndpointDraft(url: "https://example.org/a", secret: "d", events: ["*"])
        try store.setDaemonEndpoint(draft)
        _ = try makeRun(store)
        let first = try #require(try store.nextMessages().first)
        try store.recordFailure(
            first.id, outcome: "410", time: at(1), next: at(1), holdUntil: at(9000), disables: true)
        draft.secret = "e"
        try store.setDaemonEndpoint(draft)
        #expect(try store.nextMessages().isEmpty)
        draft.url = "https://example.org/b"
        try store.setDaemonEndpoint(draft)
        let again = try #require(try store.nextMessages().first)
        #expect(again.id == first.id && again.endpoint.url == draft.url && again.endpoint.secret == "e")
        #expect(again.endpoint.holdUntil == at(0))
    }

    /// The list of types is the one that run files are held against.
    @Test func everyTypeCanBeWanted() {
        for type in EventType.allCases {
            #expect(WebhookSettings.faults(url: "https://x", secret: "s", events: [type.rawValue]).isEmpty)
        }
        #expect(!WebhookSettings.faults(url: "https://x", secret: "s", events: ["run.nothing"]).isEmpty)
    }

    @Test func testEventGoesToOneEndpointOnly() throws {
        let store = try scene.open()
        try store.setDaemonEndpoint(WebhookEndpointDraft(url: "https://example.org/all", secret: "d", events: ["*"]))
        let run = try makeRun(store, webhook: draft)
        try store.appendTestEvent(to: run.id.text, time: at(5))
        let types = try store.nextMessages().filter { $0.run == nil }.map { ($0.endpoint.id) }
        #expect(types == [run.id.text])
    }

    @Test func aRepeatedSubmissionIsTheSameRun() throws {
        let store = try scene.open()
        var generator = SeededGenerator(.random(in: 0 ... .max))
        func submit(_ digest: String) throws -> RunID {
            try store.createRun(
                RunDraft(name: "r", seed: 1, runYAML: "run", spaceYAML: "space"), priority: 3,
                submission: Submission(key: "k", digest: digest), time: at(7), using: &generator
            ).id
        }
        let first = try submit("a")
        #expect(try submit("a") == first && store.runs().count == 1)
        #expect(throws: StoreError.otherSubmission(key: "k", run: first.text)) { try submit("b") }
    }

    @Test func theQueueGoesByPriorityThenAge() throws {
        let store = try scene.open()
        var generator = SeededGenerator(.random(in: 0 ... .max))
        var ids: [RunID] = []
        for (priority, time) in [(0, 1), (5, 3), (5, 2)] {
            ids.append(
                try store.createRun(
                    RunDraft(name: "r", seed: 1, runYAML: "run", spaceYAML: "space"), priority: priority,
                    time: at(Int64(time)), using: &generator
                ).id)
        }
        #expect(try store.queue().map(\.id) == [ids[2], ids[1], ids[0]])
        #expect(try store.queuePositions()[ids[0]] == 3)
        try store.transition(run: ids[0], to: .preparing, event: EventDraft(.runStarted), time: at(9))
        #expect(try store.interrupted().map(\.id) == [ids[0]])
    }
}
