internal import Foundation
internal import Logging
internal import Runs
internal import SearchSpaces
internal import Store
internal import Tensors
internal import Training

/// What every phase of a run works with: the run and its inputs, where results go, who computes, and how far it is.
final class RunContext {
    let store: RunStore
    let run: RunID
    let inputs: RunInputs
    let pool: WorkerPool
    let kernels: Kernels
    let control: RunControl
    let plan: RoundPlan
    let metrics: RunMetrics
    let numerics: String
    /// The latencies that the evaluator does not have; nil for none.
    let latency: RunLatency?
    /// How often the run was extended after it had completed.
    let extensions: Int
    let log: Logger
    let report: (RunProgress) -> Void
    /// Where the run is.
    private(set) var state: RunState
    /// The training step of the weights; 0 where nothing is trained.
    var step = 0
    /// The search's state after its last finished round.
    var search: RoundState?

    init(
        store: RunStore, run: RunID, inputs: RunInputs, pool: WorkerPool, kernels: Kernels, control: RunControl,
        log: Logger, report: @escaping (RunProgress) -> Void
    ) throws {
        self.store = store
        self.run = run
        self.inputs = inputs
        self.pool = pool
        self.kernels = kernels
        self.control = control
        self.log = log
        self.report = report
        state = try store.run(run).state
        metrics = try store.run(run).metrics()
        extensions = try store.extensions(run)
        numerics = inputs.numerics(kernels)
        latency = RunLatency(
            inputs, folder: store.directory.runDirectory(run), kernels: kernels, control: control)
        plan = RoundPlan(inputs.specification)
    }

    var specification: RunSpecification { inputs.specification }

    var now: Timestamp { Timestamp(Date()) }

    /// Adds an event that a replay tells again, which then changes nothing; of a run that was extended, what differs from what
    /// was told of the shorter one is told anew.
    func append(_ event: EventDraft) throws {
        do {
            try store.appendEvent(run, event, time: now)
        } catch {
            guard case .conflictingReplay = error, let key = event.key, extensions > 0 else { throw error }
            try store.appendEvent(
                run, EventDraft(event.type, data: event.data, key: "\(key)-extended-\(extensions)"), time: now)
        }
    }

    /// Tells what is to be read once.
    func notice(_ text: String) {
        log.warning("\(text)")
        report(.notice(text))
    }

    /// Changes the state where it differs, with the event that tells it.
    func change(to next: RunState, _ event: EventDraft? = nil, failure: String? = nil) throws {
        guard state != next else { return }
        let event =
            event
            ?? EventDraft(
                .runProgress,
                data: EventData.object(["state": .text(next.rawValue), "step": .number(step)]))
        try store.transition(run: run, to: next, event: event, time: now, step: step, failure: failure)
        state = next
        report(.state(next))
    }
}

/// A JSON value of an event or of a line of a log, written the same way every time.
indirect enum EventData {
    case text(String)
    case number(Int)
    /// A number; null where it is not finite.
    case real(Double)
    case truth(Bool)
    case list([EventData])
    case fields([String: EventData])

    /// An object with sorted keys.
    static func object(_ fields: [String: EventData]) -> String {
        let parts = fields.sorted { $0.key < $1.key }.map { "\(JSONString.quoted($0.key)):\($0.value.json)" }
        return "{\(parts.joined(separator: ","))}"
    }

    private var json: String {
        switch self {
        case .text(let text): JSONString.quoted(text)
        case .number(let value): String(value)
        case .real(let value): value.isFinite ? "\(value)" : "null"
        case .truth(let value): value ? "true" : "false"
        case .fields(let fields): Self.object(fields)
        case .list(let items): "[\(items.map(\.json).joined(separator: ","))]"
        }
    }
}
