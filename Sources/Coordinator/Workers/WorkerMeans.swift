internal import Logging
internal import Runs
internal import SearchSpaces
internal import Store

/// What processes of the user's own are started with, and where what they say is kept.
struct WorkerMeans {
    let store: RunStore
    let run: RunID
    /// The daemon's commands, for a run that has none of its own.
    let commands: [WorkerCommand]
    /// The workers that have connected to the daemon; nil where none do.
    let connections: WorkerConnections?
    let log: Logger
    /// The processes, once there are some.
    let crew = WorkerCrew()
    /// The step of the weights that are measured.
    let step: () -> Int
    /// Tells of a slot, as an event of the run.
    let tell: (EventType, _ slot: Int, _ reason: String) throws -> Void

    init(_ context: RunContext, commands: [WorkerCommand], connections: WorkerConnections? = nil) {
        store = context.store
        run = context.run
        self.commands = commands
        self.connections = connections
        log = context.log
        step = { [unowned context] in context.step }
        tell = { [unowned context] type, slot, reason in
            let data = EventData.object(["slot": .number(slot), "reason": .text(reason)])
            try context.store.appendEvent(context.run, EventDraft(type, data: data), time: context.now)
        }
    }

    /// Where logs of slots and their own folders are.
    var folder: String { store.directory.runDirectory(run) + "/workers" }

    /// What that is called from within the data directory.
    var folderName: String { "runs/\(run.text)/workers" }

    /// Whether a worker has trained or measured before, in an earlier start of the run as well.
    func hasHeard() throws(StoreError) -> Bool {
        if step() > 0 { return true }
        return try store.hasAnswers(run)
    }
}
