/// What goes wrong in training.
public enum TrainingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The data and the space do not fit.
    case dataMismatch(what: String, expected: String, found: String)
    /// Settings name a sampler that is known by its settings alone.
    case noSampler(kind: String)
    /// Nothing in this program learns a task; nil where neither a run nor its space names one.
    case noTask(kind: String?)
    /// A network file tells of a task that this program does not know.
    case unknownTask(file: String, kind: String)
    /// A checkpoint is of another run, space, data or machine.
    case foreignCheckpoint(file: String, what: String, expected: String, found: String)
    /// A checkpoint's bytes are not those that were written.
    case damagedCheckpoint(file: String, reason: String)

    /// What, where and how to mend it.
    public var description: String {
        switch self {
        case .dataMismatch(let what, let expected, let found):
            "the data's \(what): the space expects \(expected), the data has \(found); "
                + "choose another space or other data"
        case .noSampler(let kind):
            "train.sampler.kind: this program cannot draw by '\(kind)'; use the release that took it"
        case .noTask(nil): "task.kind: neither the run nor its space says what is learned; name it"
        case .noTask(let kind?): "task.kind: this program cannot learn '\(kind)'; use the release that took it"
        case .unknownTask(let file, let kind):
            "\(file): its network has learned the task '\(kind)', which this version does not know; "
                + "measure it with the release that wrote it, or a later one"
        case .foreignCheckpoint(let file, let what, let expected, let found):
            "\(file): its \(what) is \(found), this run's is \(expected); it belongs to another run"
        case .damagedCheckpoint(let file, let reason):
            "\(file): damaged: \(reason)"
        }
    }
}
