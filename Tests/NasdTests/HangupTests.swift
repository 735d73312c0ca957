import Foundation
import HTTPClient
import TestSupport
import Testing

/// Requests to stop, and requests to a daemon that runs on.
@Suite(.serialized) struct HangupTests {
    @Test(
        arguments: [(SIGHUP, Int32(129)), (SIGUSR1, 138), (SIGXCPU, 152), (SIGTERM, 143), (SIGINT, 130)]
            as [(Int32, Int32)])
    func aRunStopsWithACheckpoint(signal: Int32, code: Int32) throws {
        let run = try SmallRun(train: "{steps: 1000000, batch: 8, shards: 2, checkpointEvery: 1000000}")
        let program = try Program(run.arguments)
        #expect(SmallRun.waitUntil { program.error.contains("\ntraining") })
        // Some of these come twice.
        program.send(signal)
        if ![SIGTERM, SIGINT].contains(signal) { program.send(signal) }
        let outcome = program.wait()
        #expect(outcome.code == code, "\(outcome.code) \(outcome.error)")
        #expect(outcome.error.contains("stopped with a checkpoint"))
        #expect(run.checkpoints.count == 1)
    }

    @Test func anIgnoredHangupStaysIgnored() throws {
        let run = try SmallRun(train: "{steps: 300, batch: 8, shards: 2}")
        let outcome = try Shell.run(
            """
            (trap '' HUP; exec $NASD run run.yaml --output out > /dev/null 2> err) & P=$!
            for i in $(seq 200); do grep -q ^training err && break; sleep 0.05; done; kill -HUP $P; wait $P; echo $?
            """, in: run.folder)
        #expect(outcome.output == "0\n", "\(outcome.output)\(outcome.error)")
    }

    @Test func theDaemonReadsAnewAndRunsOn() throws {
        let daemon = try ServedDaemon()
        defer { daemon.program.send(SIGKILL) }
        daemon.program.send(SIGTERM)
        #expect(daemon.program.wait().code == 0)
        let file = daemon.folder + "/nasd.yaml", token = daemon.folder + "/token"
        func configure(_ level: String, token text: String) throws {
            try Files.write(Array("log: {level: \(level)}\nlisten: 127.0.0.1:0\ntokenFile: \(token)\n".utf8), file)
            try Files.write(Array(text.utf8), token)
            chmod(token, 0o600)
        }
        let first = String(repeating: "a", count: 40), second = String(repeating: "b", count: 40)
        try configure("info", token: first)
        let program = try Program([
            "serve", "--config", file, "--data-directory", daemon.data, "--socket", daemon.socket,
        ])
        defer { program.send(SIGKILL) }
        func waitFor(_ text: String) -> Bool { SmallRun.waitUntil(.seconds(30)) { program.error.contains(text) } }
        try #require(waitFor("address=127.0.0.1:"))
        let port = program.error.firstMatch(of: /address=127\.0\.0\.1:([0-9]+)/).map { String($0.1) } ?? ""
        func status(_ token: String) throws -> Int {
            try HTTPClient(userAgent: "test").send(
                HTTPRequest(
                    method: "GET", url: "http://127.0.0.1:\(port)/v1/runs",
                    headers: [("Authorization", "Bearer \(token)")])
            ).head.status
        }
        #expect(try status(first) == 200)
        try configure("debug", token: second)
        program.send(SIGHUP)
        try #require(waitFor("were read anew"))
        #expect(try status(first) == 401)
        #expect(try status(second) == 200)
        // What cannot be taken changes nothing, and is told.
        try configure("nonsense", token: first)
        program.send(SIGHUP)
        try #require(waitFor("nothing was changed"))
        #expect(try status(second) == 200)
        // Nor does a file that leaves out what the daemon goes on to need.
        try Files.write(Array("log: {level: info}\n".utf8), file)
        program.send(SIGHUP)
        try #require(waitFor("tokenFile: expected a file"))
        #expect(try status(second) == 200)
        program.send(SIGUSR1)
        program.send(SIGUSR2)
        #expect(waitFor("ready="))
        #expect(program.isRunning)
        program.send(SIGTERM)
        #expect(program.wait().code == 0)
    }

    /// A certificate that was renewed is that of every new connection; one without its key changes nothing.
    @Test(.enabled(if: SelfSignedCertificate.isAvailable, "needs the openssl program"))
    func theDaemonTakesARenewedCertificate() throws {
        try withDirectory { folder in
            let token = String(repeating: "a", count: 40)
            try Files.write(Array(token.utf8), folder + "/token")
            chmod(folder + "/token", 0o600)
            let first = try SelfSignedCertificate(folder: folder, name: "first-")
            let second = try SelfSignedCertificate(folder: folder, name: "second-")
            // Where the daemon looks, as a renewal replaces it.
            func place(_ file: String, _ name: String) throws {
                try Data(contentsOf: URL(filePath: file)).write(to: URL(filePath: "\(folder)/\(name).pem"))
            }
            try place(first.certificate, "certificate")
            try place(first.key, "key")
            let daemon = try ServedDaemon([
                "listen=127.0.0.1:0", "tokenFile=\(folder)/token", "tls.certificateFile=\(folder)/certificate.pem",
                "tls.keyFile=\(folder)/key.pem",
            ])
            defer { daemon.program.send(SIGKILL) }
            let program = daemon.program
            func waitFor(_ text: String) -> Bool { SmallRun.waitUntil(.seconds(30)) { program.error.contains(text) } }
            try #require(waitFor("address=127.0.0.1:"))
            let port = program.error.firstMatch(of: /address=127\.0\.0\.1:([0-9]+)/).map { String($0.1) } ?? ""
            func isServed(trusting certificate: SelfSignedCertificate) -> Bool {
                var request = HTTPRequest(
                    url: "https://127.0.0.1:\(port)/v1/runs", headers: [("Authorization", "Bearer \(token)")])
                request.certificateAuthorityFile = certificate.certificate
                return (try? HTTPClient(userAgent: "test").send(request).head.status) == 200
            }
            #expect(isServed(trusting: first) && !isServed(trusting: second))
            // Half of a renewal.
            try place(second.certificate, "certificate")
            program.send(SIGHUP)
            try #require(waitFor("nothing was changed"))
            #expect(isServed(trusting: first) && !isServed(trusting: second))
            try place(second.key, "key")
            program.send(SIGHUP)
            try #require(waitFor("were read anew"))
            #expect(isServed(trusting: second) && !isServed(trusting: first))
            program.send(SIGTERM)
            #expect(program.wait().code == 0)
        }
    }
}
