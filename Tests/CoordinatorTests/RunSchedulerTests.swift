import Datasets
import Foundation
import Logging
import Runs
import SearchSpaces
import Store
import Synchronization
import Tensors
import TestSupport
import Testing
import Training

@testable import Coordinator

/// A run is never lost sight of: not for what is asked while it comes to rest, and not for what the system refuses.
@Suite struct RunSchedulerTests {
    /// A store with a scheduler whose runs compute what a test says.
    private final class Stage {
        let path = NSTemporaryDirectory() + "nasd-scheduler-" + UUID().uuidString
        let store: RunStore
        let scheduler: RunScheduler
        private var generator = SeededGenerator(.random(in: 0 ... .max))

        init(
            memoryLimit: Int = .max, concurrentRuns: Int = 1, after end: PreviousEnd = .clean, path: String? = nil,
            start: Bool = true, pulse: Pulse? = nil, compute: @escaping RunScheduler.Compute
        ) throws {
            let folder = path ?? self.path
            store = try RunStore(DataDirectory(owning: folder))
            scheduler = RunScheduler(
                store: store,
                settings: .init(workers: 2, concurrentRuns: concurrentRuns, memoryLimit: memoryLimit),
                kernels: try Kernels(), log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, pulse: pulse,
                compute: compute)
            if start { try scheduler.start(after: end) }
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func submit(_ name: String = "r") throws -> RunID {
            let specification = try RunSpecification.parse(
                yaml: """
                    apiVersion: nasd/v1
                    kind: Run
                    name: \(name)
                    space: tiny
                    data: {format: glyphs, count: 400, testCount: 100, holdOut: {validation: 100}}
                    train: {steps: 30}
                    search: {objectives: [{metric: accuracy}], samples: 100, population: 2, evaluations: 2}
                    """, file: "r.yaml")
            let run = try store.createRun(
                specification, space: Scene.space.get(), time: Timestamp(Date()), using: &generator)
            scheduler.wake()
            return run.id
        }

        /// Waits for something; false after ten seconds.
        func wait(_ condition: () throws -> Bool) rethrows -> Bool {
            let deadline = ContinuousClock.now + .seconds(10)
            while ContinuousClock.now < deadline {
                if try condition() { return true }
                usleep(200)
            }
            return false
        }

        func stop() {
            scheduler.drain()
            _ = wait { scheduler.isDrained }
            try? store.close()
        }
    }

    /// What a user or the daemon does.
    private enum Command: String, CaseIterable {
        case nothing, pause, cancel, limits, hold

        func act(_ scheduler: RunScheduler, _ run: RunID, _ wishes: inout [Command]) throws {
            do {
                switch self {
                case .nothing: return
                case .pause: try scheduler.pause(run)
                case .cancel: try scheduler.cancel(run)
                case .limits: try scheduler.setLimits(run, workers: 1)
                case .hold:
                    scheduler.hold()
                    scheduler.release()
                }
                wishes.append(self)
            } catch StoreError.illegalTransition {
                // Too late, and said so.
            }
        }
    }

    /// The moments between what a coordinator does when it is asked to stop, at which a command can come.
    private enum Moment: Int, CaseIterable {
        /// It computes, and looks whether it is asked.
        case computing
        /// It has seen that it is, and not yet read what.
        case asked
        /// It has read what, and not yet written it.
        case decided
        /// It has written it, and not yet come back.
        case written
    }

    /// Every pair of commands at every pair of moments: afterwards the run rests as was asked last, or computes.
    @Test func everyInterleavingIsSettled() throws {
        final class Script: Sendable {
            let steps = Mutex<[Int: [Command]]>([:])
            let wishes = Mutex<[Command]>([])
            let starts = Atomic<Int>(0)
        }
        let script = Script()
        let stage = try Stage { scheduler, run, live, _ in
            let id = run.id
            func at(_ moment: Moment) throws {
                for command in script.steps.withLock({ $0[moment.rawValue] }) ?? [] {
                    try script.wishes.withLock { try command.act(scheduler, id, &$0) }
                }
                script.steps.withLock { _ = $0.removeValue(forKey: moment.rawValue) }
            }
            script.starts.add(1, ordering: .relaxed)
            let store = scheduler.store
            func change(_ state: RunState, _ event: EventType) throws {
                guard try store.row(id).state != state else { return }
                try store.transition(run: id, to: state, event: EventDraft(event), time: Timestamp(Date()))
            }
            if try store.row(id).state == .queued { try change(.preparing, .runStarted) }
            if try store.row(id).state == .preparing { try change(.training, .runProgress) }
            try at(.computing)
            while !live.control.isAsked { usleep(100) }
            try at(.asked)
            let request = live.control.decide()
            try at(.decided)
            switch request {
            case .pause: try change(.paused, .runPaused)
            case .cancel: try change(.cancelled, .runCancelled)
            case .stop, .none: break
            }
            try at(.written)
            return .stopped(request)
        }
        defer { stage.stop() }
        var count = 0
        for first in Command.allCases where first != .nothing {
            for second in Command.allCases {
                for third in Command.allCases where second != .nothing || third == .nothing {
                    for moments in Self.orders(second == .nothing ? 1 : third == .nothing ? 2 : 3) {
                        count += 1
                        var steps: [Int: [Command]] = [:]
                        for (moment, command) in zip(moments, [first, second, third]) {
                            steps[moment, default: []].append(command)
                        }
                        // Without a first one at the beginning nothing is ever seen to be asked.
                        guard steps[Moment.computing.rawValue] != nil else { continue }
                        script.wishes.withLock { $0 = [] }
                        script.steps.withLock { $0 = steps }
                        let before = script.starts.load(ordering: .relaxed)
                        let run = try stage.submit()
                        #expect(stage.wait { script.steps.withLock { $0.isEmpty } })
                        let wishes = script.wishes.withLock { $0 }
                        let told = "\(first) \(second) \(third) at \(moments): accepted \(wishes)"
                        let isSettled = try stage.wait {
                            let state = try stage.store.row(run).state
                            if wishes.contains(.cancel) { return state == .cancelled }
                            if wishes.contains(.pause) { return state == .paused }
                            // It goes on: it was started once more.
                            return script.starts.load(ordering: .relaxed) >= before + 2
                        }
                        let state = try stage.store.row(run).state
                        #expect(isSettled, "\(told): \(state)")
                        if state != .cancelled { try? stage.scheduler.cancel(run) }
                        let isOver = try stage.wait {
                            try stage.store.row(run).state == .cancelled && stage.scheduler.progress.isEmpty
                        }
                        #expect(isOver, "\(told), and cancelled in the end")
                    }
                }
            }
        }
        #expect(count > 300)
    }

    /// All ways to place so many commands at moments, in their order.
    private static func orders(_ count: Int) -> [[Int]] {
        guard count > 0 else { return [[]] }
        return orders(count - 1).flatMap { head in
            ((head.last ?? 0)..<Moment.allCases.count).map { head + [$0] }
        }
    }

    // MARK: The system refuses

    /// A fault of the store is waited out, and the run goes on by itself.
    @Test func anOutageIsWaitedOut() throws {
        let attempts = Atomic<Int>(0)
        let stage = try Stage { scheduler, run, _, _ in
            if try scheduler.store.row(run.id).state == .queued {
                try scheduler.store.transition(
                    run: run.id, to: .preparing, event: EventDraft(.runStarted), time: Timestamp(Date()))
            }
            guard attempts.add(1, ordering: .relaxed).newValue >= 3 else {
                throw StoreError.database(doing: "adding candidates", path: "x", code: 10, message: "disk I/O error")
            }
            try scheduler.store.transition(
                run: run.id, to: .cancelled, event: EventDraft(.runCancelled), time: Timestamp(Date()))
            return .stopped(.cancel)
        }
        defer { stage.stop() }
        let run = try stage.submit()
        #expect(stage.wait { stage.scheduler.troubleTexts.first?.contains("disk I/O error") ?? false })
        #expect(try stage.wait { try stage.store.row(run).state == .cancelled })
        #expect(stage.wait { stage.scheduler.troubleTexts.isEmpty })
        #expect(attempts.load(ordering: .relaxed) == 3)
    }

    /// A queued run that cannot be read keeps no other from its turn, is tried a few times, and fails.
    @Test func aQueuedRunThatCannotBeReadKeepsNobodyWaiting() throws {
        let attempts = Atomic<Int>(0)
        let stage = try Stage { scheduler, run, _, _ in
            if run.name == "bad" {
                attempts.add(1, ordering: .relaxed)
                throw DatasetError.unreadable(file: "x", reason: "Input/output error")
            }
            try scheduler.store.transition(
                run: run.id, to: .cancelled, event: EventDraft(.runCancelled), time: Timestamp(Date()))
            return .stopped(.cancel)
        }
        defer { stage.stop() }
        let bad = try stage.submit("bad"), good = try stage.submit("good")
        #expect(try stage.wait { try stage.store.row(good).state == .cancelled })
        #expect(try stage.store.row(bad).state == .queued && attempts.load(ordering: .relaxed) < 9)
        #expect(stage.scheduler.troubleTexts.count == 1)
        try stage.scheduler.cancel(bad)
        #expect(stage.scheduler.troubleTexts.isEmpty)
    }

    /// A wish that was accepted and not acted upon when the process ended is acted upon by the next.
    @Test func aCancellationOfAPausedRunIsNotForgotten() throws {
        let scene = try Scene()
        defer { try? FileManager.default.removeItem(atPath: scene.path) }
        let run = try prepared(scene)
        do {
            let store = try RunStore(DataDirectory(owning: scene.path))
            try store.setDesired(run, .cancelled, time: Timestamp(Date()))
            try store.transition(run: run, to: .paused, event: EventDraft(.runPaused), time: Timestamp(Date()))
            try store.close()
        }
        let stage = try Stage(path: scene.path) { _, _, _, _ in .completed }
        #expect(try stage.store.row(run).state == .cancelled)
        stage.stop()
    }

    /// What waits for its next attempt can be cancelled, and is not forgotten.
    @Test func whatWaitsIsCancelledAtOnce() throws {
        let stage = try Stage { scheduler, run, _, _ in
            if try scheduler.store.row(run.id).state == .queued {
                try scheduler.store.transition(
                    run: run.id, to: .preparing, event: EventDraft(.runStarted), time: Timestamp(Date()))
            }
            throw StoreError.notAccessible(path: "x", reason: "read: Input/output error")
        }
        defer { stage.stop() }
        let run = try stage.submit()
        #expect(stage.wait { !stage.scheduler.troubleTexts.isEmpty && stage.scheduler.progress.isEmpty })
        try stage.scheduler.cancel(run)
        #expect(try stage.wait { try stage.store.row(run).state == .cancelled })
        #expect(stage.scheduler.troubleTexts.isEmpty)
    }

    @Test func whatIsWrongFailsAtOnce() throws {
        let stage = try Stage { _, _, _, _ in throw CoordinatorError.otherData(run: "r") }
        defer { stage.stop() }
        let run = try stage.submit()
        #expect(try stage.wait { try stage.store.row(run).state == .failed })
        #expect(try stage.store.row(run).failure?.contains("the data is not") == true)
        #expect(try stage.store.events(run).last?.content.type == .runFailed)
    }

    @Test func whatIsTransient() {
        #expect(TransientFault.isOne(TensorFileError.unreadable(file: "f", reason: "EIO")))
        #expect(!TransientFault.isOne(TensorFileError.damaged(file: "f", reason: "torn")))
        #expect(TransientFault.isOutage(StoreError.full(path: "p")))
        #expect(TransientFault.isOne(StoreError.corrupt(path: "p", detail: "d")))
        #expect(!TransientFault.isOutage(StoreError.corrupt(path: "p", detail: "d")))
        #expect(!TransientFault.isOne(CoordinatorError.otherData(run: "r")))
    }

    // MARK: Crash loops

    /// Three ends by a fault of the process's own without getting further, or ten of any kind, end a run before it computes.
    @Test func whatKeepsEndingTheProcessFails() throws {
        let scene = try Scene()
        defer { try? FileManager.default.removeItem(atPath: scene.path) }
        let run = try prepared(scene)
        let computed = Atomic<Int>(0)
        func start(_ end: PreviousEnd) throws -> RunRow {
            let stage = try Stage(after: end, path: scene.path) { _, _, live, _ in
                computed.add(1, ordering: .relaxed)
                while !live.control.isAsked { usleep(100) }
                return .stopped(live.control.decide())
            }
            let before = computed.load(ordering: .relaxed)
            _ = try stage.wait {
                try !stage.store.row(run).state.isLive || computed.load(ordering: .relaxed) > before
            }
            let row = try stage.store.row(run)
            stage.stop()
            return row
        }
        let fault = PreviousEnd.unclean(faults: [run.text: "SIGSEGV at step 0"])
        for _ in 0..<2 { #expect(try start(fault).state == .preparing) }
        let computedBefore = computed.load(ordering: .relaxed)
        let failed = try start(fault)
        #expect(failed.state == .failed && failed.failure?.contains("SIGSEGV at step 0") == true)
        #expect(computed.load(ordering: .relaxed) == computedBefore, "nothing was computed")
        // A resumption counts anew; kills are no faults of the process's own, and a clean stop ends the row.
        do {
            let stage = try Stage(path: scene.path) { _, _, live, _ in
                while !live.control.isAsked { usleep(100) }
                return .stopped(live.control.decide())
            }
            try stage.scheduler.resume(run)
            #expect(try stage.store.row(run).state == .queued)
            stage.stop()
        }
        try prepare(run, scene)
        for _ in 0..<9 { #expect(try start(.unclean(faults: [:])).state == .preparing) }
        #expect(try start(.clean).state == .preparing)
        for _ in 0..<9 { #expect(try start(.unclean(faults: [:])).state == .preparing) }
        #expect(try start(.unclean(faults: [:])).failure?.contains("ended 10 times in a row") == true)
    }

    /// A run that was being prepared when its process ended.
    private func prepared(_ scene: Scene) throws -> RunID {
        let run: RunID
        do {
            let session = try scene.session()
            run = session.run.id
            try session.store.close()
        }
        try prepare(run, scene)
        return run
    }

    private func prepare(_ run: RunID, _ scene: Scene) throws {
        let store = try RunStore(DataDirectory(owning: scene.path))
        try store.transition(run: run, to: .preparing, event: EventDraft(.runStarted), time: Timestamp(Date()))
        try store.close()
    }

    @Test func faultNotesAreRead() throws {
        try withDirectory { path in
            try Files.write(
                Array(
                    "SIGSEGV abcdefghijkl 17\nSIGILL - -\ngarbage\nSIGBUS toolongforanid 3\nSIGABRT zzzzzzzzzzzz 0\n"
                        .utf8),
                path + "/faults")
            #expect(
                FaultNotes(directory: path).read() == [
                    "abcdefghijkl": "SIGSEGV at step 17", "zzzzzzzzzzzz": "SIGABRT at step 0",
                ])
            #expect(FaultNotes(directory: path + "/none").read().isEmpty)
        }
    }

    // MARK: Life signs

    /// Slots show that they live while they wait and while they compute; a coordinator that stalls silences all of them.
    @Test func aStalledCoordinatorShowsNoLife() throws {
        let period = Duration.milliseconds(400)
        let signs = Atomic<Int>(0), isStalled = Atomic<Bool>(false), isComputing = Atomic<Bool>(false)
        let stage = try Stage(
            concurrentRuns: 2, pulse: Pulse(period: period) { signs.add(1, ordering: .relaxed) }
        ) { _, _, live, _ in
            isComputing.store(true, ordering: .relaxed)
            while !live.control.isAsked {
                repeat { usleep(1000) } while isStalled.load(ordering: .relaxed)
            }
            return .stopped(live.control.decide())
        }
        defer { stage.stop() }
        func count() -> Int { signs.load(ordering: .relaxed) }
        func isHeard() -> Bool {
            let before = count()
            return stage.wait { count() > before + 2 }
        }
        #expect(isHeard())
        _ = try stage.submit()
        #expect(stage.wait { isComputing.load(ordering: .relaxed) } && isHeard())
        isStalled.store(true, ordering: .relaxed)
        usleep(400_000)
        let silent = count()
        usleep(800_000)
        #expect(count() == silent)
        isStalled.store(false, ordering: .relaxed)
        #expect(isHeard())
    }

    // MARK: Memory

    @Test func memoryIsSpokenForOnce() {
        let base = MemoryEstimate.baseBytes
        var ledger = MemoryLedger(limit: base + 100)
        let first = ledger.take(base + 60)
        #expect(first != nil && ledger.take(base + 41) == nil && ledger.free == 40)
        let second = ledger.take(base + 40)
        #expect(second != nil && ledger.take(base + 1) == nil)
        if let first { ledger.release(first) }
        #expect(ledger.take(base + 61) == nil && ledger.take(base + 60) != nil && ledger.take(.max) == nil)
    }

    /// Two runs that fit one by one and not together are computed one after the other.
    @Test func runsWaitForMemory() throws {
        let needed: Int
        do {
            let stage = try Stage(concurrentRuns: 2, start: false) { _, _, _, _ in .completed }
            needed = try stage.scheduler.permittedBytes(of: stage.store.run(stage.submit()))
        }
        let limit = MemoryEstimate.baseBytes + (needed - MemoryEstimate.baseBytes) * 3 / 2
        let active = Atomic<Int>(0), most = Atomic<Int>(0), total = Atomic<Int>(0)
        let stage = try Stage(memoryLimit: limit, concurrentRuns: 2) { scheduler, run, _, _ in
            let now = active.add(1, ordering: .relaxed).newValue
            if now > most.load(ordering: .relaxed) { most.store(now, ordering: .relaxed) }
            usleep(20_000)
            total.add(1, ordering: .relaxed)
            active.subtract(1, ordering: .relaxed)
            try scheduler.store.transition(
                run: run.id, to: .cancelled, event: EventDraft(.runCancelled), time: Timestamp(Date()))
            return .stopped(.cancel)
        }
        defer { stage.stop() }
        let runs = try (0..<4).map { try stage.submit("r\($0)") }
        #expect(try stage.wait { try runs.allSatisfy { try stage.store.row($0).state == .cancelled } })
        #expect(most.load(ordering: .relaxed) == 1 && total.load(ordering: .relaxed) == 4)
    }

    @Test func whatNeverFitsFails() throws {
        let stage = try Stage(memoryLimit: 1 << 20) { _, _, _, _ in .completed }
        defer { stage.stop() }
        let run = try stage.submit()
        #expect(try stage.wait { try stage.store.row(run).state == .failed })
        #expect(try stage.store.row(run).failure?.contains("memoryLimit") == true)
    }

    // MARK: Control

    @Test func aRequestIsReadOnce() {
        let control = RunControl()
        #expect(!control.isAsked && control.ask(.stop) && control.isAsked)
        #expect(control.ask(.cancel) && control.ask(.pause))
        #expect(control.decide() == .cancel && !control.ask(.cancel) && control.decide() == .cancel)
        let fresh = RunControl()
        #expect(fresh.decide() == .none && !fresh.ask(.stop))
    }
}
