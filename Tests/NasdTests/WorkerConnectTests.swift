import API
import Foundation
import HTTPClient
import TestSupport
import Testing

/// Runs under a daemon whose workers connect to it.
@Suite(.enabled(if: Shell.hasPython)) struct WorkerConnectTests {
    /// A daemon over a run's folder, and workers that are started beside it.
    private final class Site {
        let run: WorkerRun
        let daemon: ServedDaemon
        private var workers: [Process] = []
        var socket: String { run.folder + "/w" }
        var tokenFile: String { run.folder + "/token" }

        /// - Parameter states: What workers see the daemon's folder of runs as, below the run's; nil where they do not train.
        init(
            _ mode: String = "slow", evaluations: Int = 60, deadline: Double = 60, listen: String = "SOCKET",
            trains: Bool = false, states: String? = nil
        ) throws {
            run = try trains ? WorkerRun.training(mode) : WorkerRun(mode, evaluations: evaluations)
            for (name, letter) in [("token", "w"), ("api", "a")] {
                let file = "\(run.folder)/\(name)"
                try Files.write(Array(String(repeating: letter, count: 40).utf8), file)
                chmod(file, 0o600)
            }
            if listen.contains("tls") { _ = try SelfSignedCertificate(folder: run.folder) }
            let address = listen.replacing("SOCKET", with: run.folder + "/w").replacing("FOLDER", with: run.folder)
            let file = run.folder + "/nasd.yaml"
            let folder = run.folder, sees = states.map { ", states: \(folder)/\($0)" } ?? ""
            let text = """
                commands: {python: {connect: true, slots: 2, deadline: \(deadline)\(sees)}}
                workerListen: \(address)

                """
            try Files.write(Array(text.utf8), file)
            daemon = try ServedDaemon(["spaceDirectories=\(run.folder)"], config: file)
        }

        deinit { for worker in workers where worker.isRunning { kill(worker.processIdentifier, SIGKILL) } }

        /// Starts a worker.
        @discardableResult
        func start(_ where: String? = nil, slot: Int? = nil) throws -> Process {
            let worker = Process()
            worker.executableURL = URL(filePath: Shell.python)
            worker.arguments = ["-B", run.folder + "/worker.py"]
            let place = `where` ?? "connect=\(socket)\(slot.map { " slot=\($0)" } ?? "")"
            worker.environment = ProcessInfo.processInfo.environment.merging([
                "MODE": run.mode, "NOTES": run.folder, "WHERE": place,
                "NASD_CLIENT": Repository.root.appending(path: "Deploy/workers").path,
            ]) { $1 }
            worker.standardError = FileHandle.nullDevice
            try worker.run()
            workers.append(worker)
            return worker
        }

        /// The port for workers of a daemon that has chosen one.
        var port: Int? { port(after: "listening for workers") }
        /// The port of its API.
        var apiPort: Int? { port(after: "listening address=") }

        private func port(after words: String) -> Int? {
            let line = daemon.program.error.split(separator: "\n").last { $0.contains(words) }
            return line?.split(separator: ":").last.flatMap { Int($0.prefix { $0.isNumber }) }
        }

        func csv(_ id: String) throws -> String {
            String(decoding: try daemon.get("/v1/runs/\(id)/results.csv").body, as: UTF8.self)
        }
    }

    /// The daemon is killed and started again: the run ends with the bytes of processes of its own, and the workers stay and serve
    /// the next one from its beginning.
    private func endsAfterAKill(of site: Site, _ id: String) throws {
        site.daemon.program.send(SIGKILL)
        _ = site.daemon.program.wait()
        try site.daemon.restart()
        #expect(site.daemon.wait(id, for: "completed"))
        #expect(try site.csv(id) == site.run.csv)
        let second = try site.daemon.submit(
            WorkerServeTests.document(site.run).replacing("name: worker", with: "name: again"))
        #expect(site.daemon.wait(second, for: "completed"))
        #expect(try site.csv(second) == site.run.csv)
    }

    /// The bytes are those of `nasd run` with processes of its own: with workers that are killed and come again, and a daemon that is.
    @Test func workersThatConnectGiveTheSameBytes() throws {
        let site = try Site(evaluations: 150)
        let run = site.run
        #expect(try Program(run.arguments()).wait().code == 0)
        let asked = run.lines("asked").count
        let mode = try FileManager.default.attributesOfItem(atPath: site.socket)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        // A run waits for workers, which may come later.
        let id = try site.daemon.submit(WorkerServeTests.document(run))
        let first = try site.start(slot: 0)
        try site.start(slot: 1)
        #expect(site.daemon.waitUntil(seconds: 30) { run.lines("asked").count > asked + 20 })
        kill(first.processIdentifier, SIGKILL)
        try site.start(slot: 0)
        let before = run.lines("asked").count
        #expect(site.daemon.waitUntil(seconds: 30) { run.lines("asked").count > before + 20 })
        try endsAfterAKill(of: site, id)
        // What is counted is counted once: all that was measured, and at each kill what was on its way.
        #expect(run.lines("asked").count <= asked + 2 * 156 + 4)
    }

    /// Workers that see the daemon's runs under a path of theirs train, are killed, and come again: the same bytes.
    @Test func workersThatConnectTrain() throws {
        let site = try Site(trains: true, states: "seen")
        let run = site.run
        #expect(try Program(run.arguments()).wait().code == 0)
        let trained = run.lines("trained").count
        try FileManager.default.createSymbolicLink(
            atPath: run.folder + "/seen", withDestinationPath: site.daemon.data + "/runs")
        let id = try site.daemon.submit(WorkerServeTests.document(run))
        let first = try site.start()
        #expect(site.daemon.waitUntil(seconds: 30) { run.lines("trained").count > trained + 15 })
        kill(first.processIdentifier, SIGKILL)
        try site.start()
        try site.start()
        #expect(site.daemon.waitUntil(seconds: 60) { run.lines("trained").count > trained + 45 })
        try endsAfterAKill(of: site, id)
    }

    /// Who trains over a connection has to see where states are kept.
    @Test func trainingWithoutAFolderIsRefused() throws {
        let site = try Site(trains: true)
        let answer = try site.daemon.send("POST", "/v1/runs", body: WorkerServeTests.document(site.run))
        #expect(
            answer.head.status == 422 && String(decoding: answer.body, as: UTF8.self).contains("commands.python.states")
        )
    }

    /// A slot has one worker; the end of a worker frees it at once.
    @Test func aSecondClaimIsRefused() throws {
        let site = try Site()
        func claim(_ slot: Int?) throws -> (RawSocket, String) {
            let peer = try RawSocket(site.socket)
            let place = slot.map { ",\"slot\":\($0)" } ?? ""
            peer.send("{\"type\":\"connect\",\"protocol\":\"nasd-worker/1\",\"command\":\"python\"\(place)}\n")
            return (peer, peer.receive())
        }
        var held: [RawSocket] = []
        for (slot, answer) in [(1, "\"connected\""), (1, "has the slot 1"), (nil, "\"slot\":0"), (nil, "all 2 slots")] {
            let (peer, words) = try claim(slot)
            #expect(words.contains(answer), "\(words)")
            if words.contains("connected") { held.append(peer) } else { #expect(peer.receive() == "") }
        }
        held = []
        #expect(site.daemon.waitUntil(seconds: 5) { (try? claim(1).1.contains("\"connected\"")) == true })
    }

    /// Who claims nothing gives way to whoever comes later, and those who came last may still claim.
    @Test func theOldestWithoutAClaimGivesWay() throws {
        let site = try Site()
        // As many as there may be with two slots, and one more.
        let peers = try (0...66).map { _ in try RawSocket(site.socket) }
        #expect(peers[0].receive() == "")
        peers[66].send("{\"type\":\"connect\",\"protocol\":\"nasd-worker/1\",\"command\":\"python\"}\n")
        let words = peers[66].receive()
        #expect(words.contains("\"connected\""), "\(words)")
    }

    /// A token of its own, on TCP: neither opens what is the other's, and nothing goes without.
    @Test func aTokenOfItsOwn() throws {
        let site = try Site(
            listen: "127.0.0.1:0\nworkerTokenFile: FOLDER/token\nlisten: 127.0.0.1:0\ntokenFile: FOLDER/api")
        #expect(site.daemon.waitUntil(seconds: 10) { site.port != nil && site.apiPort != nil })
        let port = try #require(site.port), apiPort = try #require(site.apiPort)
        let worker = String(repeating: "w", count: 40), api = String(repeating: "a", count: 40)
        for (token, answer) in [
            (worker, "\"connected\""), (api, "token of workerTokenFile"), ("", "token of workerTokenFile"),
        ] {
            let peer = try RawSocket(port: port)
            let shown = token.isEmpty ? "" : ",\"token\":\"\(token)\""
            peer.send("{\"type\":\"connect\",\"protocol\":\"nasd-worker/1\",\"command\":\"python\"\(shown)}\n")
            let words = peer.receive()
            #expect(words.contains(answer), "\(words)")
        }
        for (token, status) in [(api, 200), (worker, 401)] {
            let answer = try HTTPClient(userAgent: "test").send(
                HTTPRequest(
                    method: "GET", url: "http://127.0.0.1:\(apiPort)/v1/runs",
                    headers: [(name: "authorization", value: "Bearer \(token)")], body: []))
            #expect(answer.head.status == status)
        }
        // The same token for both is refused.
        try Files.write(Array(api.utf8), site.tokenFile)
        site.daemon.program.send(SIGTERM)
        _ = site.daemon.program.wait()
        try site.daemon.start()
        let outcome = site.daemon.program.wait()
        #expect(
            outcome.code == 2 && outcome.error.contains("expected another token than that of tokenFile"),
            "\(outcome.error)")
    }

    /// Over TLS a worker needs the certificate's authority, and the run comes to the same.
    @Test(.enabled(if: SelfSignedCertificate.isAvailable)) func workersConnectOverTLS() throws {
        let site = try Site(
            listen: "127.0.0.1:0\nworkerTokenFile: FOLDER/token\n"
                + "tls: {certificateFile: FOLDER/certificate.pem, keyFile: FOLDER/key.pem}")
        #expect(try Program(site.run.arguments()).wait().code == 0)
        let id = try site.daemon.submit(WorkerServeTests.document(site.run))
        #expect(site.daemon.waitUntil(seconds: 10) { site.port != nil })
        let place = "connect=127.0.0.1:\(try #require(site.port)) token_file=\(site.tokenFile)"
        try site.start(place)
        usleep(300_000)
        #expect(try site.daemon.run(id).state != "completed")
        for _ in 0..<2 { try site.start(place + " ca_file=\(site.run.folder)/certificate.pem") }
        #expect(site.daemon.wait(id, for: "completed"))
        #expect(try site.csv(id) == site.run.csv)
    }

    /// What peers may do that mean no good, while a run is measured by a worker that does.
    @Test func hostilePeersChangeNothing() throws {
        let site = try Site(evaluations: 400)
        #expect(try Program(site.run.arguments()).wait().code == 0)
        let asked = site.run.lines("asked").count
        let id = try site.daemon.submit(WorkerServeTests.document(site.run))
        try site.start(slot: 0)
        #expect(site.daemon.waitUntil(seconds: 30) { site.run.lines("asked").count > asked + 5 })
        let claim = "{\"type\":\"connect\",\"protocol\":\"nasd-worker/1\",\"command\":\"python\",\"slot\":1}\n"
        let hello =
            "{\"type\":\"hello\",\"protocol\":\"nasd-worker/1\",\"can\":[\"evaluate\"],\"metrics\":{\"accuracy\":{},\"energy\":{}}}\n"
        // 200 that say nothing or half a line: the oldest make way, the others have ten seconds.
        var silent: [RawSocket] = []
        for number in 0..<200 {
            guard let peer = try? RawSocket(site.socket) else { continue }
            if number % 2 == 0 { peer.send("{\"type\":\"conn") }
            silent.append(peer)
        }
        for words in [String(repeating: "x", count: 9000), "GET / HTTP/1.1\r\n", "\n", "\0\n", claim + hello] {
            let peer = try RawSocket(site.socket)
            peer.send(words)
            let answer = peer.receive()
            #expect(answer.isEmpty || answer.contains("\"refused\""), "\(answer)")
        }
        // Those that get the slot, and then say too long a line, no hello, or garbage after it, or go.
        let long = String(repeating: "x", count: 1 << 20) + "y"
        for (first, second) in [(long, ""), ("{}\n", ""), (hello, "nonsense\n"), (hello, "")] {
            var peer: RawSocket?
            let hasSlot = site.daemon.waitUntil(seconds: 20) {
                guard let found = try? RawSocket(site.socket) else { return false }
                found.send(claim)
                guard found.receive().contains("\"connected\"") else { return false }
                peer = found
                return true
            }
            #expect(hasSlot)
            let greeting = try #require(peer).receive()
            #expect(greeting.contains("\"hello\"") || greeting.isEmpty, "\(greeting)")
            for text in [first, second] {
                for start in stride(from: 0, to: text.utf8.count, by: 1 << 16) {
                    peer?.send(String(text.dropFirst(start).prefix(1 << 16)))
                    usleep(2000)
                }
                usleep(20_000)
            }
        }
        #expect(silent.last?.receive() == "")
        #expect(site.daemon.wait(id, for: "completed"))
        #expect(try site.csv(id) == site.run.csv)
        let log = String(
            decoding: FileManager.default.contents(atPath: "\(site.daemon.data)/runs/\(id)/log.jsonl") ?? Data(),
            as: UTF8.self)
        for words in ["line too long", "hello: ", "not a message: nonsense", "worker has disconnected"] {
            #expect(log.contains(words), "\(words)")
        }
    }
}
