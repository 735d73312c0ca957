import API
import Foundation
import HTTPClient
import TestSupport
import Testing

/// A folder of pictures that takes long to decode keeps nobody waiting who wants its run to stop.
@Suite struct LongReadingTests {
    /// Many names of one large picture, which take half a minute at the least.
    private static func write(to folder: String) throws {
        let picture = folder + "/../picture.png"
        try FileManager.default.createDirectory(atPath: folder + "/a", withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: folder + "/b", withIntermediateDirectories: true)
        try Files.write(Files.png([UInt8](repeating: 90, count: 3000 * 3000), width: 3000), picture)
        for index in 0..<600 {
            try #require(link(picture, "\(folder)/\(index % 2 == 0 ? "a" : "b")/\(index).png") == 0)
        }
    }

    private static func document(_ name: String) -> String {
        ServedDaemon.tiny(name: name)
            .replacing("patch: 7, classes: 10", with: "patch: 7, classes: 2")
            .replacing(
                "{format: glyphs, count: 400, testCount: 100, holdOut: {validation: 100}}",
                with: "{format: image-folder, directory: photos, test: {share: 0.2}, holdOut: {validation: 100}}")
    }

    /// Pause, cancel and the end of the daemon act while pictures are decoded; nothing half decoded is kept.
    @Test func aStopIsObeyedWhilePicturesAreDecoded() throws {
        let daemon = try ServedDaemon()
        try Self.write(to: daemon.folder + "/roots/photos")
        var cache: [String] {
            let names = try? FileManager.default.contentsOfDirectory(atPath: daemon.data + "/cache")
            return (names ?? []).filter { $0.hasPrefix("images-") }
        }
        for (verb, state) in [("pause", "paused"), ("cancel", "cancelled")] {
            let id = try daemon.submit(Self.document(verb))
            try #require(daemon.wait(id, for: "preparing"))
            #expect(try daemon.send("POST", "/v1/runs/\(id)/\(verb)").head.status == 202)
            #expect(daemon.wait(id, for: state))
            #expect(try cache.isEmpty && daemon.run(id).step == 0)
        }
        let id = try daemon.submit(Self.document("ended"))
        try #require(daemon.wait(id, for: "preparing"))
        daemon.program.send(SIGTERM)
        #expect(daemon.program.wait(timeout: .seconds(40)).code == 0)
        #expect(cache.isEmpty)
        // The next start takes it up where it was, and is ready only once it goes on.
        try daemon.start()
        let isBack = daemon.waitUntil(seconds: 60) { (try? daemon.run(id).state) == "preparing" }
        try #require(isBack, "\(daemon.program.error)")
        #expect(try daemon.send("POST", "/v1/runs/\(id)/cancel").head.status == 202)
        #expect(daemon.wait(id, for: "cancelled"))
    }
}
