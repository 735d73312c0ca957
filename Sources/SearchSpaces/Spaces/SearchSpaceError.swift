public import Documents

/// What is wrong with a text that speaks of the architectures of a space.
public enum SearchSpaceError: UserInputError, Hashable {
    /// A genome does not belong to the space; without a text it is one of columns.
    case invalidGenome(text: String?, reason: String)
    /// A name is that of no space of another project that can be read.
    case unknownSource(name: String, reason: String)
    /// A text is no budget.
    case invalidBudget(text: String)

    /// What was expected and what was found.
    public var description: String {
        switch self {
        case .invalidGenome(let text, let reason): (text.map { "genome '\($0)': " } ?? "") + reason
        case .unknownSource(let name, let reason): "'\(name)': \(reason)"
        case .invalidBudget(let text):
            "expected one of \(CostBudget.known.map(\.name).joined(separator: ", ")), = and a number above 0, found "
                + "'\(text)'"
        }
    }
}
