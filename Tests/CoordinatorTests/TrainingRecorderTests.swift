import Foundation
import Store
import Tensors
import TestSupport
import Testing
import Training

@testable import Coordinator

/// The record of training: what is kept, when it is written, and that it is the same after whatever happened.
@Suite struct TrainingRecorderTests {
    @Test func everyNthStepIsRecorded() throws {
        let scene = try Scene(train: "recordEvery: 7, optimizer: {rate: 0.01, warmup: 10}")
        var told: [Int: Double] = [:]
        #expect(try scene.execute { if case .trained(let step, _, let loss) = $0 { told[step] = loss } } == .completed)
        let (store, run) = try scene.reader()
        let records = try store.trainingRecords(run.id)
        #expect(records.map(\.step) == [7, 14, 21, 28])
        #expect(records.allSatisfy { $0.loss == told[$0.step] })
        #expect(records[0].learningRate == 0.01 * 7 / 10 && records[1].learningRate > records[2].learningRate)
        #expect(records.allSatisfy { $0.stepsPerSecond > 0 })
        #expect(zip(records, records.dropFirst()).allSatisfy { $0.elapsedSeconds < $1.elapsedSeconds })
        let reported = scene.progress.compactMap { if case .recorded(let record) = $0 { record } else { nil } }
        #expect(reported == records)
    }

    /// Records go down with commits that are made anyway, however many there are.
    @Test func recordsBringNoCommitOfTheirOwn() throws {
        let commits = try [1, 3, 1000].map { every in
            let scene = try Scene(train: "recordEvery: \(every)")
            let session = try scene.session()
            defer { try? session.store.close() }
            let outcome = try session.execute(
                scene.inputs, pool: WorkerPool(count: 2), kernels: Kernels(), control: scene.control
            ) { _ in }
            #expect(outcome == .completed)
            #expect(try session.store.trainingRecords(session.run.id).count == 30 / every)
            return session.store.writeCount
        }
        #expect(Set(commits).count == 1, "\(commits)")
    }

    /// How much is recorded may be changed while a run is under way, and changes no result.
    @Test func recordsMayBecomeDenser() throws {
        let whole = try Scene()
        #expect(try whole.execute() == .completed)
        let sparse = try Scene(train: "recordEvery: 5"), control = sparse.control
        #expect(try sparse.execute { if case .trained(12, _, _) = $0 { control.ask(.stop) } } == .stopped(.stop))
        let session = try RunSession(whole.inputs, directory: sparse.path)
        #expect(session.isContinued)
        #expect(
            try session.execute(
                whole.inputs, pool: WorkerPool(count: 1), kernels: Kernels(), control: RunControl()
            ) { _ in } == .completed)
        try session.store.close()
        #expect(try sparse.csv() == whole.csv())
        let trained = try sparse.trained()
        #expect(trained.map { $0[0] } == [5, 10] + (13...30).map { Double($0) })
        let expected = try whole.trained()
        #expect(trained.allSatisfy(expected.contains))
    }

    /// Records that are lost, as from a file that was mended by hand, are made again like whatever a checkpoint counts on.
    @Test func lostRecordsAreMadeAgain() throws {
        let whole = try Scene()
        #expect(try whole.execute() == .completed)
        let scene = try Scene(), control = scene.control
        #expect(try scene.execute { if case .trained(23, _, _) = $0 { control.ask(.stop) } } == .stopped(.stop))
        do {
            let session = try scene.session()
            try session.store.forgetTraining(session.run.id, afterStep: 20)
            try session.store.close()
        }
        scene.control = RunControl()
        scene.progress = []
        #expect(try scene.execute() == .completed)
        let notices = scene.progress.compactMap { if case .notice(let text) = $0 { text } else { nil } }
        #expect(notices.contains { $0.contains("computed again") }, "\(notices)")
        #expect(try scene.trained() == whole.trained() && scene.csv() == whole.csv())
    }

    /// Killed after training went back and was recorded anew, and before the next checkpoint: what was recorded then does not
    /// contradict the steps that first come to the rollback again; nor where no checkpoint is left at all.
    @Test(arguments: [true, false]) func aRollbackThatNoCheckpointKnows(hasCheckpoints: Bool) throws {
        let train = "optimizer: {name: sgd, rate: 60, momentum: 0.9, weightDecay: 0, schedule: constant}"
        let whole = try Scene(train: train)
        let end = try whole.execute()
        let scene = try Scene(train: train), control = scene.control
        var goal: Int?
        var kept: String?
        _ = try scene.execute { progress in
            switch progress {
            case .recovered(let step): goal = goal ?? (scene.hasTrained ? step + 10 : nil)
            case .trained(let step, _, _):
                // The first step after the rollback: its checkpoints are those that a kill would leave.
                if let goal, step == goal - 9, kept == nil { kept = try? scene.copyCheckpoints() }
                // Before the milestone's own round, and after its records were written.
                if let goal, kept != nil, step > goal { control.ask(.stop) }
            case .searched: if let goal, kept != nil, scene.lastStep == goal { control.ask(.stop) }
            default: break
            }
        }
        let milestone = try #require(goal), checkpoints = try #require(kept)
        #expect(try scene.trained().contains { $0[0] > Double(milestone - 10) && $0[2] < 60 })
        try scene.replaceCheckpoints(with: checkpoints)
        if !hasCheckpoints { try scene.removeCheckpoints() }
        // Stopped after the step that was recorded otherwise, with a checkpoint off the milestones.
        scene.control = RunControl()
        let second = scene.control
        #expect(
            try scene.execute { if case .trained(milestone - 9, _, _) = $0 { second.ask(.stop) } } == .stopped(.stop))
        scene.control = RunControl()
        #expect(try scene.execute() == end)
        #expect(try scene.trained() == whole.trained() && scene.csv() == whole.csv())
    }

    @Test func recordsAreGatheredInBounds() {
        var recorder = TrainingRecorder(every: 2, elapsedSeconds: 100)
        let result = StepResult(losses: [1, 3], gradientNorm: nil, learningRate: 0.5)
        for step in 1...2 * TrainingRecorder.most {
            #expect(!recorder.isFull)
            let record = recorder.note(result, step: step, from: .now)
            #expect((record == nil) == (step % 2 == 1))
        }
        #expect(recorder.isFull && recorder.unwritten.count == TrainingRecorder.most)
        #expect(recorder.unwritten.allSatisfy { $0.loss == 2 && $0.learningRate == 0.5 && $0.elapsedSeconds >= 100 })
        recorder.clear()
        #expect(!recorder.isFull && recorder.unwritten.isEmpty)
    }
}

extension Scene {
    /// The last step that was told.
    fileprivate var lastStep: Int? {
        progress.lazy.reversed().compactMap { if case .trained(let step, _, _) = $0 { step } else { nil } }.first
    }

    fileprivate var hasTrained: Bool { lastStep != nil }

    private var checkpointFolder: String {
        get throws { path + "/runs/\(try reader().run.id)/checkpoints" }
    }

    /// A copy of the checkpoints as they are.
    fileprivate func copyCheckpoints() throws -> String {
        let copy = path + "/checkpoints-then"
        try FileManager.default.copyItem(atPath: checkpointFolder, toPath: copy)
        return copy
    }

    fileprivate func removeCheckpoints() throws {
        let folder = try checkpointFolder
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) { unlink("\(folder)/\(name)") }
    }

    fileprivate func replaceCheckpoints(with copy: String) throws {
        let folder = try checkpointFolder
        try FileManager.default.removeItem(atPath: folder)
        try FileManager.default.moveItem(atPath: copy, toPath: folder)
    }
}
