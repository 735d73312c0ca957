/// What asks the coordinator to stop, set from any thread or signal handler.
public enum RunRequest: Int, Sendable {
    /// Go on.
    case none = 0
    /// Stop with a checkpoint; the state stays, so that the next start goes on.
    case stop = 1
    /// Pause.
    case pause = 2
    /// Cancel.
    case cancel = 3
}
