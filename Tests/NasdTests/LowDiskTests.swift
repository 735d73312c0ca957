import API
import Foundation
import HTTPClient
import TestSupport
import Testing

/// A disk that runs full under a daemon, really.
@Suite struct LowDiskTests {
    @Test(.enabled(if: TinyDisk.isAvailable, "may mount no file system")) func runsWaitForRoomAndGoOnByThemselves()
        throws
    {
        let disk = try TinyDisk("/tmp/nasd-low-\(UUID().uuidString.prefix(8))", mebibytes: 96)
        defer { rmdir(disk.path) }
        let daemon = try ServedDaemon(["workers=1", "dataDirectory=\(disk.path)", "diskLow=32MiB"])
        defer {
            daemon.program.send(SIGTERM)
            #expect(daemon.program.wait(timeout: .seconds(40)).code == 0)
        }
        func readiness() -> (status: Int, text: String)? {
            (try? daemon.get("/readyz?verbose")).map { ($0.head.status, String(decoding: $0.body, as: UTF8.self)) }
        }
        disk.fill()
        #expect(
            daemon.waitUntil(seconds: 60) {
                readiness().map { $0.status == 503 && $0.text.contains("[-] disk: ") } ?? false
            })
        // It still answers; what needs room is refused or waits.
        #expect(try daemon.get("/livez").head.status == 200)
        disk.empty()
        #expect(daemon.waitUntil(seconds: 60) { readiness()?.status == 200 })
        let id = try daemon.submit()
        #expect(daemon.wait(id, for: "completed"))
    }
}
