/// The closed list of event types.
public enum EventType: String, Sendable, Hashable, CaseIterable, Codable {
    /// A run was handed in or waits again.
    case runQueued = "run.queued"
    /// A run began to work.
    case runStarted = "run.started"
    /// A run went on after a stop of the process.
    case runRecovered = "run.recovered"
    /// A run paused.
    case runPaused = "run.paused"
    /// A run goes on after a pause or a failure.
    case runResumed = "run.resumed"
    /// A run ended well.
    case runCompleted = "run.completed"
    /// A run failed.
    case runFailed = "run.failed"
    /// A run was cancelled.
    case runCancelled = "run.cancelled"
    /// A run got further.
    case runProgress = "run.progress"
    /// A round ended.
    case searchRound = "search.round"
    /// The front changed.
    case searchFront = "search.front"
    /// Training went back to the last good checkpoint.
    case trainingRollback = "training.rollback"
    /// The daemon started.
    case daemonStarted = "daemon.started"
    /// The daemon works under a limit, such as low disk.
    case daemonDegraded = "daemon.degraded"
    /// The limit is gone.
    case daemonRecovered = "daemon.recovered"
    /// A test message.
    case webhookTest = "webhook.test"

    /// Whether events of this type belong to the daemon and not to a run.
    public var isOfDaemon: Bool { rawValue.hasPrefix("daemon.") || self == .webhookTest }
}
