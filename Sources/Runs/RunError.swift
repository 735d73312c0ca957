public import Documents

/// Why a run and what it names do not go together.
public enum RunError: UserInputError, Hashable {
    /// No space of the name exists in any of the places searched.
    case spaceNotFound(name: String, searched: [String])
    /// No file has the name of a space, and several spaces give it themselves.
    case ambiguousSpace(name: String, files: [String])
    /// The images of a format are not those that the space reads.
    case unfitData(format: String, expected: String, found: String)
    /// The space does not answer what the task asks.
    case unfitTask(task: String, expected: [String], signature: String)
    /// Neither the space nor the task has a metric.
    case unknownMetric(place: String, metric: String, known: [String])
    /// No architecture of the space can keep a constraint.
    case unsatisfiable(metric: String, bound: String, range: String)
    /// No architecture of the space keeps all constraints together.
    case contradicting(constraints: String)

    public var isNotFound: Bool { if case .spaceNotFound = self { true } else { false } }

    public var beginsWithPlace: Bool {
        switch self {
        case .ambiguousSpace, .unsatisfiable, .contradicting: false
        case .spaceNotFound, .unfitData, .unfitTask, .unknownMetric: true
        }
    }

    /// What was expected, what was found, and how to mend it.
    public var description: String {
        switch self {
        case .spaceNotFound(let name, let searched):
            "no search space '\(name)'; looked at \(searched.joined(separator: ", ")); "
                + "check the name, or name the path of a space file"
        case .ambiguousSpace(let name, let files):
            "several spaces call themselves '\(name)': \(files.joined(separator: ", ")); name the path of one"
        case .unfitData(let format, let expected, let found):
            "data.format: the space expects \(expected), \(format) has \(found); choose another space or other data"
        case .unfitTask(let task, let expected, let signature):
            "task.kind: the space reads \(signature), which \(task) cannot be learned of; "
                + (expected.isEmpty
                    ? "leave task out, since its networks live elsewhere, or choose another space"
                    : "write \(expected.joined(separator: " or ")), or choose another space")
        case .unknownMetric(let place, let metric, let known):
            "\(place): neither the space nor the task has '\(metric)'; "
                + (Spelling.nearest(to: metric, among: known).map { "did you mean '\($0)'? " } ?? "")
                + "there are \(known.joined(separator: ", "))"
        case .unsatisfiable(let metric, let bound, let range):
            "search.constraints: no architecture of the space has \(metric) \(bound); the space ranges \(range), "
                + "so choose a bound within it or another space"
        case .contradicting(let constraints):
            "search.constraints: no architecture of the space keeps all of them together: \(constraints); loosen one, "
                + "or choose another space"
        }
    }
}
