import TestSupport
import Testing

/// The same results for any number of workers, and after SIGKILL at any moment.
///
/// `NASD_KILLS` is the number of kills (default 8); with enough of them every phase is hit several times. With
/// `NASD_KILL_LOG` a table of all kills is written to that file.
@Suite struct KillTests {
    private static let kills = KillLog.wanted ?? 8

    private static let shift = "{kind: shift, bins: 4, warm: 4, period: 3, joint: 2, samples: 64, window: 4}"

    @Test(arguments: [
        ("{kind: sandwich}", "{experts: 1}", false), (shift, "{experts: 1}", false),
        (shift, "{experts: 2, dropout: 0.1}", false), (shift, "{experts: 2, dropout: 0.1}", true),
    ])
    func killedAtAnyMomentGivesTheSameResults(sampler: String, mixture: String, isConvolutional: Bool) throws {
        func make() throws -> SmallRun {
            try SmallRun.toKill(sampler: sampler, mixture: mixture, isConvolutional: isConvolutional)
        }
        let reference = try make()
        #expect(try reference.run("--workers", "1").code == 0)
        let expected = try Results(of: reference)
        for workers in ["2", "3"] {
            let other = try make()
            #expect(try other.run("--workers", workers).code == 0)
            #expect(try Results(of: other) == expected, "\(workers) workers")
        }
        let log = try Killer.kill(Self.kills, seed: 17, make) { run, _ in
            #expect(try Results(of: run) == expected)
            try run.expectWhole()
        }
        try log.write()
        for phase in [Killer.Target.training, .checkpoint, .searching, .validating] where Self.kills >= 60 {
            #expect(log.count(phase.rawValue) >= 5, "\(phase)")
        }
    }
}
