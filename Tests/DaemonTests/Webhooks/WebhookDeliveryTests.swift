import Foundation
import GRDB
import Synchronization
import TestSupport
import Testing

@testable import Daemon
@testable import Store

/// Deliveries to real receivers, step by step on a clock that is set by hand.
@Suite struct WebhookDeliveryTests {
    @Test func aMessageIsTriedAgainWithTheSameIdentity() throws {
        let scene = try WebhookScene()
        let count = Atomic<Int>(0)
        try withServer { connection, _ in
            connection.answer(count.add(1, ordering: .relaxed).oldValue == 0 ? 500 : 200)
        } _: { server in
            try scene.setEndpoint(server.url + "/hook")
            let run = try scene.makeRun()
            let dispatcher = scene.dispatcher()
            let due = try #require(dispatcher.deliverDue())
            #expect((5_000...6_000).contains(due.milliseconds - scene.clock.now.milliseconds))
            #expect(try scene.endpoint()?.endpoint.lastOutcome == "500")
            #expect(dispatcher.deliverDue() == due && server.requests.count == 1, "nothing goes out early")
            scene.clock.now = due
            #expect(dispatcher.deliverDue() == nil)

            let requests = server.requests
            try #require(requests.count == 2)
            #expect(requests[0]["webhook-id"] == requests[1]["webhook-id"] && requests[0].body == requests[1].body)
            #expect(requests[0]["webhook-timestamp"] == ["1767225600"])
            #expect(requests[1]["webhook-timestamp"] == ["\(due.milliseconds / 1000)"])
            #expect(requests.allSatisfy { WebhookScene.isSigned($0) && $0.method == "POST" && $0.target == "/hook" })
            #expect(requests[0]["content-type"] == ["application/json"] && requests[0]["user-agent"] == ["nasd/test"])
            let event = try SentEvent(requests[1])
            #expect(event.type == "run.queued" && event.data.run == run.text && event.data.seq == 1)
            #expect(event.timestamp == "2026-01-01T00:00:00.000Z")
            let status = try #require(try scene.endpoint())
            #expect(status.endpoint.delivered == 1 && status.pending == 0 && status.endpoint.lastOutcome == "200")
        }
    }

    /// What a receiver may do, how the attempt is noted, and whether the message has arrived.
    static let answers: [(name: String, outcome: String, arrives: Bool)] = [
        ("301", "301 (redirects are not followed)", false), ("404", "404", false), ("hang", "timed out", false),
        ("close", "broken", false), ("garbage", "broken", false), ("large", "200", true), ("torn", "202", true),
        ("endless", "200", true),
    ]

    @Test(arguments: answers) func aReceiverMayDoWhatItLikes(name: String, outcome: String, arrives: Bool) throws {
        let scene = try WebhookScene()
        scene.settings.attemptMilliseconds = name == "hang" || name == "endless" ? 200 : 5_000
        try withServer { connection, request in
            switch request.target {
            case "/301": connection.answer(301, [("Location", "/other")])
            case "/404": connection.answer(404)
            case "/hang": connection.hang()
            case "/close": connection.close()
            case "/garbage":
                connection.write("220 mail.example ESMTP\r\n")
                connection.close()
            case "/large": connection.answer(200, body: [UInt8](repeating: 65, count: 1 << 20))
            case "/torn":
                connection.write("HTTP/1.1 202 OK\r\nContent-Length: 99\r\n\r\nhalf")
                connection.close()
            case "/endless":
                connection.write("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf")
                connection.hang()
            default: connection.answer(200)
            }
        } _: { server in
            try scene.setEndpoint(server.url + "/" + name)
            _ = try scene.makeRun()
            let due = scene.dispatcher().deliverDue()
            let status = try #require(try scene.endpoint())
            #expect(status.endpoint.lastOutcome?.hasPrefix(outcome) == true, "\(status.endpoint.lastOutcome ?? "none")")
            #expect(status.pending == (arrives ? 0 : 1) && status.endpoint.delivered == (arrives ? 1 : 0))
            #expect((due == nil) == arrives)
            #expect(server.requests.count == 1)
        }
    }

    @Test func aFailureOfOneRunDoesNotHoldAnother() throws {
        let scene = try WebhookScene()
        let first = try scene.makeRun().text
        try withServer { connection, request in
            connection.answer((try? SentEvent(request))?.data.run == first ? 500 : 200)
        } _: { server in
            try scene.setEndpoint(server.url)
            let id = try #require(RunID(first))
            try scene.store.appendEvent(id, EventDraft(.searchRound), time: scene.clock.now)
            try scene.store.appendEvent(id, EventDraft(.searchFront), time: scene.clock.now)
            let other = try scene.makeRun().text
            scene.dispatcher().deliverDue()
            let seen = try server.requests.map { try SentEvent($0).data }
            #expect(seen.map(\.run) == [first, other])
            // The later message of the first run waits for the earlier one.
            #expect(seen.map(\.seq) == [2, 1])
            #expect(try scene.endpoint()?.pending == 2)
        }
    }

    @Test func anOverloadedReceiverIsLeftAlone() throws {
        let scene = try WebhookScene()
        let count = Atomic<Int>(0)
        try withServer { connection, _ in
            let isFirst = count.add(1, ordering: .relaxed).oldValue == 0
            connection.answer(isFirst ? 429 : 200, isFirst ? [("Retry-After", "100")] : [])
        } _: { server in
            try scene.setEndpoint(server.url)
            _ = try scene.makeRun()
            _ = try scene.makeRun()
            let dispatcher = scene.dispatcher()
            #expect(dispatcher.deliverDue() == scene.clock.now.adding(milliseconds: 100_000))
            #expect(server.requests.count == 1)
            scene.clock.advance(seconds: 99)
            dispatcher.deliverDue()
            #expect(server.requests.count == 1)
            scene.clock.advance(seconds: 1)
            #expect(dispatcher.deliverDue() == nil)
            #expect(server.requests.count == 3)
        }
    }

    @Test func aReceiverThatIsGoneGetsNothingUntilAReplay() throws {
        let scene = try WebhookScene()
        let isGone = Atomic<Bool>(true)
        try withServer { connection, _ in
            connection.answer(isGone.load(ordering: .relaxed) ? 410 : 200)
        } _: { server in
            try scene.setEndpoint(server.url)
            let run = try scene.makeRun()
            let dispatcher = scene.dispatcher()
            #expect(dispatcher.deliverDue() == nil)
            #expect(try scene.endpoint()?.endpoint.state == .disabled)
            try scene.store.appendEvent(run, EventDraft(.searchRound), time: scene.clock.now)
            scene.clock.advance(seconds: 100_000)
            #expect(dispatcher.deliverDue() == nil && server.requests.count == 1)

            isGone.store(false, ordering: .relaxed)
            _ = try scene.store.replay(WebhookEndpoint.daemonID, time: scene.clock.now)
            #expect(dispatcher.deliverDue() == nil)
            let seen = server.requests.map { $0["webhook-id"] }
            #expect(seen.count == 3 && seen[0] == seen[1])
            #expect(try server.requests.map { try SentEvent($0).data.seq } == [1, 1, 2])
        }
    }

    @Test func aTestEventIsDelivered() throws {
        let scene = try WebhookScene()
        try withServer { connection, _ in
            connection.answer(204)
        } _: { server in
            try scene.setEndpoint(server.url)
            try scene.store.appendTestEvent(to: WebhookEndpoint.daemonID, time: scene.clock.now)
            scene.dispatcher().deliverDue()
            let request = try #require(server.requests.first)
            let event = try SentEvent(request)
            #expect(event.type == "webhook.test" && event.data.run == nil && WebhookScene.isSigned(request))
        }
    }

    @Test func progressThatWaitsIsToldOnce() throws {
        let scene = try WebhookScene()
        try withServer { connection, _ in
            connection.answer(200)
        } _: { server in
            try scene.setEndpoint(server.url)
            let run = try scene.makeRun()
            for step in 1...50 {
                try scene.store.appendEvent(
                    run, EventDraft(.runProgress, data: #"{"step":\#(step)}"#), time: scene.clock.now)
            }
            scene.dispatcher().deliverDue()
            try scene.store.appendEvent(run, EventDraft(.runProgress, data: #"{"step":51}"#), time: scene.clock.now)
            scene.dispatcher().deliverDue()
            #expect(try server.requests.map { try SentEvent($0).data.step } == [nil, 50, 51])
            #expect(try server.requests.map { try SentEvent($0).data.seq } == [1, 2, 3])
        }
    }

    @Test(arguments: ["http", "https"]) func aNameOfAPrivateAddressIsNotConnectedTo(scheme: String) throws {
        let scene = try WebhookScene()
        // Networks are permitted, so that plain http is not refused before the name is resolved; not this one.
        scene.settings.policy = try AddressPolicy(allow: ["10.0.0.0/8"])
        try withServer { connection, _ in
            connection.answer(200)
        } _: { server in
            try scene.setEndpoint("\(scheme)://localhost:\(server.port)/")
            _ = try scene.makeRun()
            #expect(scene.dispatcher().deliverDue() != nil)
            let outcome = try #require(try scene.endpoint()?.endpoint.lastOutcome)
            #expect(["the address 127.0.0.1 is not permitted", "the address ::1 is not permitted"].contains(outcome))
            #expect(server.connections == 0)
        }
    }

    @Test func whatCannotBeSignedIsNotSent() throws {
        let scene = try WebhookScene()
        try withServer { connection, _ in
            connection.answer(200)
        } _: { server in
            try scene.setEndpoint(server.url)
            try scene.setSecret(WebhookScene.secretText, mode: 0o644)
            _ = try scene.makeRun()
            let dispatcher = scene.dispatcher()
            scene.clock.now = try #require(dispatcher.deliverDue())
            #expect(server.connections == 0)
            #expect(try scene.endpoint()?.endpoint.lastOutcome?.contains("644") == true)
            // Mended, and rotating: both keys sign, without a restart.
            let new = Data(repeating: 3, count: 32)
            try scene.setSecret(WebhookScene.secretText + "\nwhsec_" + new.base64EncodedString() + "\n")
            #expect(dispatcher.deliverDue() == nil)
            let request = try #require(server.requests.first)
            #expect(WebhookScene.isSigned(request) && WebhookScene.isSigned(request, with: new))
        }
    }

    @Test func noSecretIsKeptOrLogged() throws {
        let scene = try WebhookScene()
        let count = Atomic<Int>(0)
        try withServer { connection, _ in
            connection.answer(count.add(1, ordering: .relaxed).oldValue % 2 == 0 ? 500 : 200)
        } _: { server in
            try scene.setEndpoint(server.url)
            _ = try scene.makeRun()
            let dispatcher = scene.dispatcher()
            scene.clock.now = try #require(dispatcher.deliverDue())
            dispatcher.deliverDue()
            #expect(scene.log.all.count >= 2)
            let secret = WebhookScene.secretText.dropFirst("whsec_".count)
            #expect(!scene.log.all.contains { $0.contains(secret) })
            for name in try FileManager.default.contentsOfDirectory(atPath: scene.path + "/data") {
                guard let bytes = FileManager.default.contents(atPath: scene.path + "/data/" + name) else { continue }
                #expect(bytes.range(of: Data(secret.utf8)) == nil && bytes.range(of: WebhookScene.secretBytes) == nil)
            }
        }
    }

    @Test func aStoreThatFailsIsLeftAloneForAWhile() throws {
        let scene = try WebhookScene()
        try scene.setEndpoint("http://127.0.0.1:1/")
        _ = try scene.makeRun()
        try scene.store.write("breaking the outbox") { try $0.execute(sql: "DROP TABLE outbox") }
        #expect(scene.dispatcher().deliverDue() == scene.clock.now.adding(milliseconds: 30_000))
        #expect(scene.log.all.contains { $0.contains("the store failed") })
    }
}
