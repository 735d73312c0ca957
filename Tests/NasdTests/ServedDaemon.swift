import API
import Foundation
import HTTPClient
import TestSupport
import Testing

/// A real `nasd serve` in a folder of its own, and requests to it over its Unix socket.
final class ServedDaemon {
    /// The folder of everything: data, socket, configuration, data roots, secrets.
    let folder: String
    private(set) var program: Program
    private let settings: [String]
    private let environment: [String: String]

    /// The data directory.
    var data: String { folder + "/data" }
    /// The socket.
    var socket: String { folder + "/s" }

    /// Starts a daemon and waits until it is ready.
    ///
    /// - Parameters:
    ///   - settings: Keys of the configuration, as `key=value`.
    ///   - file: A configuration file; nil for none.
    ///   - environment: Variables beside those of the tests.
    init(_ settings: [String] = [], config file: String? = nil, environment: [String: String] = [:]) throws {
        self.file = file
        self.environment = environment
        // A socket's path is short.
        folder = "/tmp/nasd-\(UUID().uuidString.prefix(12))"
        for name in ["data", "roots", "secrets"] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
        self.settings = [
            "dataDirectory=\(folder)/data", "socket=\(folder)/s", "dataRoots=\(folder)/roots",
            "spaceDirectories=\(Repository.root.path)/SearchSpaces", "webhook.secretDirectory=\(folder)/secrets",
            // The disks of test machines are what they are.
            "diskLow=1MiB",
        ]
        program = try Self.start(self.settings + settings, file, environment)
        self.extra = settings
        try waitUntilReady()
    }

    private let extra: [String]
    private let file: String?

    deinit {
        if program.isRunning { program.send(SIGKILL) }
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Starts it again, after it has ended, and waits until it is ready.
    func restart() throws {
        try start()
        try waitUntilReady()
    }

    /// Starts it again, after it has ended.
    ///
    /// - Parameter further: Keys of the configuration for this start alone.
    func start(_ further: [String] = []) throws {
        program = try Self.start(settings + extra + further, file, environment)
    }

    private static func start(
        _ settings: [String], _ file: String?, _ environment: [String: String]
    ) throws -> Program {
        try Program(
            ["serve"] + (file.map { ["--config", $0] } ?? []) + settings.flatMap { ["--set", $0] },
            environment: environment)
    }

    /// Waits until what was interrupted goes on.
    func waitUntilReady() throws {
        let isReady = waitUntil(seconds: 60) {
            !program.isRunning || (try? get("/readyz"))?.head.status == 200
        }
        try #require(isReady && program.isRunning, "\(program.error)")
    }

    /// Waits for something, looking every few milliseconds.
    @discardableResult
    func waitUntil(seconds: Int, _ condition: () -> Bool) -> Bool {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < deadline {
            if condition() { return true }
            usleep(5000)
        }
        return condition()
    }

    /// Sends a request.
    func send(
        _ method: String, _ path: String, headers: [(name: String, value: String)] = [], body: String = ""
    ) throws -> HTTPResponse {
        try HTTPClient(userAgent: "test").send(
            HTTPRequest(
                method: method, url: "http://localhost\(path)", unixSocket: socket, headers: headers,
                body: Array(body.utf8)))
    }

    func get(_ path: String) throws -> HTTPResponse { try send("GET", path) }

    /// The document of an answer.
    func document<Document: Decodable>(_ type: Document.Type, _ response: HTTPResponse) throws -> Document {
        try WireFormat.decode(type, from: Data(response.body))
    }

    /// The run with an id.
    func run(_ id: String) throws -> RunItem {
        try document(RunDocument.self, try get("/v1/runs/\(id)")).run
    }

    /// Hands a run in and returns its id.
    func submit(_ text: String = ServedDaemon.tiny()) throws -> String {
        let answer = try send("POST", "/v1/runs", body: text)
        try #require(answer.head.status == 201, "\(String(decoding: answer.body, as: UTF8.self))")
        return try document(RunDocument.self, answer).run.id
    }

    /// Waits for a run's state.
    func wait(_ id: String, for state: String, seconds: Int = 60) -> Bool {
        waitUntil(seconds: seconds) { (try? run(id).state) == state }
    }

    /// A run of a second on generated data, its space in the document.
    static func tiny(name: String = "tiny", steps: Int = 40, extra: String = "") -> String {
        """
        apiVersion: nasd/v1
        kind: Run
        name: \(name)
        seed: 3
        space:
          apiVersion: nasd/v1
          kind: SearchSpace
          name: tiny
          family: vit
          input: {height: 28, width: 28, channels: 1, patch: 7, classes: 10}
          headWidth: 16
          choices: {embed: [32, 48], depth: [1, 2], heads: [2, 3], mlpRatio: [1, 2]}
        data: {format: glyphs, count: 400, testCount: 100, holdOut: {validation: 100}}
        train: {steps: \(steps), batch: 16, shards: 4, checkpointEvery: 20}
        search:
          objectives: [{metric: accuracy}, {metric: multiplyAdds}]
          algorithm: nsga2
          population: 4
          evaluations: 12
          samples: 100
          during: {every: 20, evaluations: 4}
        validate: {finalists: 3}
        \(extra)
        """
    }
}
