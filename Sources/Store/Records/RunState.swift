/// Where a run is.
///
/// `queued → preparing → training ⇄ searching → validating → completed | failed | cancelled`, and `paused`.
public enum RunState: String, Sendable, Hashable, CaseIterable, Codable {
    /// Waits for its turn.
    case queued
    /// Reads its data and builds its network.
    case preparing
    /// Trains the shared network.
    case training
    /// Measures candidates.
    case searching
    /// Measures the finalists on all data.
    case validating
    /// Stopped on request; resumable.
    case paused
    /// Ended well.
    case completed
    /// Ended with a fault; resumable.
    case failed
    /// Ended on request.
    case cancelled

    /// Whether work is under way or waiting.
    public var isLive: Bool {
        switch self {
        case .queued, .preparing, .training, .searching, .validating: true
        case .paused, .completed, .failed, .cancelled: false
        }
    }

    /// Whether the run is over, well or not.
    public var isEnded: Bool { self == .completed || self == .failed || self == .cancelled }

    /// Whether the run may be deleted.
    public var isDeletable: Bool { !isLive }

    /// Whether one step of the state machine leads to `next`.
    ///
    /// A paused or failed run resumes in any live state, so that it can go on where it stopped. A run that has lost its
    /// newest checkpoint goes back from validating to training; one without finalists completes without validating.
    public func canBecome(_ next: RunState) -> Bool {
        switch (self, next) {
        case (.queued, .preparing), (.preparing, .training), (.preparing, .searching), (.preparing, .validating),
            (.training, .searching), (.searching, .training),
            (.searching, .validating), (.validating, .training), (.validating, .completed),
            (.preparing, .completed), (.training, .completed), (.searching, .completed):
            true
        case (.paused, .cancelled): true
        case (.paused, _), (.failed, _): next.isLive
        case (_, .paused), (_, .failed), (_, .cancelled): isLive
        default: false
        }
    }
}

/// What a user wants of a run; it acts at the end of the current step.
public enum RunIntent: String, Sendable, Hashable, CaseIterable, Codable {
    /// Go on.
    case running
    /// Pause.
    case paused
    /// Cancel.
    case cancelled
}
