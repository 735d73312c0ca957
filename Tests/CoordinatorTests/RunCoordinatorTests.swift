import Foundation
import Runs
import SearchSpaces
import Store
import Tensors
import TestSupport
import Testing
import Training

@testable import Coordinator

@Suite struct RunCoordinatorTests {
    @Test func aRunIsTrainedSearchedAndValidated() throws {
        let scene = try Scene()
        #expect(try scene.execute() == .completed)
        let (store, run) = try scene.reader()
        #expect(run.state == .completed && run.step == 30)
        let rounds = try store.rounds(run.id)
        // Rounds at steps 10 and 20, and the last one on the final weights.
        #expect(rounds.map(\.weightsStep) == [10, 20, 30] && rounds.allSatisfy { $0.state == .completed })
        #expect(rounds.map(\.evaluations) == [6, 6, 18])
        #expect(rounds.allSatisfy { ($0.hypervolume ?? 0) > 0 })
        let results = try store.candidates(run.id, limit: 100)
        #expect(results.map(\.candidate.number) == Array(1...30))
        #expect(results.allSatisfy { $0.measurement(of: .accuracy)?.samples == 100 })
        // Survivors are measured anew under new weights.
        #expect(results[6..<12].allSatisfy { $0.candidate.origin == "elite" })
        let finalists = results.filter { $0.measurement(of: .accuracy, at: .test) != nil }
        #expect(finalists.count == 3 && finalists.allSatisfy { $0.candidate.weightsStep == 30 })
        #expect(finalists.allSatisfy { $0.measurement(of: .accuracy, at: .validation)?.samples == 100 })
        let events = try store.events(run.id, limit: 1000)
        #expect(events.map(\.sequence) == Array(1...events.count))
        let types = events.map(\.content.type)
        #expect(types.first == .runQueued && types.last == .runCompleted)
        #expect(types.filter { $0 == .searchRound }.count == 3 && types.filter { $0 == .searchFront }.count == 3)
        #expect(try store.checkpoints(run.id).map(\.step) == [30, 20])
        // Four subnets a step are counted in eight bins of cost.
        let draws = try store.samplerStatistics(run.id).filter { $0.name == "draws" }
        #expect(draws.count == 24 && draws.map(\.value).reduce(0, +) == 120)
        let folder = scene.path + "/runs/\(run.id)"
        for name in ["run.yaml", "manifest.json", "log.jsonl"] {
            #expect(FileManager.default.fileExists(atPath: folder + "/" + name))
        }
        #expect(try !FileManager.default.contentsOfDirectory(atPath: folder + "/models").isEmpty)
        #expect(try scene.execute() == .completed, "a completed run is found completed")
    }

    @Test func whatAKillLeftHalfWrittenIsRemoved() throws {
        let scene = try Scene()
        let folder: String
        do {
            let session = try scene.session()
            try session.store.directory.createRunDirectory(session.run.id)
            folder = session.store.directory.runDirectory(session.run.id)
            try session.store.close()
        }
        let torn = ["\(scene.path)/nasd.sqlite.open", "\(folder)/manifest.json", "\(folder)/models/candidate-1.json"]
            .map { $0 + ".nasd-part-Ab12Cd" }
        let own = folder + "/manifest.json.mine"
        for file in torn + [own] { #expect(FileManager.default.createFile(atPath: file, contents: Data([1]))) }
        scene.control.ask(.stop)
        #expect(try scene.execute() == .stopped(.stop))
        #expect(!torn.contains { FileManager.default.fileExists(atPath: $0) })
        #expect(FileManager.default.fileExists(atPath: own))
    }

    @Test func theWorkersDoNotMatter() throws {
        let one = try Scene(), three = try Scene()
        #expect(try one.execute(workers: 1) == .completed)
        #expect(try three.execute(workers: 3) == .completed)
        #expect(try one.csv() == three.csv())
        #expect(try one.trained() == three.trained() && one.trained().map { $0[0] } == (1...30).map { Double($0) })
    }

    /// Stopped after every step and at every piece of progress in turn: the results are those of an undisturbed run.
    @Test func stoppingAndGoingOnChangesNothing() throws {
        let whole = try Scene()
        #expect(try whole.execute() == .completed)
        let cut = try Scene()
        let starts = try cut.executeInPieces(stoppedAt: { 3 + $0 % 5 })
        #expect(starts > 5)
        #expect(try cut.csv() == whole.csv())
        let (store, run) = try cut.reader()
        let events = try store.events(run.id, limit: 1000)
        #expect(events.map(\.sequence) == Array(1...events.count))
        #expect(events.contains { $0.content.type == .runRecovered })
        let draws = { (scene: Scene) in
            let (store, run) = try scene.reader()
            return try store.samplerStatistics(run.id)
        }
        #expect(try draws(cut) == draws(whole))
        #expect(try cut.trained() == whole.trained() && whole.trained().count == 30)
    }

    /// A database that lost what a checkpoint builds on: what is missing is computed again, and said.
    @Test func aDatabaseBehindItsCheckpointIsNoticed() throws {
        let whole = try Scene()
        #expect(try whole.execute() == .completed)
        let scene = try Scene()
        func stop(after step: Int) throws {
            scene.control = RunControl()
            let control = scene.control
            let outcome = try scene.execute { if case .trained(step, _, _) = $0 { control.ask(.stop) } }
            #expect(outcome == .stopped(.stop))
        }
        try stop(after: 12)
        let database = scene.path + "/nasd.sqlite", older = scene.path + "/older"
        try FileManager.default.copyItem(atPath: database, toPath: older)
        try stop(after: 25)
        for suffix in ["", "-wal", "-shm"] { unlink(database + suffix) }
        try FileManager.default.moveItem(atPath: older, toPath: database)
        scene.control = RunControl()
        scene.progress = []
        #expect(try scene.execute() == .completed)
        let notices = scene.progress.compactMap { if case .notice(let text) = $0 { text } else { nil } }
        #expect(notices.contains { $0.contains("computed again") }, "\(notices)")
        #expect(try scene.csv() == whole.csv())
        let folder = scene.path + "/runs/\(try scene.reader().run.id)/checkpoints"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(names.count == 2 && names.allSatisfy { $0.hasSuffix(".safetensors") })
    }

    /// What is no checkpoint is set aside, and kept until the run is over; what cannot be read is an error, and stays.
    @Test func onlyDamageThatWasReadIsDamage() throws {
        let scene = try Scene()
        let control = scene.control
        _ = try scene.execute { if case .trained(25, _, _) = $0 { control.ask(.stop) } }
        let folder = scene.path + "/runs/\(try scene.reader().run.id)/checkpoints"
        let newest = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).max())
        let bytes = try #require(FileManager.default.contents(atPath: "\(folder)/\(newest)"))
        try FileManager.default.moveItem(atPath: folder, toPath: folder + "-away")
        scene.control = RunControl()
        // The folder is no folder: nothing says that there are no checkpoints.
        try Files.write([1], folder)
        #expect(throws: StoreError.self) { try scene.execute() }
        unlink(folder)
        try FileManager.default.moveItem(atPath: folder + "-away", toPath: folder)
        #expect(FileManager.default.contents(atPath: "\(folder)/\(newest)") == bytes)
        var torn = bytes
        torn[torn.count - 5] ^= 1
        try torn.write(to: URL(filePath: "\(folder)/\(newest)"))
        scene.control = RunControl()
        let cut = scene.control
        _ = try scene.execute { if case .trained(27, _, _) = $0 { cut.ask(.stop) } }
        #expect(FileManager.default.fileExists(atPath: "\(folder)/\(newest).unusable"))
        scene.control = RunControl()
        #expect(try scene.execute() == .completed)
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/\(newest).unusable"))
    }

    /// What a sampler has learned since the last milestone is told later: a checkpoint of a stop does not count on it.
    @Test func stopsBetweenMilestonesOfALearningSampler() throws {
        let sampler = "sampler: {kind: shift, bins: 2, warm: 2, period: 2, window: 2, panels: 1, samples: 32, joint: 2}"
        func make() throws -> Scene { try Scene(train: sampler, data: "validation: 100, sampler: 64") }
        let whole = try make()
        #expect(try whole.execute() == .completed)
        let cut = try make()
        var starts = 0
        repeat {
            starts += 1
            cut.control = RunControl()
            let control = cut.control
            var steps = 0
            let outcome = try cut.execute {
                if case .trained = $0 { steps += 1 }
                // Past a milestone and on, again and again.
                if steps == 13 { control.ask(.stop) }
            }
            if outcome == .completed { break }
        } while starts < 20
        #expect(starts > 2)
        let notices = cut.progress.compactMap { if case .notice(let text) = $0 { text } else { nil } }
        #expect(notices.isEmpty, "\(notices)")
        #expect(try cut.csv() == whole.csv())
        let statistics = { (scene: Scene) in
            let (store, run) = try scene.reader()
            return try store.samplerStatistics(run.id)
        }
        #expect(try statistics(cut) == statistics(whole))
    }

    @Test func pauseAndCancelAreStates() throws {
        let scene = try Scene()
        let outcome = try scene.execute {
            if case .trained(let step, _, _) = $0, step == 4 { scene.control.ask(.pause) }
        }
        #expect(outcome == .stopped(.pause))
        #expect(try scene.reader().run.state == .paused)
        scene.control = RunControl()
        let second = try scene.execute {
            if case .searched = $0 { scene.control.ask(.cancel) }
        }
        #expect(second == .stopped(.cancel))
        #expect(try scene.reader().run.state == .cancelled)
    }

    /// Paused while finalists are measured, a run goes on there, and its results are those of an undisturbed one.
    @Test func pausedWhileValidating() throws {
        let whole = try Scene()
        #expect(try whole.execute() == .completed)
        let scene = try Scene()
        let outcome = try scene.execute {
            if case .validated(let part, _) = $0, part == "validationAccuracy" { scene.control.ask(.pause) }
        }
        #expect(outcome == .stopped(.pause))
        #expect(try scene.reader().run.state == .paused)
        scene.control = RunControl()
        #expect(try scene.execute() == .completed)
        #expect(try scene.csv() == whole.csv())
    }

    /// A rate that diverges is halved from the last milestone, wherever the run was stopped in between, and rounds that
    /// were finished stay finished.
    @Test func divergenceRollsBack() throws {
        let train = "optimizer: {name: sgd, rate: 60, momentum: 0.9, weightDecay: 0, schedule: constant}"
        func run(stopping: Bool) throws -> (scene: Scene, outcome: RunOutcome) {
            let scene = try Scene(train: train)
            for start in 1...200 {
                scene.control = RunControl()
                var seen = 0
                let outcome = try scene.execute { _ in
                    seen += 1
                    if stopping && seen == 2 + start % 4 { scene.control.ask(.stop) }
                }
                if outcome != .stopped(.stop) { return (scene, outcome) }
            }
            return (scene, .stopped(.stop))
        }
        func rollbacks(_ scene: Scene) throws -> [String] {
            let (store, run) = try scene.reader()
            return try store.events(run.id, limit: 10_000).filter { $0.content.type == .trainingRollback }
                .map(\.content.data)
        }
        let whole = try run(stopping: false), cut = try run(stopping: true)
        #expect(whole.outcome == cut.outcome && whole.outcome != .stopped(.stop))
        let expected = try rollbacks(whole.scene)
        #expect(!expected.isEmpty)
        #expect(try rollbacks(cut.scene) == expected)
        #expect(try cut.scene.csv() == whole.scene.csv())
        #expect(try cut.scene.trained() == whole.scene.trained())
        // What a rollback undid is recorded no more, and what follows it with its own rate.
        let trained = try whole.scene.trained()
        #expect(trained.map { $0[0] } == (1...max(1, trained.count)).map { Double($0) })
        #expect(trained.last?[2] ?? 60 < 60 && trained.allSatisfy { $0[1].isFinite })
    }

    @Test func hopelessDivergenceFails() throws {
        let scene = try Scene(
            train: "optimizer: {name: sgd, rate: 1000, momentum: 1, weightDecay: 1000, schedule: constant}")
        guard case .failed(let reason) = try scene.execute() else {
            Issue.record("a hopeless run fails")
            return
        }
        #expect(reason.contains("diverged") && reason.contains("rate"))
        let (store, run) = try scene.reader()
        #expect(run.state == .failed)
        let events = try store.events(run.id, limit: 1000)
        #expect(events.filter { $0.content.type == .trainingRollback }.count == 8)
        #expect(events.last?.content.type == .runFailed)
    }

    /// A run goes on under other numerics only when that is allowed, and an event tells it.
    @Test func otherNumericsAreRefused() throws {
        let scene = try Scene()
        _ = try scene.execute { if case .trained(let step, _, _) = $0, step == 12 { scene.control.ask(.stop) } }
        scene.control = RunControl()
        let plain = try Kernels(path: .plain, products: .vector)
        #expect(throws: CoordinatorError.self) { try scene.execute(kernels: plain) }
        #expect(try scene.execute(kernels: plain, allowsNumericsChange: true) == .completed)
        let (store, run) = try scene.reader()
        let events = try store.events(run.id, limit: 1000)
        #expect(events.contains { $0.content.type == .runResumed && $0.content.data.contains("numerics") })
        #expect(run.draft.numerics.contains("plain"))
    }

    @Test func anotherRunInTheDirectoryIsRefused() throws {
        let scene = try Scene()
        _ = try scene.execute { if case .trained = $0 { scene.control.ask(.stop) } }
        let other = try Scene(train: "labelSmoothing: 0.1")
        let error = #expect(throws: CoordinatorError.self) { try RunSession(other.inputs, directory: scene.path) }
        #expect(error?.description.contains("train.labelSmoothing") == true)
    }
}
