import Foundation
import TestSupport
import Testing

/// `nas-ctl doctor --test-webhooks` against a real receiver, while it answers and once it is gone.
@Suite struct DoctorTests {
    @Test func theWayOfWebhooksIsTried() throws {
        let server = try LoopbackServer { connection, _ in connection.answer(200) }
        let daemon = try ServedDaemon(["workers=1", "webhook.allow=127.0.0.1"])
        let key = Data((0..<32).map { UInt8($0) }).base64EncodedString()
        try Files.write(Array("whsec_\(key)\n".utf8), daemon.folder + "/secrets/key")
        chmod(daemon.folder + "/secrets/key", 0o600)
        func doctor() throws -> Program.Outcome {
            try Program(
                ["doctor", "--test-webhooks", "--endpoint", "unix:\(daemon.socket)"], named: "nas-ctl"
            ).wait()
        }
        let none = try doctor()
        #expect(none.code == 0 && none.output.contains("there is no receiver"), "\(none.error)")
        let id = try daemon.submit(
            ServedDaemon.tiny(extra: "webhook: {url: \"\(server.url)/hook\", secret: key, events: [run.completed]}"))
        try #require(daemon.wait(id, for: "completed"))
        let answered = try doctor()
        #expect(answered.output.contains("webhook test \(id)"), "\(answered.output)\(answered.error)")
        #expect(answered.output.contains("/hook answered 200"), "\(answered.output)")
        server.stop()
        let gone = try doctor()
        #expect(gone.code == 0 && gone.output.contains("look at the receiver"), "\(gone.output)")
        daemon.program.send(SIGTERM)
        #expect(daemon.program.wait().code == 0)
    }
}
