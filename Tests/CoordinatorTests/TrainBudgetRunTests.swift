import Datasets
import Foundation
import Logging
import Runs
import SearchSpaces
import Store
import Supernets
import Synchronization
import Tensors
import TestSupport
import Testing
import Training

@testable import Coordinator

/// Runs with multiply-adds or minutes in place of steps.
@Suite struct TrainBudgetRunTests {
    /// Multiply-adds of one step of a scene, in expectation.
    private static func step() throws -> Double {
        let scene = try Scene()
        return try #require(TrainingWork(scene.inputs.specification, in: scene.inputs.space)).total / 30
    }

    /// A measurement that gives so many steps a minute, and counts how often it is asked.
    private final class Clock: Sendable {
        let asked = Atomic<Int>(0)
        private let pace: Double

        init(stepsPerMinute: Double) throws { pace = try TrainBudgetRunTests.step() * stepsPerMinute / 60 }

        func measure(
            _ inputs: RunInputs, pool: WorkerPool, kernels: Kernels, control: RunControl
        ) -> Double? {
            asked.add(1, ordering: .relaxed)
            return pace
        }
    }

    @Test func aBudgetIsTheStepsThatItComesTo() throws {
        let plain = try Scene()
        let budget = try Scene(extent: "budget: {multiplyAdds: \(try Self.step() * 30.5)}")
        #expect(budget.inputs.specification.steps == 30)
        #expect(budget.inputs.fingerprints == plain.inputs.fingerprints)
        #expect(try plain.execute() == .completed && budget.execute(workers: 1) == .completed)
        #expect(try budget.csv() == plain.csv() && budget.trained() == plain.trained())
        func weights(_ scene: Scene) throws -> [Data] {
            let (store, run) = try scene.reader()
            let folder = store.directory.modelDirectory(run.id)
            return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
                .filter { $0.hasSuffix(".safetensors") }
                .map { try Data(contentsOf: URL(fileURLWithPath: folder + "/" + $0)) }
        }
        #expect(try !weights(budget).isEmpty && weights(budget) == weights(plain))
        // And the other way about: either file goes on with the run of the other.
        let again = try RunSession(plain.inputs, directory: budget.path)
        #expect(again.isContinued)
        try again.store.close()
    }

    @Test func minutesAreMeasuredOnce() throws {
        let plain = try Scene(), scene = try Scene(extent: "budget: {minutes: 2}")
        #expect(scene.inputs.specification.isBudgetOpen)
        let clock = try Clock(stepsPerMinute: 15.2)
        scene.measure = clock.measure
        let outcome = try scene.execute {
            if case .trained(12, _, _) = $0 { scene.control.ask(.stop) }
        }
        #expect(outcome == .stopped(.stop))
        let stored = try scene.reader().run
        #expect(try stored.specification().steps == 30 && stored.specification().budget == .minutes(2))
        #expect(stored.row.summary?.steps == 30 && stored.row.summary?.every == 10)
        // The machine has become faster; the run goes on as it began.
        scene.control = RunControl()
        let faster = try Clock(stepsPerMinute: 400)
        scene.measure = faster.measure
        #expect(try scene.execute(workers: 1) == .completed)
        #expect(clock.asked.load(ordering: .relaxed) == 1 && faster.asked.load(ordering: .relaxed) == 0)
        #expect(try plain.execute() == .completed)
        #expect(try scene.csv() == plain.csv() && scene.trained() == plain.trained())
        // So does whoever opens its network.
        let network = try TrainedSupernet(
            scene.inputs, directory: scene.path, pool: WorkerPool(count: 1), kernels: Kernels())
        #expect(network.steps == 30 && network.step == 30)
    }

    @Test func anotherBudgetIsAnotherRun() throws {
        let scene = try Scene(extent: "budget: {minutes: 2}"), other = try Scene(extent: "budget: {minutes: 3}")
        let clock = try Clock(stepsPerMinute: 15.2)
        scene.control.ask(.stop)
        // Nothing has begun: the file may still change.
        do { try scene.session().store.close() }
        do {
            let session = try RunSession(other.inputs, directory: scene.path)
            #expect(session.isContinued)
            let settled = try session.settled(
                other.inputs, pool: WorkerPool(count: 1), kernels: Kernels(), control: RunControl(),
                measure: clock.measure)
            #expect(settled?.specification.steps == 45)
            try session.store.close()
        }
        let error = #expect(throws: CoordinatorError.self) { try scene.session() }
        #expect(error?.description.contains("which differs in train.budget.minutes; ") == true, "\(error as Any)")
    }

    @Test func whatIsTooLittleIsRefusedAndMayBeMended() throws {
        let scene = try Scene(extent: "budget: {minutes: 1}")
        let slow = try Clock(stepsPerMinute: 0.25)
        scene.measure = slow.measure
        let error = #expect(throws: RunError.self) { try scene.execute() }
        #expect(
            error?.description
                == "train.budget: a budget of 1 minute of training is less than one step, which takes about 4 times as "
                + "much; give more, or lower train.batch")
        let longer = try Scene(extent: "budget: {minutes: 9}")
        let session = try RunSession(longer.inputs, directory: scene.path)
        let settled = try session.settled(
            longer.inputs, pool: WorkerPool(count: 1), kernels: Kernels(), control: RunControl(), measure: slow.measure)
        #expect(settled?.specification.steps == 2)
        try session.store.close()
        #expect(throws: RunError.self) { try Scene(extent: "budget: {multiplyAdds: 1000}") }
    }

    @Test func aStopBeforeTheStepsAreKnownLeavesThemOpen() throws {
        let scene = try Scene(extent: "budget: {minutes: 1}")
        scene.control.ask(.stop)
        #expect(try scene.execute() == .stopped(.stop))
        #expect(try scene.reader().run.specification().isBudgetOpen && scene.reader().run.state == .queued)
    }

    @Test func thisMachineIsMeasured() throws {
        for sampler in ["{kind: multi}", "{kind: shift, rate: 0}"] {
            let scene = try Scene(
                extent: "budget: {minutes: 1}", train: "sampler: \(sampler), optimizer: {warmup: 5}, distillation: {}")
            let pace = try TrainingPace.measure(
                scene.inputs, pool: WorkerPool(count: 2), kernels: Kernels(), control: RunControl())
            #expect(try #require(pace).isFinite && #require(pace) > 0)
        }
    }

    /// What passes execute, on average over steps, is what is told beforehand.
    @Test(arguments: [
        "sampler: {kind: uniform}", "sampler: {kind: sandwich, random: 2}, distillation: {start: 0.5}",
        "sampler: {kind: multi, lean: 1}, distillation: {start: 0.25}", "sampler: {kind: multi, ends: true}",
        "sampler: {kind: multi, draw: bins}",
        "sampler: {kind: multi}", "sampler: {kind: multi, draw: decisions, lean: 2}",
        "sampler: {kind: shift, rate: 0, generator: table}, distillation: {}",
    ])
    func whatIsExecutedIsWhatWasTold(train: String) throws {
        let scene = try Scene(extent: "steps: 2000", train: train)
        let run = scene.inputs.specification, space = scene.inputs.space
        let dataset = try #require(scene.inputs.dataset), settings = try #require(run.train)
        let trainer = try Trainer(
            supernet: space.supernet(), task: LearningTasks.task(run.task(in: space), over: dataset.goal),
            settings: settings, source: dataset.batches(of: settings.batch, seed: 3), seed: 3,
            pool: WorkerPool(count: 1), kernels: Kernels())
        let executed = Double((0..<2000).map { trainer.multiplyAdds(of: trainer.passes(of: $0)) }.reduce(0, +))
        let told = try #require(TrainingWork(run, in: space)).total
        #expect(abs(executed - told) < 0.01 * told, "\(executed) \(told)")
    }

    @Test func theDaemonMeasuresWhenTheRunBegins() throws {
        let scene = try Scene(extent: "budget: {minutes: 2}")
        let clock = try Clock(stepsPerMinute: 15.2)
        var generator = SeededGenerator(1)
        let store = try RunStore(DataDirectory(owning: scene.path))
        let id = try store.createRun(
            scene.inputs.specification, space: scene.inputs.space, time: Timestamp(Date()), using: &generator
        ).id
        #expect(try store.row(id).summary?.steps == 0)
        let scheduler = RunScheduler(
            store: store, settings: .init(workers: 2), kernels: try Kernels(),
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, measure: clock.measure)
        try scheduler.start()
        let deadline = ContinuousClock.now + .seconds(60)
        while try store.row(id).state != .completed, ContinuousClock.now < deadline { usleep(2000) }
        #expect(try store.row(id).state == .completed && store.row(id).summary?.steps == 30)
        #expect(clock.asked.load(ordering: .relaxed) == 1)
        scheduler.drain()
        while !scheduler.isDrained, ContinuousClock.now < deadline { usleep(200) }
        try store.close()
        let plain = try Scene()
        #expect(try plain.execute() == .completed)
        #expect(try scene.csv() == plain.csv() && scene.trained() == plain.trained())
    }
}
