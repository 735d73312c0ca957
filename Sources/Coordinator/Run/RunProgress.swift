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
    /// Candidates of a round are measured; `best` is the best feasible value of the first objective so far.
    case searched(round: Int, evaluations: Int, of: Int, best: Double?)
    /// Finalists are measured on a part of the data.
    case validated(part: String, finalists: Int)
}
