import Foundation
import GRDB
import Testing

@testable import Store

@Suite struct OpeningTests {
    let scene = Scene()
    private let newest = Migration.all.count

    @Test func pragmasReadBack() throws {
        let store = try scene.open()
        func pragma(_ name: String) throws -> String? {
            try store.writer.read { try String.fetchOne($0, sql: "PRAGMA \(name)") }
        }
        #expect(try pragma("journal_mode") == "wal")
        #expect(try pragma("synchronous") == "2")
        #expect(try pragma("foreign_keys") == "1")
        #expect(try pragma("trusted_schema") == "0")
        #expect(try pragma("cell_size_check") == "1")
        #expect(try pragma("journal_size_limit") == "67108864")
        #expect(try pragma("busy_timeout") == "5000")
        #expect(try pragma("application_id") == String(0x6e61_7364))
        #expect(try pragma("user_version") == "\(newest)")
        try store.close()
    }

    @Test func everyTableIsStrict() throws {
        let store = try scene.open()
        let loose = try store.writer.read {
            try String.fetchAll(
                $0, sql: "SELECT name FROM pragma_table_list WHERE strict = 0 AND name NOT LIKE 'sqlite_%'")
        }
        #expect(loose.isEmpty)
    }

    @Test func secondOwnerIsRefused() throws {
        let store = try scene.open()
        #expect(storeError { _ = try DataDirectory(owning: scene.path) } == .locked(directory: scene.path))
        try store.close()
    }

    @Test func lockGoesWithItsOwner() throws {
        do { _ = try DataDirectory(owning: scene.path) }
        _ = try DataDirectory(owning: scene.path)
    }

    @Test func folderThatCannotBeMadeIsTold() {
        let error = storeError { _ = try DataDirectory(owning: "/proc/nasd-none") }
        #expect(error?.description.contains("/proc/nasd-none") == true)
    }

    @Test func newerSchemaIsRefused() throws {
        try scene.open().close()
        let queue = try DatabaseQueue(path: scene.path + "/nasd.sqlite")
        try queue.write { try $0.execute(sql: "PRAGMA user_version = 99") }
        try queue.close()
        let error = storeError { _ = try scene.open() }
        #expect(error == .newerSchema(path: scene.path + "/nasd.sqlite", found: 99, supported: newest))
    }

    @Test func foreignFileIsRefusedAndUntouched() throws {
        let directory = try DataDirectory(owning: scene.path)
        let queue = try DatabaseQueue(path: directory.databasePath)
        try queue.write { try $0.execute(sql: "CREATE TABLE other (x)") }
        try queue.close()
        let before = FileManager.default.contents(atPath: directory.databasePath)
        guard case .foreignFile = storeError({ _ = try RunStore(directory) }) else {
            Issue.record("not refused")
            return
        }
        #expect(FileManager.default.contents(atPath: directory.databasePath) == before)
    }

    @Test func garbageIsRefused() throws {
        let directory = try DataDirectory(owning: scene.path)
        try AtomicFile.write(Array(repeating: 65, count: 5000), to: directory.databasePath)
        guard case .foreignFile = storeError({ _ = try RunStore(directory) }) else {
            Issue.record("not refused")
            return
        }
    }

    @Test func damageAfterAnUncleanStopIsSetAside() throws {
        let directory = try DataDirectory(owning: scene.path)
        try AtomicFile.write(Array(repeating: 65, count: 5000), to: directory.databasePath)
        try AtomicFile.write([], to: directory.markerPath)
        let store = try RunStore(directory)
        #expect(store.notices.count == 1)
        #expect(FileManager.default.fileExists(atPath: directory.databasePath + ".corrupt-1"))
        #expect(try store.runs().isEmpty)
        try store.close()
        #expect(!FileManager.default.fileExists(atPath: directory.markerPath))
    }

    /// A kill between the renames of a damaged database and of its log: the log stays with its database.
    @Test func aLogFollowsItsDatabaseAside() throws {
        let directory = try DataDirectory(owning: scene.path)
        let aside = directory.databasePath + ".corrupt-1"
        try AtomicFile.write(Array(repeating: 65, count: 5000), to: aside)
        try AtomicFile.write(Array("log".utf8), to: directory.databasePath + "-wal")
        try AtomicFile.write([], to: directory.markerPath)
        let store = try RunStore(directory)
        #expect(try store.runs().isEmpty && store.notices.isEmpty)
        #expect(FileManager.default.contents(atPath: aside + "-wal") == Data("log".utf8))
        try store.close()
        // A log that is there is never replaced.
        try AtomicFile.write(Array("other".utf8), to: directory.databasePath + "-wal")
        unlink(directory.databasePath)
        try RunStore(directory).close()
        #expect(FileManager.default.contents(atPath: aside + "-wal") == Data("log".utf8))
    }

    @Test func upgradeLeavesABackup() throws {
        do { try scene.open().close() }
        let next = Migration.all + [Migration(version: newest + 1, sql: "CREATE TABLE more (x INTEGER) STRICT")]
        let store = try RunStore(DataDirectory(owning: scene.path), migrations: next)
        let backup = try DatabaseQueue(path: scene.path + "/nasd.sqlite.backup-v\(newest)")
        #expect(try backup.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == newest)
        #expect(try store.writer.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == newest + 1)
        #expect(store.notices.count == 1)
    }

    @Test func failedUpgradeChangesNothing() throws {
        do { try scene.open().close() }
        let bad =
            Migration.all + [
                Migration(version: newest + 1, sql: "CREATE TABLE more (x INTEGER) STRICT; SELECT nothing")
            ]
        #expect(storeError { _ = try RunStore(DataDirectory(owning: scene.path), migrations: bad) } != nil)
        let store = try scene.open()
        #expect(try store.writer.read { try !$0.tableExists("more") })
    }
}
