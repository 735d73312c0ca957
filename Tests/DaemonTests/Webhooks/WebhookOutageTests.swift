import Foundation
import Store
import Synchronization
import TestSupport
import Testing

@testable import Daemon

/// Receivers that are away for days, on a clock that is set by hand.
@Suite struct WebhookOutageTests {
    private let day: Int64 = 24 * 3_600_000

    /// Three runs of five events each.
    private func fill(_ scene: WebhookScene, _ url: String) throws -> [RunID] {
        try scene.setEndpoint(url)
        return try (0..<3).map { _ in
            let run = try scene.makeRun()
            for round in 0..<4 {
                try scene.store.appendEvent(
                    run, EventDraft(.searchRound, data: #"{"round":\#(round)}"#), time: scene.clock.now)
            }
            return run
        }
    }

    /// Goes from due time to due time.
    private func run(_ scene: WebhookScene, while condition: () -> Bool) throws {
        while condition() {
            guard let due = scene.dispatcher().deliverDue() else { return }
            #expect(due > scene.clock.now)
            if due > scene.clock.now { scene.clock.now = due } else { return }
        }
    }

    private func expectOrder(_ requests: [LoopbackRequest], _ runs: [RunID]) throws {
        let events = try requests.map { try SentEvent($0).data }
        for run in runs { #expect(events.filter { $0.run == run.text }.map(\.seq) == Array(1...5)) }
    }

    /// Nobody listens at all; every attempt is made by a new dispatcher, as after a restart.
    @Test func threeDaysWithoutAReceiverLoseNothing() throws {
        let scene = try WebhookScene()
        let port = try withServer { connection, _ in
            connection.close()
        } _: {
            $0.port
        }
        let runs = try fill(scene, "http://127.0.0.1:\(port)/")
        try run(scene) { scene.clock.elapsed < 3 * day }
        let away = try #require(try scene.endpoint())
        #expect(away.pending == 15 && away.dead == 0 && away.endpoint.lastOutcome?.hasPrefix("unreachable") == true)
        try withServer(port: port) { connection, _ in
            connection.answer(200)
        } _: { server in
            try run(scene) { true }
            #expect(server.requests.count == 15 && server.requests.allSatisfy { WebhookScene.isSigned($0) })
            #expect(Set(server.requests.flatMap { $0["webhook-id"] }).count == 15)
            try expectOrder(server.requests, runs)
            #expect(try scene.endpoint()?.pending == 0)
        }
    }

    /// A receiver that fails for weeks: ten attempts each at the right times, dead letters, then all by a replay.
    @Test func deadLettersAreKeptAndReplayed() throws {
        let scene = try WebhookScene()
        let isWell = Atomic<Bool>(false)
        try withServer { connection, _ in
            connection.answer(isWell.load(ordering: .relaxed) ? 200 : 503)
        } _: { server in
            let runs = try fill(scene, server.url)
            try run(scene) { true }
            let status = try #require(try scene.endpoint())
            #expect(status.dead == 15 && status.pending == 0 && status.nextAttempt == nil)
            let attempts = server.requests
            #expect(attempts.count == 150)
            let times = Dictionary(grouping: attempts) { $0["webhook-id"].joined() }.mapValues {
                $0.compactMap { $0["webhook-timestamp"].first.flatMap { Int64($0) } }
            }
            #expect(times.count == 15)
            for moments in times.values {
                try #require(moments.count == 10)
                for index in 1..<10 {
                    let interval = RetrySchedule.intervalsMilliseconds[index] / 1000
                    let waited = moments[index] - moments[index - 1]
                    #expect(waited >= interval - 1 && waited <= interval * 6 / 5 + 1)
                }
            }
            // A message is first tried once the one before it of its run was given up.
            let order = attempts.map { $0["webhook-id"].joined() }
            for run in runs {
                let own = try attempts.filter { try SentEvent($0).data.run == run.text }
                #expect(
                    try own.map { try SentEvent($0).data.seq } == (1...5).flatMap { Array(repeating: $0, count: 10) })
            }

            isWell.store(true, ordering: .relaxed)
            #expect(try scene.store.replay(WebhookEndpoint.daemonID, time: scene.clock.now) == 15)
            try run(scene) { true }
            let replayed = Array(server.requests.dropFirst(150))
            #expect(replayed.count == 15 && Set(replayed.map { $0["webhook-id"].joined() }) == Set(order))
            try expectOrder(replayed, runs)
            #expect(try scene.endpoint()?.endpoint.delivered == 15)
        }
    }

    /// A clock that ran ahead and was set back holds nothing up: not what was never tried, not what waits, and no receiver.
    @Test(arguments: [60, 365 * 86_400] as [Int64])
    func aClockThatRanAheadHoldsNothingUp(seconds ahead: Int64) throws {
        let scene = try WebhookScene()
        let answers = Mutex<[Int]>([])
        try withServer { connection, _ in
            let status = answers.withLock { $0.isEmpty ? 200 : $0.removeFirst() }
            connection.answer(status, status == 503 ? [("Retry-After", "60")] : [])
        } _: { server in
            let present = scene.clock.now
            // Never tried; then answered wrong, and by a receiver that asks for a pause.
            for (status, longest) in [(200, 0), (500, 6_000), (503, 61_000)] as [(Int, Int64)] {
                scene.clock.now = present
                scene.clock.advance(seconds: ahead)
                _ = try fill(scene, server.url)
                answers.withLock { $0 = status == 200 ? [] : [status, status, status] }
                if status != 200 { _ = scene.dispatcher().deliverDue() }
                answers.withLock { $0 = [] }
                scene.clock.now = present
                let due = scene.dispatcher().deliverDue() ?? present
                #expect(due.milliseconds - present.milliseconds <= longest, "\(status)")
                scene.clock.now = due
                try run(scene) { true }
                #expect(try scene.endpoint()?.pending == 0, "\(status)")
            }
        }
    }
}
