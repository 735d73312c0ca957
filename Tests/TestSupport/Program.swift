import Foundation
import TestSupport
import Testing

/// `nasd` of the same build as the tests, started as a user would.
final class Program {
    /// How it ended.
    struct Outcome {
        /// The exit code; the negative number of the signal that ended it.
        let code: Int32
        let output: String
        let error: String
    }

    private let process = Process()
    private let folder: String

    private static let file: URL? = {
        let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let arguments = CommandLine.arguments + [link ?? ""]
        for path in arguments where path.contains("/release/") {
            var folder = URL(filePath: path)
            while folder.lastPathComponent != "release", folder.path != "/" { folder.deleteLastPathComponent() }
            let candidate = folder.appending(path: "nasd")
            if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
        }
        let usual = Repository.root.appending(path: ".build-test/release/nasd")
        return FileManager.default.isExecutableFile(atPath: usual.path) ? usual : nil
    }()

    /// Starts it in the repository's folder.
    init(_ arguments: [String], environment: [String: String] = [:]) throws {
        // Files and not pipes: a pipe that nobody empties would stop the program.
        folder = NSTemporaryDirectory() + "nasd-program-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let file: URL = try #require(Self.file, "nasd is built beside the tests")
        process.executableURL = file
        process.arguments = arguments
        process.currentDirectoryURL = Repository.root
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try handle("output")
        process.standardError = try handle("error")
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Runs it to its end; it is killed when that takes longer than the timeout.
    static func run(
        _ arguments: String..., environment: [String: String] = [:], timeout: Duration = .seconds(120)
    ) throws -> Outcome {
        try Program(arguments, environment: environment).wait(timeout: timeout)
    }

    var isRunning: Bool { process.isRunning }

    /// What it has written to standard error so far.
    var error: String { text("error") }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Waits for its end; it is killed when that takes longer than the timeout.
    func wait(timeout: Duration = .seconds(120)) -> Outcome {
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
