internal import CSystemCalls
internal import Foundation
public import Logging
public import Runs
internal import SearchSpaces
public import Store
public import Tensors
internal import Training

/// Computes the runs of a store: interrupted ones first, then the queue by priority and age.
///
/// As many runs compute at a time as there are slots and memory, each on threads of its own. What a user asks for is
/// written to the store before it is acted upon, so that a kill forgets nothing. A run that a slot has come to rest with is
/// settled in one place, by what the store says of it then: it has ended, or what a user wants of it is done, or it waits
/// for its next turn. So none is lost sight of, whatever was asked while it came to rest.
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
        /// Bytes that all runs together may take by their estimates, and networks that are cut out beside them.
        public var memoryLimit: Int
        /// Programs that measure for runs which name them.
        public var commands: [WorkerCommand]
        /// The workers that have connected, for commands whose workers do.
        public var connections: WorkerConnections?

        /// Creates settings.
        public init(
            workers: Int, concurrentRuns: Int = 1, roots: DataRoots = DataRoots([]), memoryLimit: Int = .max,
            commands: [WorkerCommand] = [], connections: WorkerConnections? = nil
        ) {
            self.workers = workers
            self.concurrentRuns = concurrentRuns
            self.roots = roots
            self.memoryLimit = memoryLimit
            self.commands = commands
            self.connections = connections
        }
    }

    /// A run that goes on before anything of the queue.
    struct Turn {
        let run: RunID
        /// Not before this moment; nil for at once.
        let earliest: ContinuousClock.Instant?
    }

    /// Computes a run that a slot has, until it has ended or is asked to stop.
    typealias Compute = (RunScheduler, StoredRun, LiveRun, Logger) throws -> RunOutcome

    let store: RunStore
    let settings: Settings
    /// Worker threads of all runs together.
    public var workerCount: Int { settings.workers }
    let condition = NSCondition()
    var running: [RunID: LiveRun] = [:]
    var waiting: [Turn] = []
    var allowedNumericsChange: Set<RunID> = []
    /// Faults of the system in a row, since a run last got anything done.
    struct Trouble {
        var count = 0
        var reason: String
        /// Whether the run goes on again.
        var isOver = false
    }

    var troubles: [RunID: Trouble] = [:]
    /// Runs whose rest can never be noted, since the store refuses it: left to the next start.
    var stuck: Set<RunID> = []
    var memory: MemoryLedger
    var recovering: Set<RunID> = []
    private var hasStarted = false
    var isDraining = false
    private var isHeld = false
    private var slots = 0
    let kernels: Kernels
    /// Held while a network is cut out for somebody who asked.
    let deployment = NSLock()
    /// Ends the measurement of that network.
    let deploymentControl = RunControl()
    let log: Logger
    private let pulse: Pulse?
    private let compute: Compute
    private let measure: TrainingPace.Measure

    /// Creates a scheduler that computes nothing yet.
    ///
    /// - Parameters:
    ///   - pulse: What its slots show their life by.
    ///   - measure: What minutes of training are turned into steps by.
    public convenience init(
        store: RunStore, settings: Settings, kernels: Kernels, log: Logger, pulse: Pulse? = nil,
        measure: @escaping TrainingPace.Measure = TrainingPace.measure
    ) {
        self.init(store: store, settings: settings, kernels: kernels, log: log, pulse: pulse, measure: measure) {
            try $0.execute($1, $2, $3)
        }
    }

    init(
        store: RunStore, settings: Settings, kernels: Kernels, log: Logger, pulse: Pulse? = nil,
        measure: @escaping TrainingPace.Measure = TrainingPace.measure, compute: @escaping Compute
    ) {
        self.store = store
        self.settings = settings
        self.kernels = kernels
        self.log = log
        self.pulse = pulse
        self.compute = compute
        self.measure = measure
        memory = MemoryLedger(limit: settings.memoryLimit)
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

    /// Starts the slots; interrupted runs go on at once, but for those that end the process whenever they do.
    public func start(after end: PreviousEnd = .clean) throws {
        let interrupted = try takeUp(after: end)
        condition.withLock {
            waiting = interrupted.map { Turn(run: $0, earliest: nil) }
            recovering = Set(interrupted.prefix(settings.concurrentRuns))
            slots = settings.concurrentRuns
            hasStarted = true
        }
        for number in 1...settings.concurrentRuns { pulse?.enter(number) }
        for number in 1...settings.concurrentRuns {
            do throws(ThreadError) {
                try SystemThread.start("nasd run \(number)") { [self] in
                    while let (id, live) = next(number) { work(id, live) }
                    leaveSlot(number)
                }
            } catch {
                for other in number...settings.concurrentRuns { leaveSlot(other) }
                throw error
            }
        }
    }

    private func leaveSlot(_ number: Int) {
        pulse?.leave(number)
        condition.withLock {
            slots -= 1
            condition.broadcast()
        }
    }

    /// Whether every run that was interrupted and has a slot goes on, or has ended, or waits for room on the disk.
    public var isRecovered: Bool { condition.withLock { hasStarted && (recovering.isEmpty || isHeld) } }

    /// What keeps runs from going on that the system does not give, in a sentence each.
    public var troubleTexts: [String] {
        condition.withLock {
            troubles.filter { !$0.value.isOver }.map { run, trouble in
                "run \(run) \(stuck.contains(run) ? "is left to the next start" : "tries again"): \(trouble.reason)"
            }.sorted()
        }
    }

    /// Asks every run to stop with a checkpoint; nothing new starts.
    public func drain() {
        condition.withLock {
            isDraining = true
            deploymentControl.ask(.stop)
            for live in running.values { live.control.ask(.stop) }
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
            for live in running.values { live.control.ask(.stop) }
            condition.broadcast()
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
        condition.withLock { running.mapValues(\.progress) }
    }

    /// Records of a computing run's training, in order, among them all that are not written yet.
    public func trainingRecords(of run: RunID) -> [TrainingRecord] {
        condition.withLock { running[run] }?.records ?? []
    }

    /// Looks at the queue again.
    public func wake() { condition.withLock { condition.broadcast() } }

    // MARK: A slot

    /// Waits for a run and takes it; nil when there is nothing more to do.
    private func next(_ slot: Int) -> (RunID, LiveRun)? {
        condition.lock()
        defer { condition.unlock() }
        while !isDraining {
            if !isHeld, let id = candidate() {
                let live = LiveRun(id, slot: slot, beat: beat(of: slot))
                running[id] = live
                return (id, live)
            }
            pause(until: isHeld ? nil : waiting.compactMap(\.earliest).min(), slot: slot)
        }
        return nil
    }

    /// Waits, with the condition locked, until something has changed or a moment has come.
    ///
    /// For a second at most where there is one: the condition goes by a clock that may be set. A slot that is watched comes round
    /// more often, and shows that it lives.
    func pause(until moment: ContinuousClock.Instant?, slot: Int) {
        pulse?.beat(slot)
        guard moment != nil || pulse != nil else { return condition.wait() }
        let left = moment.map { max(0.001, ($0 - .now) / .seconds(1)) } ?? 1
        _ = condition.wait(until: Date(timeIntervalSinceNow: min(left, pulse?.waitSeconds ?? 1)))
    }

    private func beat(of slot: Int) -> (@Sendable () -> Void)? {
        guard let pulse else { return nil }
        return { pulse.beat(slot) }
    }

    private func candidate() -> RunID? {
        let now = ContinuousClock.now
        if let index = waiting.firstIndex(where: { $0.earliest.map { $0 <= now } ?? true }) {
            return waiting.remove(at: index).run
        }
        let taken = Set(running.keys).union(waiting.map(\.run)).union(stuck)
        do {
            return try store.queue(limit: taken.count + 1).first { !taken.contains($0.id) }?.id
        } catch {
            log.error("the queue cannot be read", metadata: ["reason": "\(error)"])
            return nil
        }
    }

    private func work(_ id: RunID, _ live: LiveRun) {
        var log = log
        log[metadataKey: "run"] = "\(id)"
        live.enterThread()
        let outcome = Result { try withMemory(id, live) { run in try compute(self, run, live, log) } }
        LiveRun.leaveThread()
        settle(id, live, outcome, log)
        // A daemon that rests, or begins a small run after a large one, gives back what the last run had.
        nasd_release_free_memory()
    }

    private func execute(_ run: StoredRun, _ live: LiveRun, _ log: Logger) throws -> RunOutcome {
        let id = run.id
        // Before anything is read or computed: whatever ends the process from here on is seen to have ended this run.
        if run.state == .queued, !live.control.isAsked {
            try store.transition(
                run: id, to: .preparing, event: EventDraft(.runStarted), time: Timestamp(Date()))
        }
        guard !live.control.isAsked else { return .stopped(live.control.decide()) }
        let workers = workers(for: try run.specification())
        let pool = try WorkerPool(count: workers, kernels: kernels, begin: live.enterThread)
        guard let read = try settings.roots.inputs(of: run, workers: workers, control: live.control),
            let inputs = try settled(read, run, live, pool)
        else { return .stopped(live.control.decide()) }
        live.begin(inputs, workers: workers)
        let allowsNumericsChange = condition.withLock { allowedNumericsChange.remove(id) != nil }
        let coordinator = try RunCoordinator(
            store: store, run: id, inputs: inputs,
            pool: pool, kernels: kernels, control: live.control, commands: settings.commands,
            connections: settings.connections, log: log
        ) { [self] progress in
            live.take(progress)
            guard case .recovered = progress else { return }
            condition.withLock {
                recovering.remove(id)
                // Whatever kept it from going on is over; how often it did is still counted.
                troubles[id]?.isOver = true
                condition.broadcast()
            }
        }
        return try coordinator.execute(allowsNumericsChange: allowsNumericsChange)
    }

    /// The inputs with what the run file leaves open until the run begins.
    private func settled(
        _ inputs: RunInputs, _ run: StoredRun, _ live: LiveRun, _ pool: WorkerPool
    ) throws -> RunInputs? {
        try inputs.settled(
            as: run, in: store, pool: pool, kernels: kernels, control: live.control, measure: measure
        ) { settled in
            try condition.withLock {
                // Its limits may have been changed meanwhile.
                let now = try store.run(run.id)
                try store.setLimits(
                    run.id, runYAML: now.specification().settled(as: settled).resolvedYAML, priority: now.priority,
                    time: Timestamp(Date()))
            }
        }
    }
}
