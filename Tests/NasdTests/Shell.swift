import Foundation
import TestSupport

/// Command lines as a user types them, run by bash: `$NASD` and `$CTL` are the programs.
enum Shell {
    /// Runs a script in a folder.
    ///
    /// - Parameter seconds: After which it counts as hanging, with code 124.
    static func run(_ script: String, in folder: String, seconds: Int = 60) throws -> Program.Outcome {
        let name = folder + "/script-\(UUID().uuidString).sh"
        try Files.write(Array(script.utf8), name)
        defer { unlink(name) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["timeout", "\(seconds)", "bash", name]
        process.currentDirectoryURL = URL(filePath: folder)
        process.environment = ProcessInfo.processInfo.environment.merging([
            "NASD": try Program.file("nasd").path, "CTL": try Program.file("nas-ctl").path,
            "SWIFT_BACKTRACE": "enable=no",
        ]) { $1 }
        let output = folder + "/shell-output", error = folder + "/shell-error"
        for path in [output, error] { try Files.write([], path) }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: URL(filePath: output))
        process.standardError = try FileHandle(forWritingTo: URL(filePath: error))
        try process.run()
        process.waitUntilExit()
        func text(_ path: String) -> String {
            String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
        }
        defer { for path in [output, error] { unlink(path) } }
        return Program.Outcome(code: process.terminationStatus, output: text(output), error: text(error))
    }

    /// Whether a command can be run as another user, which has the rights that root has not been deprived of.
    static let canChangeUser: Bool = getuid() == 0 && access("/usr/bin/setpriv", X_OK) == 0

    /// Python itself, not a script that looks for it, which takes longer than many a worker's whole life.
    static let python =
        ["/usr/bin/python3", "/usr/local/bin/python3"].first { (path: String) in access(path, X_OK) == 0 } ?? "python3"

    /// Whether scripts of Python can be run.
    static let hasPython = python != "python3"

    /// What stands before a command that runs as nobody in particular.
    static let asAnotherUser = "setpriv --reuid=61234 --regid=61234 --clear-groups"
}
