import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Store

/// Copies of data directories: whole or not at all, told from damaged ones, and put back in one step.
@Suite struct BackupTests {
    private let time = Date(timeIntervalSince1970: 1_700_000_000)

    private func write(_ text: String, _ path: String) throws {
        try FileManager.default.createDirectory(
            atPath: AtomicFile.folder(of: path), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    private func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// A directory with a run that has a checkpoint and a network, and a half-written file of a killed process.
    private func withScene(_ body: (Scene, RunStore, RunID, String) throws -> Void) throws {
        try withDirectory { folder in
            let scene = Scene(), store = try scene.open(), run = try scene.makeRun(store)
            try store.appendCandidates(run, [scene.candidate(1), scene.candidate(2)])
            let place = store.directory.runDirectory(run)
            try write("checkpoint", place + "/checkpoints/step-000000010.safetensors")
            try write("half", place + "/checkpoints/step-000000020.safetensors.nasd-part-aBc123")
            try write("network", place + "/models/candidate-1.safetensors")
            try write("log", place + "/log.jsonl")
            try write("table", scene.path + "/results.csv")
            try body(scene, store, run, folder)
        }
    }

    @Test func aCopyBesideALiveOwnerIsADirectoryOfItsOwn() throws {
        try withScene { scene, store, run, folder in
            let place = folder + "/copies/one"
            let backup = try Backup.make(
                of: DataDirectory(reading: scene.path), at: place, version: "1", time: time)
            try backup.check()
            #expect(backup.time == time && backup.fileCount == 5 && backup.bytes > 0)
            // What is written afterwards is not in it.
            try store.appendCandidates(run, [scene.candidate(3)])
            let copy = try RunReader(DataDirectory(reading: place))
            #expect(try copy.candidates(run).count == 2)
            #expect(text("\(place)/runs/\(run)/checkpoints/step-000000010.safetensors") == "checkpoint")
            #expect(text("\(place)/runs/\(run)/models/candidate-1.safetensors") == "network")
            #expect(text(place + "/results.csv") == "table")
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(place)/runs/\(run)/checkpoints").count == 1)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/copies") == ["one"])
            #expect(throws: StoreError.self) {
                try Backup.make(of: DataDirectory(reading: scene.path), at: place, version: "1", time: time)
            }
            try store.close()
        }
    }

    @Test func everyCheckpointThatACopyKnowsIsInIt() throws {
        try withScene { scene, store, run, folder in
            let checkpoints = store.directory.checkpointDirectory(run)
            @Sendable func name(_ step: Int) -> String { "step-00000\(1000 + step).safetensors" }
            @Sendable func add(_ step: Int) throws {
                // Whole or not at all, as a training writes them.
                try AtomicFile.write("state \(step)".utf8, to: checkpoints + "/worker/step-00000\(1000 + step)")
                try AtomicFile.write("checkpoint \(step)".utf8, to: checkpoints + "/" + name(step))
                try store.recordCheckpoint(run, CheckpointRecord(step: step, file: name(step), digest: "d"))
            }
            try DataDirectory.createFolders(checkpoints + "/worker")
            // One whose file was removed, and its row not yet.
            try store.recordCheckpoint(run, CheckpointRecord(step: 0, file: name(0), digest: "d"))
            for step in 1...2 { try add(step) }
            // As a training does it: the newest two are kept.
            let isOver = Mutex(false), end = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                var step = 2
                while !isOver.withLock({ $0 }), step < 8000 {
                    step += 1
                    try? add(step)
                    try? store.removeCheckpoint(run, step: step - 2)
                    unlink(checkpoints + "/" + name(step - 2))
                    unlink(checkpoints + "/worker/step-00000\(1000 + step - 2)")
                }
                end.signal()
            }
            defer {
                isOver.withLock { $0 = true }
                end.wait()
            }
            for number in 1...20 {
                let place = "\(folder)/copy-\(number)"
                let backup = try Backup.make(
                    of: DataDirectory(reading: scene.path), at: place, version: "1", time: time)
                try backup.check()
                let rows = try RunReader(DataDirectory(reading: place)).checkpoints(run)
                for row in rows {
                    let copied = "\(place)/runs/\(run)/checkpoints"
                    #expect(text("\(copied)/\(row.file)") == "checkpoint \(row.step)")
                    #expect(text("\(copied)/worker/step-00000\(1000 + row.step)") == "state \(row.step)")
                }
                #expect(text(place + "/runs/\(run)/checkpoints/step-000000010.safetensors") == "checkpoint")
            }
            #expect(try store.checkpoints(run).first.map(\.step) ?? 0 > 2)
        }
    }

    @Test func whatIsNotAsItWasBackedUpIsNotRestored() throws {
        try withScene { scene, store, run, folder in
            let place = folder + "/copy"
            try Backup.make(of: DataDirectory(reading: scene.path), at: place, version: "1", time: time)
            try store.close()
            let files = try Backup(place).manifest.files.keys.sorted()
            for name in files {
                let path = place + "/" + name, whole = try Data(contentsOf: URL(filePath: path))
                var damaged = whole
                damaged[damaged.count / 2] ^= 4
                for bytes in [damaged, whole.dropLast()] {
                    try bytes.write(to: URL(filePath: path))
                    #expect(throws: StoreError.self, "\(name)") { try Backup(place).restore(to: folder + "/new") }
                    #expect(!FileManager.default.fileExists(atPath: folder + "/new"))
                }
                unlink(path)
                #expect(throws: StoreError.self, "\(name)") { try Backup(place).restore(to: folder + "/new") }
                try whole.write(to: URL(filePath: path))
            }
            try Backup(place).restore(to: folder + "/new")
            #expect(try RunReader(DataDirectory(reading: folder + "/new")).candidates(run).count == 2)
            // Names that lead elsewhere are no names of a backup.
            let manifest = place + "/backup.json"
            let renamed = try #require(text(manifest)).replacing("\"results.csv\"", with: "\"../results.csv\"")
            try write(renamed, manifest)
            #expect(throws: StoreError.self) { try Backup(place) }
            unlink(manifest)
            #expect(throws: StoreError.self) { try Backup(place) }
        }
    }

    @Test func theOldDirectoryIsKeptAside() throws {
        try withScene { scene, store, run, folder in
            let place = folder + "/copy", data = folder + "/data"
            try Backup.make(of: DataDirectory(reading: scene.path), at: place, version: "1", time: time)
            try store.close()
            // Missing, then empty: nothing is kept.
            #expect(try Backup(place).restore(to: data) == nil)
            try FileManager.default.removeItem(atPath: data)
            try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
            #expect(try Backup(place).restore(to: data) == nil)
            let live = try RunStore(DataDirectory(owning: data))
            #expect(throws: StoreError.locked(directory: data)) { try Backup(place).restore(to: data) }
            try live.appendCandidates(run, [scene.candidate(3)])
            try live.close()
        }
    }

    @Test func aDirectoryInUseIsRefusedAndOneAtRestReplaced() throws {
        try withScene { scene, store, run, folder in
            let place = folder + "/copy", data = scene.path
            try Backup.make(of: DataDirectory(reading: data), at: place, version: "1", time: time)
            try store.appendCandidates(run, [scene.candidate(3)])
            #expect(throws: StoreError.self) { try Backup(place).restore(to: data) }
            #expect(try store.candidates(run).count == 3)
            try store.close()
        }
        // The store's lock goes with its object.
        let scene = Scene(), copy = scene.path + "-copy"
        defer {
            for name in [copy, scene.path + ".replaced-1", scene.path + ".replaced-2"] {
                try? FileManager.default.removeItem(atPath: name)
            }
        }
        var run: RunID?
        do {
            let store = try scene.open()
            run = try scene.makeRun(store)
            try Backup.make(of: DataDirectory(reading: scene.path), at: copy, version: "1", time: time)
            _ = try scene.makeRun(store, name: "later")
            try store.close()
        }
        let id = try #require(run)
        #expect(try Backup(copy).restore(to: scene.path) == scene.path + ".replaced-1")
        #expect(try RunReader(DataDirectory(reading: scene.path)).runs(limit: 10).map(\.id) == [id])
        #expect(try RunReader(DataDirectory(reading: scene.path + ".replaced-1")).runs(limit: 10).count == 2)
        // What a killed process left half full is not kept; what it had exchanged is.
        let half = scene.path + ".nasd-half"
        try write("x", half + "/.nasd-part-folder")
        try write("x", half + "/nasd.sqlite")
        #expect(try Backup(copy).restore(to: scene.path) == scene.path + ".replaced-2")
        try FileManager.default.removeItem(atPath: scene.path + ".replaced-2")
        try write("old", half + "/nasd.sqlite")
        #expect(try Backup(copy).restore(to: scene.path) == scene.path + ".replaced-3")
        #expect(text(scene.path + ".replaced-2/nasd.sqlite") == "old")
        try FileManager.default.removeItem(atPath: scene.path + ".replaced-3")
        let store = try scene.open()
        #expect(store.notices.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: scene.path + "/.nasd-part-folder"))
        try store.close()
    }

    @Test func aFolderOfOtherThingsIsNotReplaced() throws {
        try withScene { scene, store, _, folder in
            let place = folder + "/copy", other = folder + "/home"
            try Backup.make(of: DataDirectory(reading: scene.path), at: place, version: "1", time: time)
            try write("mine", other + "/letter.txt")
            #expect(throws: StoreError.self) { try Backup(place).restore(to: other) }
            #expect(throws: StoreError.self) { try Backup(place).restore(to: other + "/letter.txt") }
            #expect(try FileManager.default.contentsOfDirectory(atPath: other) == ["letter.txt"])
            try store.close()
        }
    }

    @Test func theNewestBackupIsOffered() throws {
        let scene = Scene(), folder = Backup.usualFolder(of: scene.path)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        do {
            let store = try scene.open()
            for (name, seconds) in [("a", 20.0), ("b", 30), ("c", 10)] {
                try Backup.make(
                    of: DataDirectory(reading: scene.path), at: folder + "/" + name, version: "1",
                    time: time + seconds)
            }
            try FileManager.default.createDirectory(atPath: folder + "/d", withIntermediateDirectories: true)
            _ = try scene.makeRun(store)
            try store.close()
        }
        // An unclean stop, and a damaged file.
        try write("1\n", scene.path + "/nasd.sqlite.open")
        let path = scene.path + "/nasd.sqlite"
        var bytes = try Data(contentsOf: URL(filePath: path))
        for index in 4096..<min(bytes.count, 12288) { bytes[index] = 0xA5 }
        try bytes.write(to: URL(filePath: path))
        let store = try scene.open()
        #expect(store.notices.contains { $0.contains("nasd restore \(folder)/b \(scene.path) --replace") })
        try store.close()
    }
}
