public import SearchSpaces
public import Store

/// What a run tells whoever watches it.
public enum RunProgress: Sendable {
    /// Something to be read once, such as a checkpoint that was passed over.
    case notice(String)
    /// Something about the data that is probably not meant, with what to do.
    case warning(String)
    /// A checkpoint of the run is loaded, or there was none: it goes on from this step.
    case recovered(step: Int)
    /// The run is in a state.
    case state(RunState)
    /// A training step is done.
    case trained(step: Int, of: Int, loss: Double)
    /// The step that was just done has a record, which is not written yet.
    case recorded(TrainingRecord)
    /// Training is done, and has executed so many multiply-adds in all, teachers and what the sampler measured counted.
    case executed(multiplyAdds: Int)
    /// Candidates of a round are measured; `best` is the best feasible value of the first objective so far.
    case searched(round: Int, evaluations: Int, of: Int, best: Double?)
    /// The network of a finalist is trained alone, for a stage.
    case finalist(candidate: Int, stage: MeasurementStage, step: Int, of: Int)
    /// Finalists are measured on a part of the data.
    case validated(part: String, finalists: Int)
}

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
