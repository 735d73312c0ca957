import TestSupport
import Testing

/// A run under `nasd serve` that is killed at any moment: the bytes of an undisturbed `nasd run`, and every event told.
///
/// `NASD_KILLS` is the number of kills (default 12); with 200 every phase is hit 20 times at least. With `NASD_KILL_LOG` a
/// table of all kills is written to that file.
@Suite struct KilledDaemonTests {
    private static let kills = KillLog.wanted ?? 12

    @Test func killedAtAnyMomentGivesTheResultsOfNasdRunAndTellsEveryEvent() throws {
        let reference = try SmallRun.toKill()
        #expect(try reference.run("--workers", "1").code == 0)
        let expected = try Results(of: reference)
        let log = try Killer.kill(Self.kills, seed: 23) {
            try ServedRun(.toKill())
        } check: { victim, log in
            #expect(try Results(of: victim.scene, tables: victim.tables) == expected)
            try victim.scene.expectWhole()
            try victim.expectEveryEventTold(&log)
        }
        try log.write()
        for phase in Killer.Target.allCases where Self.kills >= 200 && phase != .anytime {
            #expect(log.count(phase.rawValue) >= 20, "\(phase)")
        }
    }
}
