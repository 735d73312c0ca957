internal import CSystemCalls
internal import Foundation
public import Logging
public import SearchSpaces
public import Store
public import Tensors
internal import Training

/// Computes the runs of a store: interrupted ones first, then the queue by priority and age.
///
/// As many runs compute at a time as there are slots, each on threads of its own. What a user asks for is written to the
/// store before it is acted upon, so that a kill forgets nothing.
///
/// - Invariant (unchecked Sendable): every variable is read and written only while `condition` is locked.
public final class RunScheduler: @unchecked Sendable {
    /// How many runs and threads.
    public struct Settings: Sendable {
        /// Worker threads of all runs together.
        public var workers: Int
        /// Runs that compute at a time, which divide the workers.
        public var concurrentRuns: Int
        /// Where data may come from.
        public var roots: DataRoots

        /// Creates settings.
        public init(workers: Int, concurrentRuns: Int = 1, roots: DataRoots = DataRoots([])) {
            self.workers = workers
            self.concurrentRuns = concurrentRuns
            self.roots = roots
        }
    }

    let store: RunStore
    let settings: Settings
    let condition = NSCondition()
    var running: [RunID: LiveRun] = [:]
    /// Runs that go on before anything of the queue.
    var waiting: [RunID] = []
    /// Runs whose stop is only for new limits to take effect.
    var restarting: Set<RunID> = []
    var allowedNumericsChange: Set<RunID> = []
    private var recovering: Set<RunID> = []
    private var isDraining = false
    private var isHeld = false
    private var slots = 0
    let kernels: Kernels
    /// Held while a network is cut out for somebody who asked.
    let deployment = NSLock()
    /// Ends the measurement of that network.
    let deploymentControl = RunControl()
    private let log: Logger

    /// Creates a scheduler that computes nothing yet.
    public init(store: RunStore, settings: Settings, kernels: Kernels, log: Logger) {
        self.store = store
        self.settings = settings
        self.kernels = kernels
        self.log = log
    }

    /// Where data may come from.
    public var roots: DataRoots { settings.roots }

    /// Worker threads that a run gets: what it asks for, within its share of all.
    public func workers(for specification: RunSpecification) -> Int {
        let share = max(1, settings.workers / settings.concurrentRuns)
        return switch specification.workers {
        case .auto: share
        case .count(let count): min(count, share)
        }
    }

    // MARK: Life

    /// Starts the slots; interrupted runs go on at once.
    public func start() throws {
        let interrupted = try store.interrupted().map(\.id)
        condition.withLock {
            waiting = interrupted
            recovering = Set(interrupted.prefix(settings.concurrentRuns))
            slots = settings.concurrentRuns
        }
        for number in 1...settings.concurrentRuns {
            let thread = Thread { [self] in
                while let (id, live) = next() { work(id, live) }
                condition.withLock {
                    slots -= 1
                    condition.broadcast()
                }
            }
            thread.name = "nasd run \(number)"
            thread.stackSize = 8 << 20
            thread.start()
        }
    }

    /// Whether every run that was interrupted and has a slot goes on, or has ended, or waits for room on the disk.
    public var isRecovered: Bool { condition.withLock { recovering.isEmpty || isHeld } }

    /// Asks every run to stop with a checkpoint; nothing new starts.
    public func drain() {
        condition.withLock {
            isDraining = true
            deploymentControl.request = .stop
            for live in running.values where live.control.request == .none { live.control.request = .stop }
            condition.broadcast()
        }
    }

    /// Whether all slots have come to rest after ``drain()``.
    public var isDrained: Bool { condition.withLock { slots == 0 } }

    /// Stops computing with checkpoints and starts nothing until ``release()``, as while the disk is full.
    public func hold() {
        condition.withLock {
            guard !isHeld else { return }
            isHeld = true
            for (id, live) in running where live.control.request == .none {
                restarting.insert(id)
                live.control.request = .stop
            }
        }
    }

    /// Goes on after ``hold()``.
    public func release() {
        condition.withLock {
            isHeld = false
            condition.broadcast()
        }
    }

    /// How far every computing run is.
    public var progress: [RunID: LiveProgress] {
        condition.withLock { running }.mapValues(\.progress)
    }

    /// Looks at the queue again.
    public func wake() { condition.withLock { condition.broadcast() } }

    // MARK: A slot

    /// Waits for a run and takes it; nil when there is nothing more to do.
    private func next() -> (RunID, LiveRun)? {
        condition.lock()
        defer { condition.unlock() }
        while !isDraining {
            if !isHeld, let id = candidate() {
                let live = LiveRun()
                running[id] = live
                return (id, live)
            }
            condition.wait()
        }
        return nil
    }

    private func candidate() -> RunID? {
        if !waiting.isEmpty { return waiting.removeFirst() }
        do {
            return try store.queue(limit: running.count + 1).first { running[$0.id] == nil }?.id
        } catch {
            log.error("the queue cannot be read", metadata: ["reason": "\(error)"])
            return nil
        }
    }

    private func work(_ id: RunID, _ live: LiveRun) {
        var log = log
        log[metadataKey: "run"] = "\(id)"
        do {
            let outcome = try execute(id, live, log)
            log.info("run is at rest", metadata: ["outcome": "\(outcome)"])
        } catch StoreError.full(let path) {
            // A condition and not the run's end: it goes on once there is room.
            log.error("no space is left; the run waits", metadata: ["path": "\(path)"])
            condition.withLock { _ = restarting.insert(id) }
            hold()
        } catch {
            log.error("run failed", metadata: ["reason": "\(error)"])
            fail(id, reason: "\(error)", log)
        }
        condition.withLock {
            running[id] = nil
            recovering.remove(id)
            if restarting.remove(id) != nil, !isDraining { waiting.insert(id, at: 0) }
            condition.broadcast()
        }
        // A daemon that rests, or begins a small run after a large one, gives back what the last run had.
        nasd_release_free_memory()
    }

    private func execute(_ id: RunID, _ live: LiveRun, _ log: Logger) throws -> RunOutcome {
        let run = try store.run(id)
        switch run.desired {
        case .running: break
        case .paused: live.control.request = .pause
        case .cancelled: live.control.request = .cancel
        }
        let inputs = try settings.roots.inputs(of: run)
        let workers = workers(for: inputs.specification)
        live.begin(inputs, workers: workers)
        let allowsNumericsChange = condition.withLock { allowedNumericsChange.remove(id) != nil }
        let coordinator = try RunCoordinator(
            store: store, run: id, inputs: inputs, pool: WorkerPool(count: workers), kernels: kernels,
            control: live.control, log: log
        ) { [self] progress in
            live.take(progress)
            if case .recovered = progress {
                condition.withLock {
                    recovering.remove(id)
                    condition.broadcast()
                }
            }
        }
        return try coordinator.execute(allowsNumericsChange: allowsNumericsChange)
    }

    /// Ends a run that cannot start or go on, with the reason; it can be resumed once that is mended.
    private func fail(_ id: RunID, reason: String, _ log: Logger) {
        do {
            if try store.run(id).state.isLive {
                try store.transition(
                    run: id, to: .failed,
                    event: EventDraft(.runFailed, data: EventData.object(["reason": .text(reason)])),
                    time: Timestamp(Date()), failure: reason)
            }
        } catch {
            log.error("the failure could not be noted", metadata: ["reason": "\(error)"])
        }
    }
}
