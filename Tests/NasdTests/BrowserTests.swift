import API
import Foundation
import TestSupport
import Testing

/// Whether there is a Chromium to drive: `NASD_CHROMIUM`, or one on the path.
private enum Chromium {
    static let isInstalled: Bool = {
        let environment = ProcessInfo.processInfo.environment
        if environment["NASD_CHROMIUM"] != nil { return true }
        return (environment["PATH"] ?? "").split(separator: ":").contains { folder in
            ["chromium-headless-shell", "chromium"].contains {
                FileManager.default.isExecutableFile(atPath: "\(folder)/\($0)")
            }
        }
    }()
}

/// The dashboard in a real Chromium, against a real daemon. Where no Chromium is installed they are skipped
/// (`apt-get install chromium-headless-shell`).
@Suite(.enabled(if: Chromium.isInstalled, "no Chromium is installed: apt-get install chromium-headless-shell"))
struct BrowserTests {
    /// What a part of the script says when it is over; `NASD_PICTURES` is a folder for pictures of what it sees.
    private func look(_ part: String, at address: String, token: String, _ more: [String] = []) throws {
        let pictures = ProcessInfo.processInfo.environment["NASD_PICTURES"].map { ["--pictures", $0] } ?? []
        let script = Repository.root.appending(path: "Tests/NasdTests/Browser/check_dashboard.py").path
        let (code, output) = try python([script, address, token, part] + more + pictures)
        #expect(code == 0, "\(output)")
        print(output.split(separator: "\n").map { "    dashboard: \($0)" }.joined(separator: "\n"))
    }

    private func python(_ arguments: [String]) throws -> (code: Int32, output: String) {
        let process = Process(), output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3"] + arguments
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    /// A daemon on TCP with its token.
    private final class Served {
        let token: TokenFile
        let daemon: ServedDaemon

        init(_ settings: [String] = []) throws {
            token = try TokenFile()
            daemon = try ServedDaemon(
                ["listen=127.0.0.1:0", "tokenFile=\(token.path)", "webhook.allow=127.0.0.0/8"] + settings)
            let secret = daemon.folder + "/secrets/key"
            try Files.write(Array("whsec_\(Data(repeating: 7, count: 32).base64EncodedString())\n".utf8), secret)
            chmod(secret, 0o600)
        }
    }

    private func look(_ part: String, at served: Served, _ more: [String] = []) throws {
        try look(part, at: "http://127.0.0.1:\(try served.daemon.port())/", token: served.token.token, more)
        #expect(served.daemon.program.isRunning)
    }

    @Test func everyPageOfARun() throws {
        let served = try Served(), daemon = served.daemon
        let ids = [
            try daemon.submit(ServedDaemon.tiny(name: "other")),
            try daemon.submit(ServedDaemon.tiny(extra: "webhook: {url: 'http://127.0.0.1:9/x', secret: key}")),
        ]
        for id in ids { #expect(daemon.wait(id, for: "completed")) }
        try look("pages", at: served)
    }

    @Test func aRunThatTrains() throws {
        let served = try Served(["workers=1"]), daemon = served.daemon
        let id = try daemon.submit(ServedDaemon.tiny(name: "long", steps: 100_000))
        #expect(daemon.waitUntil(seconds: 60) { ((try? daemon.run(id).step) ?? 0) > 20 })
        try look("live", at: served)
        #expect(try daemon.run(id).state == "cancelled")
    }

    @Test func aRunIsHandedIn() throws {
        let served = try Served(["workers=1"]), daemon = served.daemon
        try look("submit", at: served)
        #expect(try daemon.run("typed").name == "typed")
    }

    /// 100,000 candidates, or as many as `NASD_CANDIDATES` says.
    @Test func aLargeRun() throws {
        let served = try Served(), daemon = served.daemon
        let id = try daemon.submit()
        #expect(daemon.wait(id, for: "completed"))
        daemon.program.send(SIGTERM)
        _ = daemon.program.wait(timeout: .seconds(30))
        let count = ProcessInfo.processInfo.environment["NASD_CANDIDATES"] ?? "100000"
        let (code, output) = try python([
            Repository.root.appending(path: "Benchmarks/many_candidates.py").path, daemon.data + "/nasd.sqlite", id,
            count,
        ])
        try #require(code == 0, "\(output)")
        try daemon.restart()
        try look("paging", at: served, ["--run", id])
    }

    @Test func strangersGetNothing() throws {
        try look("strangers", at: Served())
    }

    @Test func theBridgeOfNasCtl() throws {
        let daemon = try ServedDaemon()
        let bridge = try Program(["dashboard", "--endpoint", "unix:\(daemon.socket)"], named: "nas-ctl")
        #expect(daemon.waitUntil(seconds: 30) { bridge.output.hasSuffix("\n") })
        let address = bridge.output.trimmingCharacters(in: .whitespacesAndNewlines)
        // Others first: a page of another origin may not even use up the key.
        try look("strangers", at: String(address.prefix { $0 != "#" }), token: "")
        try look("bridge", at: address, token: "")
        bridge.send(SIGINT)
        #expect(bridge.wait(timeout: .seconds(10)).code == 130 && daemon.program.isRunning)
    }
}
