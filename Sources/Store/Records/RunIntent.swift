/// What a user wants of a run; it acts at the end of the current step.
public enum RunIntent: String, Sendable, Hashable, CaseIterable, Codable {
    /// Go on.
    case running
    /// Pause.
    case paused
    /// Cancel.
    case cancelled
}
