/// How the coordinator came to an end.
public enum RunOutcome: Sendable, Equatable {
    /// The run is completed.
    case completed
    /// The run failed; it can be resumed.
    case failed(reason: String)
    /// It was asked to stop, pause or cancel, and did.
    case stopped(RunRequest)
}
