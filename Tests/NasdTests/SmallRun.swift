import Foundation
import Store
import TestSupport

/// A folder of its own with a run that takes a fraction of a second: a space, a run file, room for the output.
final class SmallRun {
    let folder = NSTemporaryDirectory() + "nasd-run-" + UUID().uuidString

    /// Where the run leaves its files.
    lazy var output = folder + "/out"

    /// The command of the run; further arguments follow.
    var arguments: [String] { ["run", folder + "/run.yaml", "--output", output] }

    static let data = "{format: glyphs, count: 400, testCount: 100, holdOut: {validation: 100}}"
    static let train = "{steps: 20, batch: 16, shards: 4}"
    static let search = "{objectives: [{metric: accuracy}, {metric: params}], population: 4, evaluations: 8}"

    init(
        embed: String = "[16, 24]", depth: String = "[1, 2]", data: String = SmallRun.data,
        train: String = SmallRun.train, search: String = SmallRun.search, finalists: Int = 4,
        mixture: String = "{experts: 1}"
    ) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try write(TinySpace.yaml(name: "small", embed: embed, depth: depth, mixture: mixture), to: "small.yaml")
        try write(
            """
            apiVersion: nasd/v1
            kind: Run
            name: small
            space: small
            data: \(data)
            train: \(train)
            search: \(search)
            validate: {finalists: \(finalists)}

            """, to: "run.yaml")
    }

    deinit {
        // A disk that is mounted here may be let go of only later, and would keep the folder.
        umount2(folder + "/disk", Int32(MNT_DETACH))
        try? FileManager.default.removeItem(atPath: folder)
    }

    func write(_ text: String, to name: String) throws { try Files.write(Array(text.utf8), folder + "/" + name) }

    /// Replaces a part of a file, which must have it.
    func replace(_ old: String, with new: String, in name: String) throws {
        let text = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
        guard text.contains(old) else { throw CocoaError(.fileReadCorruptFile) }
        try write(text.replacing(old, with: new), to: name)
    }

    /// Runs it to its end.
    func run(_ further: String...) throws -> Program.Outcome { try Program(arguments + further).wait() }

    /// The results; nil while there are none.
    var results: Data? { FileManager.default.contents(atPath: output + "/results.csv") }

    /// The one run of the database, read as any other process would beside the owner.
    func status() throws -> RunStatus? {
        let reader = try RunReader(DataDirectory(reading: output))
        return try reader.runs(limit: 1).first.map { try reader.status(of: $0.id) }
    }

    /// All events of the run, in order.
    func events(of run: RunID) throws -> [Event] {
        try RunReader(DataDirectory(reading: output)).events(run, limit: 100_000)
    }

    /// The names in the folder of checkpoints, of the one run there is.
    var checkpoints: [String] {
        let manager = FileManager.default
        guard let run = try? manager.contentsOfDirectory(atPath: output + "/runs").first else { return [] }
        return ((try? manager.contentsOfDirectory(atPath: "\(output)/runs/\(run)/checkpoints")) ?? []).sorted()
            .map { "\(output)/runs/\(run)/checkpoints/\($0)" }
    }

    /// Every file below a folder with its bytes, without what opening a database may touch.
    static func snapshot(_ folder: String) -> [String: Data] {
        var files: [String: Data] = [:]
        for case let name as String in FileManager.default.enumerator(atPath: folder) ?? .init() {
            let touched = ["lock", "nasd.sqlite-shm", "nasd.sqlite-wal"].contains { name.hasSuffix($0) }
            if !touched { files[name] = FileManager.default.contents(atPath: folder + "/" + name) ?? Data() }
        }
        return files
    }

    /// Waits until something is so; false after the timeout.
    static func waitUntil(_ timeout: Duration = .seconds(60), _ condition: () throws -> Bool) rethrows -> Bool {
        let deadline = ContinuousClock.now + timeout
        while ContinuousClock.now < deadline {
            if try condition() { return true }
            usleep(1000)
        }
        return false
    }
}
