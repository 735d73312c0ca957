import Foundation
import Runs
import Store
import Tensors
import TestSupport
import Testing
import Training

@testable import Coordinator

/// Runs that versions of every earlier schema were killed in, whose databases lie in `Tests/StoreTests/Fixtures`.
@Suite struct EarlierRunTests {
    /// They go on under the fingerprints that they began with, and say with which kernels: settings that were not there yet are
    /// no other run.
    @Test(arguments: 1...4) func killedRunsGoOn(version: Int) throws {
        let folder = NSTemporaryDirectory() + "nasd-earlier-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let fixture = Repository.root.appending(path: "Tests/StoreTests/Fixtures/schema-\(version)-killed.sqlite.gz")
        #expect(FileManager.default.createFile(atPath: folder + "/nasd.sqlite", contents: nil))
        let unpacking = Process()
        unpacking.executableURL = URL(filePath: "/usr/bin/env")
        unpacking.arguments = ["gzip", "-dc", fixture.path]
        unpacking.standardOutput = try FileHandle(forWritingTo: URL(filePath: folder + "/nasd.sqlite"))
        try unpacking.run()
        unpacking.waitUntilExit()
        // As Fixtures/README.md has it, with the recipe that the run file had then.
        let spaces = Repository.root.appending(path: "SearchSpaces")
        let specification = try RunSpecification.parse(
            yaml: try String(contentsOf: spaces.appending(path: "runs/glyphs-quickstart.yaml"), encoding: .utf8),
            file: "glyphs-quickstart.yaml",
            overrides: [
                ("train.sampler", "{kind: sandwich, random: 1}"),
                ("train.distillation", "{teacher: largest, start: 0.5, weight: 0.5}"), ("train.steps", "20"),
                ("train.optimizer.warmup", "2"), ("train.checkpointEvery", "10"),
                ("search.evaluations", "8"), ("search.population", "4"), ("search.samples", "100"),
                ("search.during", "{every: 10, evaluations: 4}"), ("validate.finalists", "2"), ("data.count", "1200"),
                ("data.testCount", "100"), ("data.holdOut.validation", "100"),
            ])
        let inputs = try RunInputs(
            specification: specification, space: try SpaceCatalog.load(spaces.appending(path: "vit-glyphs.yaml").path))
        let session = try RunSession(inputs, directory: folder)
        defer { try? session.store.close() }
        #expect(session.isContinued)
        let begun = try #require(session.run.fingerprints)
        #expect(begun.data == inputs.fingerprints.data && begun.space == inputs.fingerprints.space)
        #expect((begun.run == inputs.fingerprints.run) == (version > 1), "schema 1 knew fewer settings")
        let pool = try WorkerPool(count: 2), kernels = try Kernels()
        #expect(throws: CoordinatorError.self) {
            try session.execute(inputs, pool: pool, kernels: kernels, control: RunControl()) { _ in }
        }
        let outcome = try session.execute(
            inputs, pool: pool, kernels: kernels, control: RunControl(), allowsNumericsChange: true
        ) { _ in }
        #expect(outcome == .completed)
        let run = try session.store.run(session.run.id)
        #expect(run.fingerprints == begun && run.state == .completed && run.step == 20)
        let events = try session.store.events(session.run.id).map(\.content)
        #expect(events.contains { $0.type == .runResumed && $0.data.contains("\"before\"") })
    }
}
