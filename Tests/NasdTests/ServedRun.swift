import API
import Foundation
import HTTPClient
import Store
import TestSupport
import Testing

/// A run under a daemon, whose events a receiver is told that does not always want to listen.
final class ServedRun: KillVictim {
    let scene: SmallRun
    let targets: [Killer.Target] = [.training, .checkpoint, .searching, .starting, .anytime]
    /// The tables as the API gives them, once the run has completed.
    private(set) var tables: [String: Data] = [:]
    private let daemon: ServedDaemon
    private let receiver: WebhookReceiver
    private var id: String?

    /// Starts a daemon on the run's output as its data directory.
    init(_ scene: SmallRun) throws {
        self.scene = scene
        receiver = try WebhookReceiver()
        try receiver.writeSecret(to: scene.folder)
        daemon = try ServedDaemon([
            "dataDirectory=\(scene.output)", "spaceDirectories=\(scene.folder)", "webhook.allow=127.0.0.0/8",
            "webhook.secretDirectory=\(scene.folder)", "webhook.secret=\(WebhookReceiver.secretName)",
            "webhook.url=\(receiver.url)/daemon",
        ])
    }

    deinit { receiver.stop() }

    func start(workers: Int) throws -> Program {
        if id != nil {
            try daemon.start(["workers=\(workers)"])
        } else {
            let run = try String(contentsOfFile: scene.folder + "/run.yaml", encoding: .utf8)
            id = try daemon.submit(
                run + "webhook: {url: '\(receiver.url)/run', secret: \(WebhookReceiver.secretName)}\n")
        }
        return daemon.program
    }

    func finish(workers: Int) throws {
        let id = try #require(id)
        let before = try #require(try scene.status())
        let recoveries = try recoveries()
        try daemon.start(["workers=\(workers)"])
        try daemon.waitUntilReady()
        if [.training, .searching, .validating].contains(before.run.state) {
            #expect(try self.recoveries() == recoveries + 1, "ready before the run was recovered")
        }
        let isCompleted = daemon.wait(id, for: "completed")
        try #require(isCompleted, "\(daemon.program.error)")
        for (name, query) in [("results.csv", ""), ("front.csv", "?front=true")] {
            let answer = try daemon.get("/v1/runs/\(id)/results.csv\(query)")
            try #require(answer.head.status == 200)
            tables[name] = Data(answer.body)
        }
        try deliverEverything()
        daemon.program.send(SIGTERM)
        let end = daemon.program.wait(timeout: .seconds(30))
        #expect(end.code == 0, "\(end.error)")
        scene.expectNoOrphan()
    }

    /// Expects that the receiver got every event of the run at both of its addresses, and every one of the daemon.
    func expectEveryEventTold(_ log: inout KillLog) throws {
        let run = try #require(try scene.status()).run.id
        let reader = try RunReader(DataDirectory(reading: scene.output))
        let events = try reader.events(run, limit: 1_000_000)
        let ofDaemon = try reader.daemonEvents(limit: 1_000_000)
        #expect(ofDaemon.map(\.sequence) == Array(1...max(1, ofDaemon.count)))
        try receiver.expect(events, at: "/run", of: run.text)
        try receiver.expect(events, at: "/daemon", of: run.text)
        try receiver.expect(ofDaemon, at: "/daemon", of: nil)
        let figures = receiver.expectIdentities(messages: events.count * 2 + ofDaemon.count)
        log.totals.merge(figures) { $0 + $1 }
    }

    private func recoveries() throws -> Int {
        guard let status = try scene.status() else { return 0 }
        return try scene.events(of: status.run.id).filter { $0.content.type == .runRecovered }.count
    }

    /// Waits until nothing is on its way any more; what would wait for minutes after a failure is replayed.
    private func deliverEverything() throws {
        let isDelivered = daemon.waitUntil(seconds: 60) {
            guard let list = try? daemon.document(WebhookList.self, daemon.get("/v1/webhooks")).webhooks else {
                return false
            }
            for endpoint in list where endpoint.pending + endpoint.dead > 0 {
                let isDue = endpoint.nextAttempt.map { $0.timeIntervalSinceNow < 0.1 } ?? false
                if endpoint.dead > 0 || !isDue { _ = try? daemon.send("POST", "/v1/webhooks/\(endpoint.id)/replay") }
            }
            return list.count == 2 && list.allSatisfy { $0.pending + $0.dead == 0 }
        }
        let list = String(decoding: try daemon.get("/v1/webhooks").body, as: UTF8.self)
        try #require(isDelivered, "\(list)")
    }
}
