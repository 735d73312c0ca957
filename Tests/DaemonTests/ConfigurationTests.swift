import Foundation
import Logging
import Runs
import TestSupport
import Testing

@testable import Daemon

@Suite struct ConfigurationTests {
    private func load(
        _ yaml: String? = nil, flags: [String: String] = [:], environment: [String: String] = [:]
    ) async throws -> DaemonConfiguration {
        var file: String?
        if let yaml {
            let path = NSTemporaryDirectory() + "nasd-config-\(UUID().uuidString).yaml"
            try Files.write(Array(yaml.utf8), path)
            file = path
        }
        defer { if let file { try? FileManager.default.removeItem(atPath: file) } }
        return try await DaemonConfiguration.load(
            file: file, flags: flags, environment: ["XDG_RUNTIME_DIR": "/run/user/1"].merging(environment) { $1 })
    }

    private func faults(
        _ yaml: String? = nil, flags: [String: String] = [:], environment: [String: String] = [:]
    ) async -> [ConfigurationError.Fault] {
        do {
            _ = try await load(yaml, flags: flags, environment: environment)
            return []
        } catch {
            return (error as? ConfigurationError)?.faults ?? []
        }
    }

    @Test func aFlagOutdoesTheEnvironmentWhichOutdoesTheFile() async throws {
        let yaml = "workers: 3\nconcurrentRuns: 2\nlog: {level: debug}\ndataRoots: [/a, /b]\nmemoryLimit: 2GiB\n"
        let environment = ["NASD_WORKERS": "4", "NASD_CONCURRENT_RUNS": "3", "NASD_LOG_FORMAT": "json"]
        let loaded = try await load(yaml, flags: ["workers": "5"], environment: environment)
        #expect(loaded.workers == 5 && loaded.concurrentRuns == 3 && loaded.logLevel == .debug)
        #expect(loaded.logFormat == .json && loaded.dataRoots == ["/a", "/b"] && loaded.memoryLimit.bytes == 2 << 30)
        let listed = try await load(environment: ["NASD_DATA_ROOTS": "/c,/d", "NASD_WORKERS": "auto"])
        #expect(listed.dataRoots == ["/c", "/d"] && listed.workers == ProcessInfo.processInfo.activeProcessorCount)
    }

    /// Commands hang on their names, and stand in the file alone.
    @Test func commandsAreRead() async throws {
        let loaded = try await load(
            "workers: 3\ncommands:\n  gpu: {argv: [python3, w.py], slots: 4, directory: sub, environment: {CUDA_VISIBLE_DEVICES: [0, 1]}}\n"
                + "  other: {argv: [sh]}\n")
        #expect(loaded.workers == 3 && loaded.commands.map(\.name) == ["gpu", "other"])
        #expect(loaded.commands[0].slots == 4 && loaded.commands[0].directory?.hasSuffix("/sub") == true)
        #expect(loaded.commands[1].directory?.hasPrefix("/") == true)
        let found = await faults("commands: {gpu: {argv: [], slot: 4}}\n")
        #expect(
            found.map(\.key) == ["commands.gpu.argv", "commands.gpu.slot"]
                && found.allSatisfy { $0.place.contains(".yaml:1:") })
        #expect(await faults("commands: 3\n").map(\.key) == ["commands"])
    }

    /// Workers that connect need a place to connect to, a token on TCP, and TLS beyond this machine.
    @Test func whereWorkersConnect() async throws {
        let connecting = "commands: {gpu: {connect: true, slots: 3}}\n"
        let loaded = try await load(connecting + "workerListen: /run/w.sock\n")
        #expect(loaded.workerListen == .socket("/run/w.sock") && loaded.commands[0].connects)
        let tcp = try await load(connecting + "workerListen: '127.0.0.1:8643'\nworkerTokenFile: /t\n")
        #expect(tcp.workerListen == ListenAddress("127.0.0.1:8643").map { .tcp($0) } && tcp.workerTokenFile == "/t")
        for (text, keys) in [
            (connecting, ["workerListen"]), (connecting + "workerListen: host\n", ["workerListen"]),
            (connecting + "socket: /run/w.sock\nworkerListen: /run/w.sock\n", ["workerListen"]),
            (connecting + "workerListen: '127.0.0.1:1'\n", ["workerTokenFile"]),
            (connecting + "workerListen: '0.0.0.0:1'\nworkerTokenFile: /t\n", ["workerListen"]),
            (connecting + "workerListen: /\(String(repeating: "x", count: 120))\n", ["workerListen"]),
            (
                "commands: {gpu: {connect: true, argv: [sh], permit: [A]}}\n",
                ["commands.gpu.argv", "commands.gpu.permit"]
            ),
            ("commands: {gpu: {connect: true, states: runs}}\n", ["commands.gpu.states"]),
            ("commands: {gpu: {argv: [sh], states: /runs}}\n", ["commands.gpu.states"]),
        ] {
            #expect(await faults(text).map(\.key) == keys, "\(text)")
        }
    }

    @Test func theExampleLoads() async throws {
        let example = Repository.root.appending(path: "Deploy/nasd.yaml").path
        _ = try await DaemonConfiguration.load(file: example, flags: ["socket": "/tmp/s"], environment: [:])
    }

    @Test func defaultsAreThoseOfTheSystem() async throws {
        let user = try await load()
        #expect(user.socket == "/run/user/1/nasd.sock" && user.dataDirectory.hasSuffix("/.local/state/nasd"))
        #expect(user.listen == nil && user.concurrentRuns == 1 && user.webhook == nil && user.diskLow.bytes == 1 << 30)
        let service = try await load(
            environment: ["RUNTIME_DIRECTORY": "/run/nasd", "STATE_DIRECTORY": "/var/lib/nasd"])
        #expect(service.socket == "/run/nasd/nasd.sock" && service.dataDirectory == "/var/lib/nasd")
    }

    @Test func theUsersFolderIsWhatTheEnvironmentSays() async throws {
        let loaded = try await load(
            flags: ["dataRoots": "~/data,~,/x"], environment: ["HOME": "/home/ann", "NASD_TOKEN_FILE": "~/token"])
        #expect(loaded.dataDirectory == "/home/ann/.local/state/nasd" && loaded.tokenFile == "/home/ann/token")
        #expect(loaded.dataRoots == ["/home/ann/data", "/home/ann", "/x"])
        // The system's list of users is asked only where nothing is said.
        let home = try #require(String(validatingCString: getpwuid(getuid()).pointee.pw_dir))
        for environment in [[:], ["HOME": ""]] {
            #expect(try await load(environment: environment).dataDirectory == home + "/.local/state/nasd")
        }
    }

    /// The system would take what stands before it.
    @Test func aNULInAPathIsRefused() async {
        let yaml = "socket: \"/a\\0b\"\ndataRoots: [/a, \"/b\\0c\"]\nwebhook: {secretDirectory: \"/d\\0\"}\n"
        let found = await faults(yaml)
        #expect(Set(found.map(\.key)) == ["socket", "dataRoots", "webhook.secretDirectory"])
        #expect(found.allSatisfy { $0.message.contains("NUL") })
    }

    /// Everything that a reader with defaults would pass over in silence.
    @Test func allFaultsAtOnceWithPlaceKeyAndHint() async {
        let found = await faults(
            "worker: 3\nworkers: many\nconcurrentRuns: 0\nsocket: 7\ndataRoots: /a\nmemoryLimit: 5\nlog: {level: loud}\n",
            flags: ["diskLow": "1 GB"], environment: ["NASD_LOG_FORMAT": "xml"])
        #expect(
            Set(found.map(\.key)) == [
                "worker", "workers", "concurrentRuns", "socket", "dataRoots", "memoryLimit", "log.level", "diskLow",
                "log.format",
            ])
        #expect(found.first { $0.key == "worker" }?.hint == "did you mean 'workers'?")
        #expect(found.first { $0.key == "workers" }?.place.hasSuffix(".yaml:2:10") == true)
        #expect(found.first { $0.key == "log.format" }?.place == "NASD_LOG_FORMAT")
        #expect(await faults("workers: [1").count == 1)
        // In quotes, a number is text, and a reader of numbers would take the default.
        #expect(await faults("workers: \"1\"").map(\.key) == ["workers"])
        #expect(await faults("webhook: {events: [run.nothing]}").map(\.key) == ["webhook.events"])
    }

    @Test func tcpNeedsATokenAndBeyondLoopbackTLS() async {
        #expect(await faults(flags: ["listen": "127.0.0.1:8642"]).map(\.key) == ["tokenFile"])
        #expect(await faults(flags: ["listen": "0.0.0.0:8642", "tokenFile": "/t"]).map(\.key) == ["listen"])
        #expect(
            await faults(
                flags: [
                    "listen": "0.0.0.0:8642", "tokenFile": "/t", "tls.certificateFile": "/c", "tls.keyFile": "/k",
                ]
            ).isEmpty)
        #expect(await faults(flags: ["tls.keyFile": "/k"]).map(\.key) == ["tls"])
        #expect(await faults(flags: ["listen": "example.org:80", "tokenFile": "/t"]).map(\.key) == ["listen"])
        #expect(await faults(flags: ["socket": "/" + String(repeating: "s", count: 107)]).map(\.key) == ["socket"])
        #expect(
            await faults(flags: ["webhook.url": "ftp://x", "webhook.events": "run.nothing"]).map(\.key).sorted()
                == ["webhook.events", "webhook.secret", "webhook.secretDirectory", "webhook.url"])
    }

    @Test(arguments: [
        ("8GiB", 8 << 30), ("512MiB", 512 << 20), ("8", nil), ("8GB", nil), ("-1GiB", nil), ("0MiB", nil), ("GiB", nil),
    ]) func sizes(text: String, bytes: Int?) {
        #expect(ByteSize(text)?.bytes == bytes)
    }

    @Test func theTokenFileIsForItsOwnerAlone() throws {
        let path = NSTemporaryDirectory() + "nasd-token-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let right = String(repeating: "0123456789abcdef", count: 2)
        try Files.write(Array("\(right)\n".utf8), path)
        for (mode, isGood) in [
            (0o600, true), (0o400, true), (0o640, true), (0o644, false), (0o660, false), (0o601, false),
        ] {
            chmod(path, mode_t(mode))
            #expect(((try? AccessToken(file: path)) != nil) == isGood, "\(String(mode, radix: 8))")
        }
        chmod(path, 0o600)
        let token = try AccessToken(file: path)
        #expect(token.matches(right))
        for wrong in ["", String(right.dropLast()), right.dropLast() + "g", right + " "] {
            #expect(!token.matches(wrong))
        }
        for short in ["short", String(right.dropLast())] {
            try Files.write(Array(short.utf8), path)
            #expect(throws: ConfigurationError.self) { try AccessToken(file: path) }
        }
    }

    @Test func tenFailuresMakeAnAddressWait() {
        let limiter = FailureLimiter()
        for _ in 0..<9 { limiter.fail("a") }
        #expect(limiter.secondsToWait("a") == nil)
        limiter.fail("a")
        #expect((1...61).contains(limiter.secondsToWait("a") ?? 0) && limiter.secondsToWait("b") == nil)
    }
}
