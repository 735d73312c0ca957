import Foundation
import Store
import TestSupport
import Testing

extension SmallRun: KillVictim {
    /// Training steps of a run that is to be killed.
    static let stepsToKill = 120

    /// Wide enough that writing a checkpoint and measuring finalists take some milliseconds, to be hit there.
    ///
    /// - Parameters:
    ///   - sampler: The sampler, which may learn.
    ///   - isConvolutional: Whether its networks are convolutional ones, with shards of four images.
    static func toKill(
        sampler: String = "{kind: sandwich}", mixture: String = "{experts: 1}", isConvolutional: Bool = false
    ) throws -> SmallRun {
        let run = try SmallRun(
            embed: "[96, 128]", depth: "[2, 3]",
            data: "{format: glyphs, count: 1600, testCount: 3000, holdOut: {validation: 1200, sampler: 64}}",
            train: "{steps: \(stepsToKill), batch: 16, shards: 4, checkpointEvery: 10, sampler: \(sampler)}",
            search: """
                {objectives: [{metric: accuracy}, {metric: multiplyAdds}], algorithm: nsga2, population: 4, \
                evaluations: 16, samples: 200, during: {every: 20, evaluations: 8}}
                """, finalists: 8, mixture: mixture)
        if isConvolutional {
            let space = TinyConvolutionalSpace.yaml.replacing("name: tiny", with: "name: small")
            try run.write(space + "mixture: \(mixture)\n", to: "small.yaml")
        }
        return run
    }

    var scene: SmallRun { self }
    var targets: [Killer.Target] { [.training, .checkpoint, .searching, .anytime] }

    func start(workers: Int) throws -> Program { try Program(arguments + ["--workers", "\(workers)"]) }

    func finish(workers: Int) throws {
        let outcome = try run("--workers", "\(workers)")
        try #require(outcome.code == 0, "\(outcome.error)")
    }

    /// Expects that nothing half-written is left, that the events have no gap, and that the database is in order.
    func expectWhole() throws {
        #expect(checkpoints.count == 2 && checkpoints.allSatisfy { $0.hasSuffix(".safetensors") })
        let temporary = Self.snapshot(output).keys.filter { $0.contains(/\.nasd-part-[A-Za-z0-9]{6}$/) }
        #expect(temporary.isEmpty)
        // The mark of an unclean stop makes the store check every page of its file.
        try Files.write([], output + "/nasd.sqlite.open")
        let store = try RunStore(DataDirectory(owning: output))
        #expect(store.notices.isEmpty)
        // A copy is held against `integrity_check` before it gets its name.
        try store.backUp(to: folder + "/copy.sqlite")
        let stored = try #require(try store.runs(limit: 2).first)
        #expect(stored.state == .completed && stored.step == Self.stepsToKill)
        let events = try store.events(stored.id, limit: 1_000_000)
        #expect(events.map(\.sequence) == Array(1...max(1, events.count)))
        for (type, count) in [(EventType.runQueued, 1), (.runStarted, 1), (.searchRound, 6), (.runCompleted, 1)] {
            #expect(events.filter { $0.content.type == type }.count == count, "\(type)")
        }
        try store.close()
    }

    /// The process that last locked the data directory; nil before any did.
    var lastOwner: Int32? {
        FileManager.default.contents(atPath: output + "/lock").flatMap {
            Int32(String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .newlines))
        }
    }

    /// Expects that nobody holds the data directory any more, and that no process works for the run.
    func expectNoOrphan() {
        let lock = open(output + "/lock", O_RDWR | O_CLOEXEC)
        if lock >= 0 {
            #expect(flock(lock, LOCK_EX | LOCK_NB) == 0, "the data directory is still locked")
            // Said, and not left to the closing: a child between its fork and its exec may share the descriptor.
            flock(lock, LOCK_UN)
            close(lock)
        }
        let processes = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).filter { name in
            guard Int32(name) != nil, let line = FileManager.default.contents(atPath: "/proc/\(name)/cmdline") else {
                return false
            }
            return String(decoding: line, as: UTF8.self).contains(folder)
        }
        #expect(processes.isEmpty, "a process is left")
    }
}
