import API
import Foundation
import TestSupport
import Testing

/// Files in one archive, as every `tar` reads it.
@Suite struct TarTests {
    private let entries: [TarArchive.Entry] = [
        .init(name: "net.h", bytes: Array("#define A 1\n".utf8)), .init(name: "empty.c", bytes: []),
        .init(name: "block.c", bytes: [UInt8](repeating: 65, count: 1024)),
        .init(name: String(repeating: "n", count: 98) + ".c", bytes: (0..<5000).map { UInt8(truncatingIfNeeded: $0) }),
    ]

    @Test func tarReadsIt() throws {
        try withDirectory { folder in
            let archive = TarArchive.bytes(entries)
            #expect(TarArchive.entries(of: archive) == entries && TarArchive.bytes(entries) == archive)
            try Files.write(archive, folder + "/a.tar")
            let tar = Process()
            tar.executableURL = URL(filePath: "/usr/bin/env")
            tar.arguments = ["tar", "-xf", folder + "/a.tar", "-C", folder]
            try tar.run()
            tar.waitUntilExit()
            #expect(tar.terminationStatus == 0)
            for entry in entries {
                #expect(FileManager.default.contents(atPath: "\(folder)/\(entry.name)") == Data(entry.bytes))
            }
        }
    }

    /// Whatever else comes is read or refused, and nothing worse.
    @Test func anythingElseIsRefused() {
        let archive = TarArchive.bytes(entries)
        var random = SeededGenerator(3)
        for count in stride(from: 0, to: archive.count, by: 97) {
            #expect(TarArchive.entries(of: Array(archive[..<count])) == nil)
        }
        for _ in 0..<2000 {
            var changed = archive
            let place = Int.random(in: 0..<archive.count, using: &random)
            changed[place] = UInt8.random(in: 0...255, using: &random)
            _ = TarArchive.entries(of: changed)
        }
        var negative = archive
        negative.replaceSubrange(124..<135, with: Array("-0000000001".utf8))
        #expect(TarArchive.entries(of: negative) == nil && TarArchive.entries(of: []) == nil)
        #expect(TarArchive.entries(of: TarArchive.bytes([])) == [])
    }
}
