/// What goes wrong when spaces, runs and genomes are read.
public enum SearchSpaceError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A file breaks its rules; every fault found is listed, in file order.
    case invalidFile(file: String, faults: [FileFault])
    /// A file cannot be read.
    case unreadableFile(file: String, reason: String)
    /// No space of the name exists in any of the places searched.
    case spaceNotFound(name: String, searched: [String])
    /// No file has the name of a space, and several spaces give it themselves.
    case ambiguousSpace(name: String, files: [String])
    /// The images of a format are not those that the space reads.
    case unfitData(format: String, expected: String, found: String)
    /// No architecture of the space can keep a constraint.
    case unsatisfiable(metric: String, bound: String, range: String)
    /// No architecture of the space keeps all constraints together.
    case contradicting(constraints: String)
    /// A genome does not belong to the space.
    case invalidGenome(text: String, reason: String)
    /// A text is no budget.
    case invalidBudget(text: String)

    /// The error in words, one line for each fault.
    public var description: String {
        switch self {
        case .invalidFile(let file, let faults):
            faults.map { $0.text(file: file) }.joined(separator: "\n")
        case .unreadableFile(let file, let reason):
            "\(file): \(reason)"
        case .spaceNotFound(let name, let searched):
            "no search space '\(name)'; looked at \(searched.joined(separator: ", ")); "
                + "check the name, or name the path of a space file"
        case .ambiguousSpace(let name, let files):
            "several spaces call themselves '\(name)': \(files.joined(separator: ", ")); name the path of one"
        case .unfitData(let format, let expected, let found):
            "data.format: the space expects \(expected), \(format) has \(found); choose another space or other data"
        case .unsatisfiable(let metric, let bound, let range):
            "search.constraints: no architecture of the space has \(metric) \(bound); the space ranges \(range), "
                + "so choose a bound within it or another space"
        case .contradicting(let constraints):
            "search.constraints: no architecture of the space keeps all of them together: \(constraints); loosen one, "
                + "or choose another space"
        case .invalidGenome(let text, let reason):
            "genome '\(text)': \(reason)"
        case .invalidBudget(let text):
            "expected multiplyAdds or params, = and a number above 0, found '\(text)'"
        }
    }
}
