public import Foundation
internal import GRDB

/// A copy of a data directory that is one itself: the database with every run, and their checkpoints and networks.
///
/// `backup.json` in it has the size and a digest of every file; a copy without it was not completed.
public struct Backup: Sendable {
    /// What `backup.json` has.
    struct Manifest: Codable, Sendable {
        var apiVersion = "nasd/v1"
        var kind = "Backup"
        let version: String
        let schema: Int
        let time: Date
        let files: [String: FileMark]
    }

    /// The folder.
    public let path: String
    let manifest: Manifest

    /// The name of the file that completes a backup.
    static let manifestName = "backup.json"
    static let databaseName = "nasd.sqlite"

    /// When it was made.
    public var time: Date { manifest.time }
    /// How many files it has.
    public var fileCount: Int { manifest.files.count }
    /// The size of all of them.
    public var bytes: Int { manifest.files.values.reduce(0) { $0 + $1.bytes } }

    /// Opens a backup.
    ///
    /// - Throws: ``StoreError/invalid(what:place:remedy:)`` where a folder is none, or was not completed.
    public init(_ path: String) throws(StoreError) {
        self.path = path
        let file = path + "/" + Self.manifestName
        guard let data = FileManager.default.contents(atPath: file) else {
            throw .invalid(
                what: "is no complete backup: it has no \(Self.manifestName)", place: path,
                remedy: "name a folder that nasd backup made")
        }
        do {
            manifest = try Self.decoder.decode(Manifest.self, from: data)
        } catch {
            throw .corrupt(path: file, detail: "it cannot be read as JSON of a backup")
        }
        guard manifest.files[Self.databaseName] != nil,
            manifest.files.keys.allSatisfy({ !$0.hasPrefix("/") && !$0.split(separator: "/").contains("..") })
        else { throw .corrupt(path: file, detail: "it names no database, or files outside of the backup") }
    }

    /// Reads every file of the backup, and checks the database.
    ///
    /// - Throws: ``StoreError`` for the first file that is not as it was written.
    public func check() throws(StoreError) {
        for (name, mark) in manifest.files.sorted(by: { $0.key < $1.key }) {
            let file = path + "/" + name
            guard try FileMark(file) == mark else {
                throw .corrupt(path: file, detail: "its bytes are not those that were backed up")
            }
        }
        try Self.check(database: path + "/" + Self.databaseName)
    }

    /// Checks the database of a data directory.
    ///
    /// - Throws: ``StoreError`` where it is damaged, foreign or newer.
    public static func check(_ directory: DataDirectory) throws(StoreError) {
        try check(database: directory.databasePath)
    }

    /// Holds a database against the schema of its version, and its pages against one another.
    ///
    /// - Returns: The version of its schema.
    @discardableResult
    static func check(database path: String) throws(StoreError) -> Int {
        do {
            let version = try Connections.version(of: path, migrations: Migration.all)
            let reader = try Connections.reader(path)
            defer { try? reader.close() }
            let answer = try reader.read { db in try String.fetchOne(db, sql: "PRAGMA integrity_check(1)") }
            guard answer == "ok" else { throw StoreError.corrupt(path: path, detail: answer ?? "no answer") }
            return version
        } catch {
            throw StoreError(error, doing: "check", path: path)
        }
    }

    static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return decoder
    }

    static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return encoder
    }

    // MARK: Places

    /// Where backups of a data directory lie unless told otherwise: beside it, so that restoring does not move them.
    public static func usualFolder(of directory: String) -> String {
        URL(fileURLWithPath: directory).standardizedFileURL.path + ".backups"
    }

    /// The newest complete backup in the usual place; nil where there is none.
    public static func newest(of directory: String) -> Backup? {
        let folder = usualFolder(of: directory)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.compactMap { try? Backup(folder + "/" + $0) }.max { $0.time < $1.time }
    }
}
