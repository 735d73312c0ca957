import Foundation
import Runs
import SearchSpaces
import Store
import Supernets
import Tensors
import TestSupport
import Testing
import Training

@testable import Coordinator

/// A trained supernet is searched anew, by a run of its own.
@Suite struct SearchAgainTests {
    private func log(_ scene: Scene) throws -> String {
        try String(contentsOfFile: "\(scene.path)/runs/\(scene.reader().run.id)/log.jsonl", encoding: .utf8)
    }

    private func checkpoint(_ scene: Scene, step: Int) throws -> String {
        "\(scene.path)/runs/\(try scene.reader().run.id)/checkpoints/\(CheckpointFolder.fileName(step: step))"
    }

    private func inode(_ path: String) throws -> UInt64 {
        var status = stat()
        try #require(stat(path, &status) == 0)
        return UInt64(status.st_ino)
    }

    @Test func aTrainedSupernetIsSearchedAnew() throws {
        let source = try Scene()
        #expect(try source.execute() == .completed)
        let again = try source.searchAgain(
            ("search.evaluations", "24"), ("search.constraints", "[{metric: params, atMost: 60000}]"))
        #expect(again.inputs.specification.train == nil && again.inputs.specification.search?.during == nil)
        #expect(try again.execute() == .completed)
        let (store, run) = try again.reader()
        #expect(run.state == .completed)
        // The step of the weights is known once it has begun, and kept.
        #expect(try run.specification().supernet?.step == 30 && run.row.summary?.steps == 0)
        let results = try store.candidates(run.id, limit: 100)
        #expect(results.count == 24 && results.allSatisfy { $0.candidate.weightsStep == 30 })
        #expect(try store.rounds(run.id).map(\.weightsStep) == [30])
        // The same network on the same weights has the same accuracy, whoever measures it.
        let (other, trained) = try source.reader()
        let known = try other.candidates(trained.id, weightsStep: 30)
        let pairs = results.compactMap { one in known.first { $0.candidate.key == one.candidate.key }.map { (one, $0) }
        }
        #expect(pairs.count >= 2)
        for (mine, theirs) in pairs { #expect(mine.value(of: .accuracy) == theirs.value(of: .accuracy)) }
        #expect(results.filter { $0.value(of: .accuracy, at: .test) != nil }.count == 3)
        #expect(try log(again).contains("steps executed: 0") && log(source).contains("steps executed: 30"))
        #expect(try store.trainingRecords(run.id).isEmpty && store.samplerStatistics(run.id).isEmpty)
        // The checkpoint is a second name of the same file, and rows tell of it.
        #expect(try inode(checkpoint(again, step: 30)) == inode(checkpoint(source, step: 30)))
        #expect(try store.checkpoints(run.id) == other.checkpoints(trained.id).filter { $0.step == 30 })
        let states = again.progress.compactMap { if case .state(let state) = $0 { state } else { nil } }
        #expect(states == [.preparing, .searching, .validating, .completed])
        let results2 = RunResults(
            store: store, directory: try DataDirectory(reading: again.path), run: run.id,
            specification: try run.specification())
        let best = try #require(try results2.best()?.candidate.number)
        #expect(FileManager.default.fileExists(atPath: results2.modelPath(best)))
        #expect(try again.execute() == .completed, "a completed run is found completed")
    }

    /// For any number of workers, stopped anywhere, and with the source deleted as soon as it has begun: the same bytes.
    @Test func stoppedAndWithoutItsSource() throws {
        let source = try Scene()
        #expect(try source.execute() == .completed)
        let whole = try source.searchAgain(), three = try source.searchAgain(), cut = try source.searchAgain()
        #expect(try whole.execute(workers: 1) == .completed)
        #expect(try three.execute(workers: 3) == .completed)
        #expect(try whole.csv() == three.csv())
        var starts = 0
        while true {
            starts += 1
            cut.control = RunControl()
            var seen = 0
            let outcome = try cut.execute(workers: 1 + starts % 3) { _ in
                seen += 1
                if seen == 2 + starts % 3 { cut.control.ask(.stop) }
            }
            try? FileManager.default.removeItem(atPath: source.path)
            if outcome == .completed { break }
            #expect(outcome == .stopped(.stop) && starts < 100)
        }
        #expect(starts > 2)
        #expect(try cut.csv() == whole.csv())
    }

    /// Killed after the link and before the note of its step, a run takes up the checkpoint that is its own already.
    @Test func whatIsLinkedIsKept() throws {
        let source = try Scene()
        let control = source.control
        #expect(try source.execute { if case .trained(20, _, _) = $0 { control.ask(.stop) } } == .stopped(.stop))
        let again = try source.searchAgain()
        do {
            let session = try again.session()
            defer { try? session.store.close() }
            try session.store.directory.createRunDirectory(session.run.id)
            try AtomicFile.adopt(
                checkpoint(source, step: 20),
                as: session.store.directory.checkpointDirectory(session.run.id) + "/"
                    + CheckpointFolder.fileName(step: 20))
        }
        source.control = RunControl()
        #expect(try source.execute() == .completed)
        #expect(try again.execute() == .completed)
        let (store, run) = try again.reader()
        #expect(try run.specification().supernet?.step == 20 && store.checkpoints(run.id).map(\.step) == [20])
        // Whoever asks now gets the newest, and an older one that is kept where it is named.
        let newest = try source.searchAgain(), named = try source.searchAgain(("supernet.step", "20"))
        #expect(try newest.execute() == .completed && named.execute() == .completed)
        #expect(try newest.reader().run.specification().supernet?.step == 30)
        #expect(try named.csv() == again.csv() && newest.csv() != again.csv())
        // A step that is named is another search than the newest, whatever that was.
        let error = #expect(throws: CoordinatorError.self) { try RunSession(named.inputs, directory: again.path) }
        if case .otherRun(_, _, let keys) = error {
            #expect(keys == ["supernet.step"])
        } else {
            Issue.record("\(error)")
        }
    }

    /// A damaged checkpoint is passed over where none is named, and not made anybody's.
    @Test func damagedCheckpointsAreNotAdopted() throws {
        let source = try Scene()
        #expect(try source.execute() == .completed)
        let file = try checkpoint(source, step: 30)
        var bytes = try #require(FileManager.default.contents(atPath: file))
        bytes[bytes.count - 100] ^= 1
        try bytes.write(to: URL(fileURLWithPath: file))
        let named = try source.searchAgain(("supernet.step", "30"))
        #expect(throws: TrainingError.self) { try named.execute() }
        let newest = try source.searchAgain()
        #expect(try newest.execute() == .completed)
        #expect(try newest.reader().run.specification().supernet?.step == 20)
    }

    /// Checkpoints of named steps stay, on schedule or not, through stops and going on.
    @Test func stepsToKeepOutliveRetention() throws {
        let source = try Scene(train: "keep: [13, 10, 4]"), plain = try Scene()
        #expect(source.inputs.specification.train?.keep == [4, 10, 13])
        #expect(try plain.execute() == .completed)
        for step in [3, 8, 11, 17, 25] {
            source.control = RunControl()
            let control = source.control
            #expect(try source.execute { if case .trained(step, _, _) = $0 { control.ask(.stop) } } == .stopped(.stop))
        }
        source.control = RunControl()
        #expect(try source.execute() == .completed)
        let (store, run) = try source.reader()
        #expect(try store.checkpoints(run.id).map(\.step) == [30, 25, 13, 10, 4])
        #expect(try source.csv() == plain.csv() && source.trained() == plain.trained())
        let early = try source.searchAgain(("supernet.step", "13"))
        #expect(try early.execute() == .completed)
        let (other, searched) = try early.reader()
        #expect(try other.candidates(searched.id, limit: 100).allSatisfy { $0.candidate.weightsStep == 13 })
        #expect(
            RunEstimate.diskBytes(source.inputs.specification, source.inputs.space)
                > RunEstimate.diskBytes(plain.inputs.specification, plain.inputs.space))
    }

    @Test func whatCannotBeSearched() throws {
        let source = try Scene()
        #expect(try source.execute() == .completed)
        func refusal(_ scene: Scene) throws -> CoordinatorError {
            let error = #expect(throws: CoordinatorError.self) { try scene.session() }
            // Nothing is left in the way of a file that is mended.
            let store = try RunReader(DataDirectory(reading: scene.path))
            #expect(try store.runs(limit: 1).isEmpty)
            return try #require(error)
        }
        let noStep = try refusal(source.searchAgain(("supernet.step", "10")))
        #expect(noStep == .noSuchStep(run: source.path, step: 10, kept: [20, 30]))
        #expect(noStep.description.contains("there are those of 20, 30"))
        for (scene, what) in [
            (try source.searchAgain(("seed", "4")), "seed"),
            (try source.searchAgain(("data.holdOut.validation", "120")), "data.holdOut.validation"),
            (try source.searchAgain(("data.holdOut.sampler", "20")), "data.holdOut.sampler"),
            (
                try source.searchAgain(
                    space: SearchSpace.parse(yaml: TinySpace.yaml(depth: "[1, 3]"), file: "other")), "space"
            ),
        ] {
            guard case .otherSupernet(_, let found, _, _) = try refusal(scene) else {
                Issue.record("\(what)")
                continue
            }
            #expect(found.hasPrefix(what))
        }
        let nowhere = try refusal(source.searchAgain(at: "/nowhere/at/all"))
        #expect(nowhere.description.contains("supernet.run '/nowhere/at/all'"))
        let unknown = try refusal(source.searchAgain(at: "unknown"))
        #expect(unknown.description.contains("there is no such run"))
        // Other data are seen once they are read.
        let other = try source.searchAgain(("data.count", "500"))
        let error = #expect(throws: CoordinatorError.self) { try other.execute() }
        guard case .otherSupernet(_, "data", _, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func aRunWithoutACheckpointAndOneOfSeveral() throws {
        let source = try Scene()
        do { try source.session().store.close() }
        let early = try source.searchAgain()
        var error = #expect(throws: CoordinatorError.self) { try early.session() }
        #expect(error?.description.contains("none of its runs has a checkpoint") == true)
        let id = try source.reader().run.id
        error = #expect(throws: CoordinatorError.self) {
            try source.searchAgain(at: source.path + "/runs/\(id)").session()
        }
        #expect(error?.description.contains("it has no checkpoint; wait for its first") == true)
        #expect(try source.execute() == .completed)
        let byFolder = try source.searchAgain(at: source.path + "/runs/\(id)")
        #expect(try byFolder.execute() == .completed)
        // A search has all that it takes to be searched itself.
        let third = try byFolder.searchAgain()
        #expect(try third.execute() == .completed)
        #expect(try third.csv() == byFolder.csv())
    }

    @Test func itsNetworksAreThere() throws {
        let source = try Scene()
        #expect(try source.execute() == .completed)
        let again = try source.searchAgain()
        let early = #expect(throws: StoreError.self) { try network(again) }
        #expect(early != nil)
        #expect(try again.execute() == .completed)
        try FileManager.default.removeItem(atPath: source.path)
        let supernet = try network(again)
        #expect(supernet.step == 30 && supernet.steps == 0)
        let model = try supernet.extract(supernet.genome("largest"))
        #expect(model.description.measured["validationAccuracy"] != nil)
        #expect(throws: CoordinatorError.noRecipe(run: supernet.run.text)) {
            try GapStudy(supernet, settings: GapSettings(subnets: 2, seeds: 1, extraSteps: 0))
        }
    }

    private func network(_ scene: Scene) throws -> TrainedSupernet {
        try TrainedSupernet(scene.inputs, directory: scene.path, pool: WorkerPool(count: 1), kernels: Kernels())
    }

    @Test func estimatesCountNoTraining() throws {
        let source = try Scene()
        let again = try source.searchAgain()
        let trained = source.inputs.specification, searched = again.inputs.specification, space = source.inputs.space
        func bytes(_ run: RunSpecification) throws -> Int {
            try MemoryEstimate.bytes(run, space, folder: nil, workers: 2)
        }
        #expect(try bytes(searched) < bytes(trained) && bytes(searched) > MemoryEstimate.baseBytes)
        let work = RunWork(again.inputs), training = RunWork(source.inputs)
        #expect(work.step == 0 && work.steps == 0 && work.evaluation == training.evaluation)
        #expect(work.total == work.evaluation * 18 + work.validation && work.validation == training.validation)
        #expect(RunEstimate.diskBytes(searched, space) < RunEstimate.diskBytes(trained, space))
    }
}
