public import Foundation

/// A program of the same build as the tests, started as a user would.
public final class Program {
    /// How it ended.
    public struct Outcome: Sendable {
        /// The exit code; the negative number of the signal that ended it.
        public let code: Int32
        /// What it wrote to standard output.
        public let output: String
        /// What it wrote to standard error.
        public let error: String

        /// An end of a process that was started otherwise.
        public init(code: Int32, output: String, error: String) {
            self.code = code
            self.output = output
            self.error = error
        }
    }

    /// It is not built beside the tests.
    public struct Missing: Error {
        /// Its name.
        public let name: String
    }

    private let process = Process()
    private let folder: String

    /// The folder of the programs that were built with the tests.
    private static let products: URL = {
        let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        for path in CommandLine.arguments + [link ?? ""] where path.contains("/release/") {
            var folder = URL(filePath: path)
            while folder.lastPathComponent != "release", folder.path != "/" { folder.deleteLastPathComponent() }
            if folder.lastPathComponent == "release" { return folder }
        }
        return Repository.root.appending(path: ".build-test/release")
    }()

    /// The file of a program.
    public static func file(_ name: String) throws -> URL {
        let file = products.appending(path: name)
        guard FileManager.default.isExecutableFile(atPath: file.path) else { throw Missing(name: name) }
        return file
    }

    /// Starts it in the repository's folder.
    ///
    /// - Parameters:
    ///   - name: Which program.
    ///   - environment: Variables beside those of the tests.
    ///   - folder: Where it is started; default the repository.
    ///   - input: What it reads from standard input.
    public init(
        _ arguments: [String], named name: String = "nasd", environment: [String: String] = [:],
        folder start: URL = Repository.root, input: String = ""
    ) throws {
        // Files and not pipes: a pipe that nobody empties would stop the program.
        folder = NSTemporaryDirectory() + "nasd-program-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        process.executableURL = try Self.file(name)
        process.arguments = arguments
        process.currentDirectoryURL = start
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        try Data(input.utf8).write(to: URL(filePath: folder + "/input"))
        process.standardInput = try FileHandle(forReadingFrom: URL(filePath: folder + "/input"))
        process.standardOutput = try handle("output")
        process.standardError = try handle("error")
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Runs nasd to its end; it is killed when that takes longer than the timeout.
    public static func run(
        _ arguments: String..., environment: [String: String] = [:], timeout: Duration = .seconds(120)
    ) throws -> Outcome {
        try Program(arguments, environment: environment).wait(timeout: timeout)
    }

    /// Whether it has not ended yet.
    public var isRunning: Bool { process.isRunning }

    /// Its process id.
    public var identifier: Int32 { process.processIdentifier }

    /// What it has written to standard output so far.
    public var output: String { text("output") }

    /// What it has written to standard error so far.
    public var error: String { text("error") }

    /// Sends it a signal.
    public func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Waits for its end; it is killed when that takes longer than the timeout.
    public func wait(timeout: Duration = .seconds(120)) -> Outcome {
        let deadline = ContinuousClock.now + timeout
        while process.isRunning, ContinuousClock.now < deadline { usleep(1000) }
        if process.isRunning { send(SIGKILL) }
        process.waitUntilExit()
        let isKilled = process.terminationReason == .uncaughtSignal
        return Outcome(
            code: isKilled ? -process.terminationStatus : process.terminationStatus, output: text("output"),
            error: text("error"))
    }

    private func handle(_ name: String) throws -> FileHandle {
        let path = folder + "/" + name
        try Data().write(to: URL(filePath: path))
        return try FileHandle(forWritingTo: URL(filePath: path))
    }

    private func text(_ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: folder + "/" + name) ?? Data(), as: UTF8.self)
    }
}
