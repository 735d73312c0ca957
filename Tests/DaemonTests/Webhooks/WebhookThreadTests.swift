import Foundation
import Store
import Synchronization
import TestSupport
import Testing

@testable import Daemon

/// The dispatcher's own threads.
@Suite struct WebhookThreadTests {
    /// Waits for something that happens on another thread.
    private func wait(for condition: () throws -> Bool) rethrows -> Bool {
        for _ in 0..<3_000 {
            if try condition() { return true }
            usleep(10_000)
        }
        return false
    }

    @Test func anEventIsDeliveredWhenTheDispatcherIsWoken() throws {
        let scene = try WebhookScene()
        try withServer { connection, _ in
            connection.answer(200)
        } _: { server in
            try scene.setEndpoint(server.url)
            let dispatcher = scene.dispatcher()
            try dispatcher.start()
            defer { dispatcher.stop() }
            let run = try scene.makeRun()
            for _ in 0..<20 {
                try scene.store.appendEvent(run, EventDraft(.searchRound), time: scene.clock.now)
                dispatcher.wake()
            }
            #expect(wait { server.requests.count == 21 })
            #expect(try server.requests.map { try SentEvent($0).data.seq } == Array(1...21))
        }
    }

    @Test func endpointsAreServedSideBySideEachByOneAttemptAtATime() throws {
        let scene = try WebhookScene()
        let inFlight = Mutex<[String: Int]>([:])
        let most = Mutex<(one: Int, all: Int)>((0, 0))
        try withServer { connection, request in
            let now = inFlight.withLock { counts in
                counts[request.target, default: 0] += 1
                return (counts[request.target, default: 0], counts.values.reduce(0, +))
            }
            most.withLock { $0 = (max($0.one, now.0), max($0.all, now.1)) }
            usleep(30_000)
            inFlight.withLock { $0[request.target, default: 0] -= 1 }
            connection.answer(200)
        } _: { server in
            for number in 0..<6 {
                let run = try scene.makeRun(webhook: server.url + "/\(number)")
                for _ in 0..<4 { try scene.store.appendEvent(run, EventDraft(.searchRound), time: scene.clock.now) }
            }
            let dispatcher = scene.dispatcher()
            try dispatcher.start()
            dispatcher.finish(withinMilliseconds: 30_000)
            #expect(server.requests.count == 30)
            let peak = most.withLock { $0 }
            #expect(peak.one == 1 && peak.all > 1 && peak.all <= WebhookDispatcher.threadCount)
            for number in 0..<6 {
                let own = try server.requests.filter { $0.target == "/\(number)" }.map { try SentEvent($0).data.seq }
                #expect(own == Array(1...5))
            }
        }
    }

    @Test func aStopEndsAnAttemptWhichIsMadeAgain() throws {
        let scene = try WebhookScene()
        scene.settings.attemptMilliseconds = 60_000
        let isFirst = Atomic<Bool>(true)
        try withServer { connection, _ in
            if isFirst.exchange(false, ordering: .relaxed) { connection.hang() } else { connection.answer(200) }
        } _: { server in
            try scene.setEndpoint(server.url)
            _ = try scene.makeRun()
            let dispatcher = scene.dispatcher()
            try dispatcher.start()
            #expect(wait { server.requests.count == 1 })
            let start = ContinuousClock.now
            dispatcher.stop()
            #expect(ContinuousClock.now - start < .seconds(20))
            #expect(try scene.endpoint()?.pending == 1)
            #expect(scene.dispatcher().deliverDue() == nil)
            let seen = server.requests.map { $0["webhook-id"] }
            #expect(seen.count == 2 && seen[0] == seen[1])
        }
    }

    @Test func aStopWithNothingToDoIsNoWait() throws {
        let scene = try WebhookScene()
        for _ in 0..<20 {
            let dispatcher = scene.dispatcher()
            try dispatcher.start()
            dispatcher.stop()
        }
    }

    @Test func aDeletedRunTakesItsMessagesAlong() throws {
        let scene = try WebhookScene()
        try withServer { connection, _ in
            connection.answer(500)
        } _: { server in
            let run = try scene.makeRun(webhook: server.url)
            scene.dispatcher().deliverDue()
            try scene.store.transition(
                run: run, to: .cancelled, event: EventDraft(.runCancelled), time: scene.clock.now)
            try scene.store.deleteRun(run)
            scene.clock.advance(seconds: 1000)
            #expect(scene.dispatcher().deliverDue() == nil && server.requests.count == 1)
        }
    }
}
