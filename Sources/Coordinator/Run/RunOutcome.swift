/// How the coordinator came to an end.
public enum RunOutcome: Sendable, Equatable, CustomStringConvertible {
    /// The run is completed.
    case completed
    /// The run failed; it can be resumed.
    case failed(reason: String)
    /// It was asked to stop, pause or cancel, and did.
    case stopped(RunRequest)

    /// In words, for the log.
    public var description: String {
        switch self {
        case .completed: "completed"
        case .failed(let reason): "failed: \(reason)"
        case .stopped(.pause): "paused"
        case .stopped(.cancel): "cancelled"
        case .stopped: "stopped"
        }
    }
}
