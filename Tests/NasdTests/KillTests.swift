import Foundation
import Store
import TestSupport
import Testing

/// The same results for any number of workers, and after SIGKILL at any moment.
///
/// `NASD_KILLS` is the number of kills (default 8); with enough of them every phase is hit several times. With
/// `NASD_KILL_LOG` a table of all kills is written to that file.
@Suite struct KillTests {
    private static let kills = ProcessInfo.processInfo.environment["NASD_KILLS"].flatMap(Int.init) ?? 8
    /// Kills between two completions, few enough that a run gets somewhere.
    private static let killsOfOneRun = 20
    private static let steps = 120

    /// Wide enough that writing a checkpoint and measuring finalists take some milliseconds, to be hit there.
    private func makeRun() throws -> SmallRun {
        try SmallRun(
            embed: "[96, 128]", depth: "[2, 3]",
            data: "{format: glyphs, count: 1600, testCount: 3000, holdOut: {validation: 1200}}",
            train: "{steps: \(Self.steps), batch: 16, shards: 4, checkpointEvery: 10}",
            search: """
                {objectives: [{metric: accuracy}, {metric: multiplyAdds}], algorithm: nsga2, population: 4, \
                evaluations: 16, samples: 200, during: {every: 20, evaluations: 8}}
                """, finalists: 8)
    }

    @Test func killedAtAnyMomentGivesTheSameResults() throws {
        let reference = try makeRun()
        #expect(try reference.run("--workers", "1").code == 0)
        let expected = try Results(of: reference)
        for workers in ["2", "3"] {
            let other = try makeRun()
            #expect(try other.run("--workers", workers).code == 0)
            #expect(try Results(of: other) == expected, "\(workers) workers")
        }
        var log = KillLog()
        var generator = SeededGenerator(17)
        while log.kills.count < Self.kills {
            let run = try makeRun()
            var killer = Killer(run, steps: Self.steps, generator: generator)
            try killer.complete(kills: min(Self.killsOfOneRun, Self.kills - log.kills.count), log: &log)
            generator = killer.generator
            #expect(try Results(of: run) == expected)
            try checkWhole(run)
        }
        try log.write()
        for phase in Killer.Target.allCases where Self.kills >= 60 && phase != .anytime {
            #expect(log.count(phase.rawValue) >= 5, "\(phase)")
        }
    }

    /// Nothing half-written is left, the events have no gap, and the database is in order.
    private func checkWhole(_ run: SmallRun) throws {
        #expect(run.checkpoints.count == 2 && run.checkpoints.allSatisfy { $0.hasSuffix(".safetensors") })
        let temporary = SmallRun.snapshot(run.output).keys.filter { $0.contains(/\.nasd-part-[A-Za-z0-9]{6}$/) }
        #expect(temporary.isEmpty)
        // The mark of an unclean stop makes the store check every page of its file.
        try Files.write([], run.output + "/nasd.sqlite.open")
        let store = try RunStore(DataDirectory(owning: run.output))
        #expect(store.notices.isEmpty)
        let stored = try #require(try store.runs(limit: 2).first)
        #expect(stored.state == .completed && stored.step == Self.steps)
        let events = try store.events(stored.id, limit: 1_000_000)
        #expect(events.map(\.sequence) == Array(1...max(1, events.count)))
        #expect(events.filter { $0.content.type == .runCompleted }.count == 1)
        #expect(events.filter { $0.content.type == .searchRound }.count == 6)
        try store.close()
    }

    /// Every byte that a user gets and that must not depend on how the run went.
    private struct Results: Equatable {
        let files: [String: Data]

        init(of run: SmallRun) throws {
            let id = try #require(try run.status()).run.id.text
            files = SmallRun.snapshot(run.output).filter { name, _ in
                name.hasSuffix(".csv") || name.hasPrefix("runs/\(id)/models/")
            }.reduce(into: [:]) { $0[$1.key.replacing(id, with: "ID")] = $1.value }
            #expect(files.count >= 4)
        }
    }
}
