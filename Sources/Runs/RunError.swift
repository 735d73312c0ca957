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
    /// Neither the space has a metric, nor what measures its architectures.
    case unknownMetric(place: String, metric: String, known: [String])
    /// Nothing says in which direction the metric of an objective is better.
    case openGoal(place: String, metric: String)
    /// The networks of the space live elsewhere, and cannot be trained here.
    case untrainable(space: String)
    /// The networks of the space need what is not computed yet.
    case missingParts(space: String, parts: [String])
    /// A setting asks of the task or of the space's networks what they cannot do.
    case unfitSetting(key: String, reason: String, remedy: String)
    /// The space has no decision of a name.
    case unknownDecision(place: String, decision: String, known: [String])
    /// A decision of the space is not asked for.
    case missingDecision(place: String, decision: String)
    /// A name stands for another number of decisions than there are columns.
    case otherColumns(place: String, expected: Int, found: Int)
    /// Nothing that was measured can keep a constraint.
    case unreachable(metric: String, bound: String, range: String)
    /// No architecture of the space can keep a constraint.
    case unsatisfiable(metric: String, bound: String, range: String)
    /// No architecture of the space keeps all constraints together.
    case contradicting(constraints: String)

    public var isNotFound: Bool { if case .spaceNotFound = self { true } else { false } }

    public var beginsWithPlace: Bool {
        switch self {
        case .ambiguousSpace, .unsatisfiable, .contradicting, .unreachable: false
        case .spaceNotFound, .unfitData, .unfitTask, .unknownMetric, .openGoal, .untrainable, .missingParts,
            .unfitSetting, .unknownDecision, .missingDecision, .otherColumns:
            true
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
            "\(place): the run has no metric '\(metric)'; "
                + (Spelling.nearest(to: metric, among: known).map { "did you mean '\($0)'? " } ?? "")
                + "there are \(known.joined(separator: ", "))"
        case .openGoal(let place, let metric):
            "\(place): expected one of maximize, minimize, found nothing; neither the evaluator nor the metrics of the space say "
                + "which of them is better for '\(metric)': write goal: minimize or goal: maximize beside it"
        case .untrainable(let space):
            "train: the networks of the space '\(space)' live elsewhere; take train out and name an evaluator that knows "
                + "them, such as a table, or choose another space"
        case .missingParts(let space, let parts):
            "train: the networks of the space '\(space)' need what this version does not compute: "
                + "\(parts.joined(separator: ", ")); take train out and name an evaluator, such as a command, or choose another "
                + "space"
        case .unfitSetting(let key, let reason, let remedy): "\(key): \(reason); \(remedy)"
        case .unknownDecision(let place, let decision, let known):
            "\(place): the space has no decision '\(decision.prefix(80))'; "
                + (Spelling.nearest(to: decision, among: known).map { "did you mean '\($0)'? " } ?? "")
                + "there are \(Self.list(known))"
        case .missingDecision(let place, let decision):
            "\(place): expected every decision of the space, found none of '\(decision)'; architectures that differ in it "
                + "alone would have one entry: add it"
        case .otherColumns(let place, let expected, let found):
            "\(place): expected a column for each of the \(expected) decisions, found \(found)"
        case .unreachable(let metric, let bound, let range):
            "search.constraints: nothing that was measured has \(metric) \(bound); the values range \(range), so choose a "
                + "bound within that"
        case .unsatisfiable(let metric, let bound, let range):
            "search.constraints: no architecture of the space has \(metric) \(bound); the space ranges \(range), "
                + "so choose a bound within it or another space"
        case .contradicting(let constraints):
            "search.constraints: no architecture of the space keeps all of them together: \(constraints); loosen one, "
                + "or choose another space"
        }
    }

    /// The first of some names.
    private static func list(_ names: [String]) -> String {
        names.prefix(20).joined(separator: ", ") + (names.count > 20 ? " and \(names.count - 20) more" : "")
    }
}
