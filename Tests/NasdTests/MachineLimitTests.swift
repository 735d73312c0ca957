import Foundation
import TestSupport
import Testing

/// Limits that a machine, a container or a batch system sets: a message or a run, and never a wait without end.
@Suite(.serialized) struct MachineLimitTests {
    @Test(.enabled(if: Shell.canChangeUser)) func fewerThreadsThanWorkers() throws {
        let run = try SmallRun()
        let outcome = try Shell.run(
            """
            chmod 777 .; \(Shell.asAnotherUser) bash -c "ulimit -u 12; timeout 30 $NASD run run.yaml --workers 64 --output o"
            """, in: run.folder)
        #expect(outcome.code == 1, "\(outcome.code) \(outcome.error)")
        #expect(outcome.error.contains("threads can be started") && outcome.error.contains("--workers"))
        let daemon = try Shell.run(
            """
            chmod 777 .; \(Shell.asAnotherUser) bash -c "ulimit -u 9; timeout 30 $NASD serve --socket $PWD/k --data-directory d --workers 4"
            """, in: run.folder)
        #expect(daemon.code == 1 && daemon.error.contains("threads can be started"), "\(daemon.code) \(daemon.error)")
    }

    /// A limit that is too low for the libraries below, which would end the process, is told before anything begins.
    @Test(arguments: [8, 12, 13, 16, 20, 32, 48]) func fewDescriptors(limit: Int) throws {
        let run = try SmallRun()
        let outcome = try Shell.run(
            "ulimit -n \(limit); timeout 30 $NASD run run.yaml --workers 2 --output o", in: run.folder)
        let isTold = outcome.code == 1 && outcome.error.contains("ulimit -n")
        #expect(limit >= 48 ? outcome.code == 0 : isTold, "\(outcome.code) \(outcome.error)")
        #expect(FileManager.default.fileExists(atPath: run.folder + "/o") == (limit >= 48))
        let daemon = try Shell.run(
            "ulimit -n \(limit); timeout 30 $NASD serve --socket $PWD/k --data-directory d --workers 1", in: run.folder)
        #expect(daemon.code == 1 && daemon.error.contains("ulimit -n"), "\(daemon.code) \(daemon.error)")
    }

    @Test(arguments: [(600_000, 2), (1_200_000, 2), (4_000_000, 64), (16_000_000, 128)])
    func littleAddressSpace(kibibytes: Int, workers: Int) throws {
        let run = try SmallRun()
        let outcome = try Shell.run(
            "ulimit -v \(kibibytes); $NASD run run.yaml --workers \(workers) --output o", in: run.folder)
        // A run, or a message that names the remedy.
        let isTold =
            outcome.code == 1 && ["address space", "threads can be started"].contains { outcome.error.contains($0) }
        #expect(outcome.code == 0 || isTold, "\(outcome.code) \(outcome.error)")
    }

    @Test func moreWorkersThanTheLibraryServes() throws {
        let run = try SmallRun()
        let few = try run.run("--workers", "2")
        try #require(few.code == 0)
        let results = run.results
        try FileManager.default.removeItem(atPath: run.output)
        let many = try run.run("--workers", "300")
        #expect(many.code == 0 && run.results == results, "\(many.code) \(many.error)")
        let isCapped = many.error.contains("as many as this OpenBLAS serves")
        let doctor = try Program.run("doctor")
        #expect(isCapped == !doctor.output.contains("own kernels"), "\(many.error)")
        #expect(!many.error.contains("NUM_THREADS exceeded"))
    }
}
