import Foundation
import TestSupport
import Testing

/// nas-ctl starts at once and runs anywhere: neither BLAS nor SQLite nor a server is in it.
@Suite struct LinkageTests {
    private static let strangers = [
        "libopenblas", "libsqlite3", "cblas_sgemm", "sqlite3_open", "8NIOPosix", "11Hummingbird",
    ]

    private func found(in name: String) throws -> [String] {
        let binary = try Data(contentsOf: Program.file(name), options: .alwaysMapped)
        return Self.strangers.filter { binary.range(of: Data($0.utf8)) != nil }
    }

    @Test func noStrangerIsLinked() throws {
        #expect(try found(in: "nas-ctl").isEmpty)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["ldd", try Program.file("nas-ctl").path]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0 && text.contains("libcurl"))
        for name in ["blas", "sqlite", "lapack"] { #expect(!text.contains(name), "\(name)") }
    }

    /// The check itself must be able to fail.
    @Test func theDaemonHasThem() throws {
        #expect(try found(in: "nasd").contains("libsqlite3"))
    }
}
